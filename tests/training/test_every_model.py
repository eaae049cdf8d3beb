"""Training is repeatable whichever network is trained."""

import pytest
import torch

from spectralmamba.training.loop import fit
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.train import seeded_model
from tests.models.helpers import random_input

from .test_loop import CPU, problem, weights

NETWORKS = ["casrnn", "cnn", "mamba", "mlp", "spectralformer", "spectralmamba"]


@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("name", NETWORKS)
def test_same_seed_gives_the_same_bits_and_leaves_the_global_generator(name, patch_size):
    options = TrainingOptions(epochs=2, batch_size=16)
    trained = []
    torch.manual_seed(5)
    expected = torch.rand(3)
    for global_seed in (5, 6):  # must not matter
        torch.manual_seed(global_seed)
        shape = {"n_bands": 12, "n_classes": 2, "patch_size": patch_size}
        model = seeded_model(name, shape, options.seed, CPU)
        size = random_input(model, 1).shape[-1] if patch_size > 1 else None
        fit(model, problem(48, size=size), None, options)
        if global_seed == 5:
            assert torch.equal(torch.rand(3), expected)
        trained.append(weights(model))
    assert trained[0] == trained[1]
