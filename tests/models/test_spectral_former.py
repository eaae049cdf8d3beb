"""SpectralFormer: embedding of groups, fusion across layers, and sizes against the published ones."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spectralmamba.errors import ConfigError
from spectralmamba.models import SpectralFormerConfig, count_costs, create_model
from spectralmamba.models.registry import model_config, model_options
from spectralmamba.models.spectral_former import Fusion, GroupEmbedding

from .helpers import random_input, random_model
from .test_costs import count_of_one_sample
from .test_predictor_bits import assert_independent_of_company

BOTSWANA = {"n_bands": 145, "n_classes": 14}
SMALL = {"n_bands": 8, "n_classes": 3, "dim": 6, "heads": 2, "head_size": 3, "mlp_size": 4}


def parameters_of(model, *, without=()):
    return sum(p.numel() for name, p in model.named_parameters() if name not in without)


def test_released_has_the_size_of_the_authors_code():
    """3 fusions, embedding, position and class token, 5 layers, head; written out layer by layer."""
    model = create_model("spectralformer", **BOTSWANA, patch_size=7, configuration="released")
    fusion, embedding, position = 3 * (2 * 146**2 + 146), 3 * 49 * 64 + 64, 146 * 64 + 64
    attention, perceptron, norms = 64 * 192 + 64 * 64 + 64, 2 * 64 * 8 + 8 + 64, 4 * 64
    head = 2 * 64 + 64 * 14 + 14
    expected = fusion + embedding + position + 5 * (attention + perceptron + norms) + head
    assert parameters_of(model) == expected == 237_252


def test_compact_is_the_model_that_spectralmambas_authors_compare_with():
    """Their figures to the last digit: 74.03 K parameters and 685.89 M MACs for a batch of 64.

    They follow where class token and position are not counted, which are no layers, and layer norms are, at four
    operations a value.
    """
    model = create_model("spectralformer", **BOTSWANA)
    assert parameters_of(model, without=("class_token", "position.embedding")) == 74_030
    norms = 4 * (8 * 146 * 64 + 64)
    assert round(64 * (count_costs(model).macs + norms) / 1e6, 2) == 685.89


@pytest.mark.parametrize(
    ("options", "parameters", "macs"),
    [
        ({}, 83_438, 10_417_728),
        ({"patch_size": 1}, 81_902, 10_195_008),
        ({"fusion": True}, 168_994, 15_874_624),
        ({"configuration": "released", "patch_size": 7}, 237_252, 22_258_240),
        ({"configuration": "released", "patch_size": 7, "fusion": False}, 108_918, 14_072_896),
    ],
)
def test_sizes_at_botswanas_bands_and_classes(options, parameters, macs):
    costs = count_costs(create_model("spectralformer", **BOTSWANA, **options))
    assert (costs.parameters, costs.macs) == (parameters, macs)


def test_fields_override_the_configuration_and_options_make_it_again():
    config = SpectralFormerConfig(8, 3, configuration="released", depth=3, fusion=False)
    assert config.sizes == (64, 3, 4, 16, 8, 3, False)
    again = model_config("spectralformer", **model_options(create_model("spectralformer", **vars(config))))
    assert again == config


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"configuration": "large"}, "configuration is 'large'; use one of: compact, released"),
        ({"group_size": 2}, "group_size is 2; it has to be odd"),
        ({"heads": 0}, "heads is 0"),
        ({"dim": 2.5}, "dim is 2.5; it has to be a whole number"),
        ({"fusion": 1}, "fusion is 1; it has to be true or false"),
        ({"fusion": "yes"}, "fusion is 'yes'"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        create_model("spectralformer", n_bands=8, n_classes=3, **options)


@pytest.mark.parametrize("group_size", [1, 3, 7])
@pytest.mark.parametrize("n_bands", [1, 2, 9])
@pytest.mark.parametrize("n_pixels", [1, 9])
def test_a_token_sees_its_neighbouring_bands_and_the_edge_repeated(group_size, n_bands, n_pixels):
    torch.manual_seed(0)
    embedding, bands = GroupEmbedding(n_pixels, group_size, 4), torch.randn(2, n_bands, n_pixels)
    with torch.no_grad():
        tokens = embedding(bands)
    weight = embedding.weight.reshape(4, n_pixels, group_size)
    for band in range(n_bands):
        around = np.clip(np.arange(band - group_size // 2, band + group_size // 2 + 1), 0, n_bands - 1)
        expected = torch.einsum("bgp,opg->bo", bands[:, around], weight) + embedding.bias
        torch.testing.assert_close(tokens[:, band], expected)


def test_fusion_maps_all_tokens_of_both_at_each_position():
    torch.manual_seed(0)
    fusion, tokens, earlier = Fusion(5), torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    expected = (
        torch.einsum("btd,st->bsd", tokens, fusion.weight[:, :, 0, 0])
        + torch.einsum("btd,st->bsd", earlier, fusion.weight[:, :, 0, 1])
        + fusion.bias[:, None]
    )
    torch.testing.assert_close(fusion(tokens, earlier), expected)


def test_from_the_third_on_a_layer_is_given_the_fusion_with_what_was_given_two_before():
    model = random_model("spectralformer", **SMALL, depth=5, fusion=True)
    assert len(model.fusions) == 3
    tokens = torch.randn(2, 9, 6)
    with torch.no_grad():
        z = [tokens]  # z(l): after l layers
        for k, layer in enumerate(model.layers):
            given = z[k] if k < 2 else model.fusions[k - 2](z[k], z[k - 2])
            z.append(layer(given))
        torch.testing.assert_close(model.encode(tokens), z[-1])


@pytest.mark.parametrize("depth", [1, 2])
def test_two_layers_or_fewer_have_nothing_to_fuse(depth):
    model = random_model("spectralformer", **SMALL, depth=depth, fusion=True)
    assert len(model.fusions) == 0
    with torch.no_grad():
        assert torch.isfinite(model(random_input(model, 2))).all()


def test_the_class_token_knows_where_in_the_spectrum_a_band_lies():
    model = random_model("spectralformer", **SMALL, patch_size=1)
    x = random_input(model, 4)
    with torch.no_grad():
        assert (model(x) - model(x.flip(1))).abs().max() > 1e-3


@st.composite
def options_of(draw):
    return {
        "n_bands": draw(st.integers(1, 20)),
        "n_classes": draw(st.integers(2, 9)),
        "patch_size": draw(st.sampled_from([1, 3, 5])),
        "configuration": draw(st.sampled_from(["compact", "released"])),
        "dim": draw(st.integers(1, 20)),
        "depth": draw(st.integers(1, 5)),
        "heads": draw(st.integers(1, 3)),
        "head_size": draw(st.integers(1, 6)),
        "mlp_size": draw(st.integers(1, 9)),
        "group_size": draw(st.sampled_from([1, 3, 5])),
        "fusion": draw(st.booleans()),
    }


@given(options_of())
@settings(max_examples=30, deadline=None)
def test_macs_are_those_that_hooks_count(options):
    model = create_model("spectralformer", **options)
    costs = count_costs(model)
    assert costs.macs == count_of_one_sample(model)
    tokens = options["n_bands"] + 1
    attention = 2 * tokens**2 * options["heads"] * options["head_size"]
    assert costs.macs_with_scan - costs.macs == options["depth"] * attention


@pytest.mark.parametrize("patch_size", [1, 3])
def test_fusion_is_independent_of_company(patch_size, threads):
    options = {"n_bands": 23, "n_classes": 5, "patch_size": patch_size, "configuration": "released", "depth": 3}
    assert_independent_of_company(random_model("spectralformer", **options), threads)
