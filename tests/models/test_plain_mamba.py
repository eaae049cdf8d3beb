"""Plain Mamba: SpectralMamba without PSS and GSSM, and what those two save."""

import pytest
import torch

from spectralmamba.models import count_costs, create_model

from .helpers import random_input, random_model
from .test_costs import count_of_one_sample


@pytest.mark.parametrize("pooling", ["flatten", "mean"])
@pytest.mark.parametrize("position", ["none", "learned"])
def test_pixelwise_it_is_spectralmamba_with_pieces_of_one_band(pooling, position):
    options = {"n_bands": 12, "n_classes": 3, "patch_size": 1, "dim": 6, "depth": 2, "state_size": 4}
    options |= {"pooling": pooling, "position": position}
    model = random_model("mamba", **options)
    same = create_model("spectralmamba", **options, piece_size=1, whitening="none").eval()
    same.load_state_dict({k.replace("embedding.", "pss.embedding.", 1) if k.startswith("embedding") else k: v
                          for k, v in model.state_dict().items()})  # fmt: skip
    x = random_input(model, 5)
    assert torch.equal(model(x), same(x))
    assert count_costs(model) == count_costs(same)


def test_patchwise_the_token_of_a_band_is_made_of_its_values_in_the_patch():
    model = random_model("mamba", n_bands=4, n_classes=3, patch_size=3)
    x = random_input(model, 2)
    seen = []
    model.embedding.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    with torch.no_grad():
        model(x)
    assert seen[0].shape == (2, 4, 9)
    for band in range(4):
        assert torch.equal(seen[0][:, band], x[:, band].flatten(1))


@pytest.mark.parametrize("pooling", ["flatten", "mean"])
@pytest.mark.parametrize("patch_size", [1, 5])
def test_macs_are_those_that_hooks_count(pooling, patch_size):
    options = {"dim": 7, "depth": 2, "expansion": 2, "pooling": pooling}
    model = create_model("mamba", n_bands=13, n_classes=3, patch_size=patch_size, **options)
    costs = count_costs(model)
    assert costs.macs == count_of_one_sample(model)
    assert costs.macs_with_scan - costs.macs == 2 * 13 * 14 * (4 * 16 + 2)


@pytest.mark.parametrize(("patch_size", "parameters", "macs"), [(1, 46_014, 333_500), (3, 46_174, 356_700)])
def test_sizes_at_botswanas_bands_and_classes(patch_size, parameters, macs):
    costs = count_costs(create_model("mamba", n_bands=145, n_classes=14, patch_size=patch_size))
    assert (costs.parameters, costs.macs) == (parameters, macs)


def test_what_pss_saves_is_as_documented():
    """The paper: about 79 % of the parameters and 46 % of the MACs."""
    plain, ours = (
        count_costs(create_model(name, n_bands=145, n_classes=14, patch_size=1)) for name in ("mamba", "spectralmamba")
    )
    assert round(100 * (1 - ours.parameters / plain.parameters)) == 78
    assert round(100 * (1 - ours.macs / plain.macs)) == 82
