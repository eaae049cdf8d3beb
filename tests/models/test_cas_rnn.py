"""CasRNN: its groups, its order, and its size against the published one."""

import pytest
import torch

from spectralmamba.models import CasRNNConfig, count_costs, create_model

from .helpers import random_input, random_model
from .test_costs import count_of_one_sample

SMALL = {"n_bands": 10, "n_classes": 3, "n_groups": 4, "hidden": 5, "second_hidden": 6}


@pytest.mark.parametrize(
    ("n_bands", "n_groups", "length", "group_size"),
    [(145, 4, 4, 37), (144, 4, 4, 36), (145, 5, 5, 29), (25, 10, 9, 3), (3, 4, 3, 1), (1, 4, 1, 1), (7, 1, 1, 7)],
)
def test_groups_hold_every_band_and_none_is_all_repetition(n_bands, n_groups, length, group_size):
    config = CasRNNConfig(n_bands, 3, n_groups=n_groups)
    assert (config.length, config.group_size) == (length, group_size)
    assert (length - 1) * group_size < n_bands <= length * group_size


def test_groups_are_adjacent_bands_and_the_last_is_filled_up_with_the_last_band():
    model = create_model("casrnn", **SMALL, patch_size=1)
    groups = model.groups(torch.arange(10.0)[None, :, None])
    assert groups[0, :, :, 0].tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 9, 9]]


@pytest.mark.parametrize("patch_size", [1, 3])
def test_it_is_a_gru_within_groups_and_one_across_them(patch_size):
    model = random_model("casrnn", **SMALL, patch_size=patch_size)
    x = random_input(model, 2)
    bands = x.reshape(2, 10, -1)
    with torch.no_grad():
        features = [
            model.within(bands[:, [min(3 * g + t, 9) for t in range(3)]]) for g in range(4)
        ]  # the same GRU for all
        expected = model.classifier(model.across(torch.stack(features, dim=1)))
        torch.testing.assert_close(model(x), expected)


def test_a_group_is_summed_up_alone_and_order_counts():
    model = random_model("casrnn", **SMALL | {"n_bands": 12}, patch_size=1)
    x = random_input(model, 2)
    with torch.no_grad():
        bands = x[:, :, None]
        swapped = x.reshape(2, 4, 3)[:, [1, 0, 2, 3]].reshape(2, 12)
        features = model.within(model.groups(bands).flatten(0, 1)).unflatten(0, (2, 4))
        others = model.within(model.groups(swapped[:, :, None]).flatten(0, 1)).unflatten(0, (2, 4))
        torch.testing.assert_close(features[:, [1, 0, 2, 3]], others)
        assert (model(x) - model(swapped)).abs().max() > 1e-3


@pytest.mark.parametrize("n_groups", [1, 4, 30])
@pytest.mark.parametrize("patch_size", [1, 3])
def test_macs_are_those_that_hooks_count(n_groups, patch_size):
    model = create_model("casrnn", **SMALL | {"n_bands": 23, "n_groups": n_groups}, patch_size=patch_size)
    assert count_costs(model).macs == count_of_one_sample(model)


@pytest.mark.parametrize(("patch_size", "parameters", "macs"), [(1, 350_350, 8_514_560), (3, 353_422, 8_969_216)])
def test_sizes_at_botswanas_bands_and_classes(patch_size, parameters, macs):
    costs = count_costs(create_model("casrnn", n_bands=145, n_classes=14, patch_size=patch_size))
    assert (costs.parameters, costs.macs) == (parameters, macs)
