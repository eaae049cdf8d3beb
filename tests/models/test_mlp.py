"""MLP: its formula and its size."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from spectralmamba.models import count_costs, create_model

from .helpers import random_input, random_model
from .test_costs import count_of_one_sample


@pytest.mark.parametrize("patch_size", [1, 3])
def test_it_is_linear_layers_with_relu_on_all_values_in_a_row(patch_size):
    model = random_model("mlp", n_bands=5, n_classes=3, patch_size=patch_size, hidden=4)
    x = random_input(model, 6)
    first, second = (layer for layer in model.hidden if isinstance(layer, nn.Linear))
    h = functional.relu(x.reshape(6, -1) @ first.weight.T + first.bias)
    h = functional.relu(h @ second.weight.T + second.bias)
    expected = h @ model.classifier.weight.T + model.classifier.bias
    with torch.no_grad():
        torch.testing.assert_close(model(x), expected)


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("patch_size", [1, 5])
def test_macs_are_those_that_hooks_count(depth, patch_size):
    model = create_model("mlp", n_bands=11, n_classes=3, patch_size=patch_size, hidden=6, depth=depth)
    assert count_costs(model).macs == count_of_one_sample(model)


@pytest.mark.parametrize(("patch_size", "parameters"), [(1, 14_414), (3, 88_654)])
def test_sizes_at_botswanas_bands_and_classes(patch_size, parameters):
    model = create_model("mlp", n_bands=145, n_classes=14, patch_size=patch_size)
    assert count_costs(model).parameters == parameters
