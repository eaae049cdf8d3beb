"""CNN: where it looks, that a scene can be convolved once, and its size."""

import numpy as np
import pytest
import torch
from torch import nn

from spectralmamba.errors import ConfigError
from spectralmamba.models import count_costs, create_model

from .helpers import random_input, random_model
from .test_costs import count_of_one_sample


@pytest.mark.parametrize(("depth", "kernel_size"), [(1, 3), (2, 5), (3, 7), (6, 1)])
@pytest.mark.parametrize("n_bands", [1, 2, 17, 40])
def test_macs_along_the_spectrum_are_those_that_hooks_count(depth, kernel_size, n_bands):
    options = {"depth": depth, "kernel_size": kernel_size, "channels": 4}
    model = create_model("cnn", n_bands=n_bands, n_classes=3, patch_size=1, **options)
    costs = count_costs(model)
    assert costs.macs == costs.macs_dense == count_of_one_sample(model)


@pytest.mark.parametrize("patch_size", [3, 5, 9])
def test_macs_in_the_patch_are_those_that_hooks_count(patch_size):
    model = create_model("cnn", n_bands=7, n_classes=3, patch_size=patch_size, channels=5)
    assert count_costs(model).macs == count_of_one_sample(model)


@pytest.mark.parametrize("patch_size", [3, 5])
def test_a_pixel_of_a_scene_convolved_at_once_has_the_logits_of_its_patch(patch_size):
    """Without padding and with a norm of each position's channels, a pixel does not know the patch it is seen from."""
    model = random_model("cnn", n_bands=6, n_classes=4, patch_size=patch_size, channels=8)
    scene = torch.from_numpy(np.random.default_rng(0).normal(size=(1, 6, 12, 11)).astype(np.float32))
    x, r = scene, model.radius
    with torch.no_grad():
        for convolution, norm in zip(model.features.convolutions, model.features.norms, strict=True):
            x = norm(convolution(x)).relu()
        dense = model.classifier(x.movedim(1, -1))[0]  # (12 − 2r, 11 − 2r, K)
        patches = scene[0].unfold(1, 2 * r + 1, 1).unfold(2, 2 * r + 1, 1).permute(1, 2, 0, 3, 4)
        one_by_one = model(patches.flatten(0, 1)).unflatten(0, dense.shape[:2])
    torch.testing.assert_close(dense, one_by_one, rtol=1e-4, atol=1e-5)
    in_scene = sum(layer.weight.numel() for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear))
    assert count_costs(model).macs_dense == in_scene


def test_features_along_the_spectrum_are_local():
    model = random_model("cnn", n_bands=64, n_classes=2, patch_size=1, depth=1, kernel_size=5, channels=3)
    x = random_input(model, 2)
    changed = x.clone()
    changed[:, 20] += 1
    with torch.no_grad():
        features, others = (model.features(v).reshape(2, 3, 32) for v in (x, changed))
    differs = (features != others).any(dim=0).any(dim=0)
    reached = torch.nonzero(differs).ravel()
    assert reached.min() >= 9  # pools of bands 18 and 19 …
    assert reached.max() <= 11  # … to 22 and 23
    assert len(reached) > 0


def test_every_pixel_of_the_patch_counts():
    model = random_model("cnn", n_bands=4, n_classes=3, patch_size=5)
    x = random_input(model, 3)
    with torch.no_grad():
        before = model(x)
        for row in range(5):
            for column in range(5):
                changed = x.clone()
                changed[:, :, row, column] = -changed[:, :, row, column]
                assert (model(changed) - before).abs().max() > 0, (row, column)


def test_an_even_kernel_is_refused():
    with pytest.raises(ConfigError, match="kernel_size is 4; it has to be odd"):
        create_model("cnn", n_bands=4, n_classes=3, kernel_size=4)


@pytest.mark.parametrize(("patch_size", "parameters", "macs"), [(1, 23_374, 829_472), (3, 14_510, 51_424)])
def test_sizes_at_botswanas_bands_and_classes(patch_size, parameters, macs):
    costs = count_costs(create_model("cnn", n_bands=145, n_classes=14, patch_size=patch_size))
    assert (costs.parameters, costs.macs) == (parameters, macs)
