"""A call without gradients is fused: the modules' own logits, whoever calls, unless somebody looks into the model."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from spectralmamba.models import SpectralMamba, SpectralMambaConfig
from spectralmamba.models.inference import fused_forward
from spectralmamba.models.predictor import compute_in_blocks
from tests.models.helpers import random_input, random_model, same_bits

SMALL = {"n_bands": 30, "n_classes": 5, "patch_size": 1}


@pytest.fixture
def calls(monkeypatch):
    """How many spectra went through the kernel, call by call."""
    counted = []
    kind = fused_forward.SpectrumPath
    original = kind.classify_many

    def counting(self, spectra):
        counted.append(len(spectra))
        return original(self, spectra)

    monkeypatch.setattr(kind, "classify_many", counting)
    return counted


def modules_of(model, x):
    """Logits by the modules: gradients are on."""
    return model(x).detach()


@pytest.mark.parametrize("options", [{}, {"patch_size": 3}, {"patch_size": 5, "border": "zero"}, {"s6": False}])
@pytest.mark.parametrize("n", [1, 16, 67])
def test_it_equals_the_modules(calls, options, n):
    model = random_model(**(SMALL | options))
    x = random_input(model, n)
    calls.clear()  # making the model calls it
    expected = modules_of(model, x)
    assert calls == []
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            result = model(x)
        assert float((result - expected).abs().max()) <= 1e-5 * max(1.0, float(expected.abs().max()))
    assert calls == [n, n]


def test_any_number_and_any_threads_give_the_same_bits():
    model = random_model(**SMALL)
    x = random_input(model, 300)
    threads = torch.get_num_threads()
    with torch.inference_mode():
        whole = model(x).numpy()
        try:
            for n_threads in (1, 2, 3):
                torch.set_num_threads(n_threads)
                assert same_bits(model(x).numpy(), whole)
                assert same_bits(np.concatenate([model(x[:37]).numpy(), model(x[37:]).numpy()]), whole)
                blocks = compute_in_blocks(model, lambda chosen: x[chosen].numpy(), len(x))
                assert same_bits(blocks, whole)
        finally:
            torch.set_num_threads(threads)


def test_no_sample_at_all(calls):
    model = random_model(**SMALL)
    with torch.no_grad():
        assert model(torch.empty(0, 30)).shape == (0, 5)


def test_changed_weights_are_noticed():
    model = random_model(**SMALL)
    x = random_input(model, 8)
    with torch.no_grad():
        before = model(x)
        next(iter(model.head.parameters())).add_(1.0)
        for parameter in model.blocks.parameters():
            parameter.mul_(1.5)
        after = model(x)
    assert not torch.allclose(before, after)
    assert torch.allclose(after, modules_of(model, x), atol=1e-5)


def test_copies_and_pickles_have_a_path_of_their_own():
    model = random_model(**SMALL)
    x = random_input(model, 8)
    with torch.no_grad():
        expected = model(x)
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301 - our own
            assert torch.equal(other(x), expected)
            next(iter(other.pss.parameters())).mul_(2.0)
            assert not torch.equal(other(x), expected)
        assert torch.equal(model(x), expected)


def test_whoever_looks_into_the_model_sees_its_modules(calls):
    model = random_model(**SMALL)
    x = random_input(model, 4)
    calls.clear()
    seen = []
    with torch.no_grad():
        handle = model.blocks[0].register_forward_hook(lambda *_: seen.append(1))
        model(x)
        handle.remove()
        with FlopCounterMode(display=False):
            model(x)
        with torch.autocast("cpu", torch.bfloat16):
            model(x)
        model(x, return_internals=True)
        model(x, noise=torch.zeros(4, 30))
    assert seen == [1]
    assert calls == []


@pytest.mark.parametrize("backend", ["reference"])
def test_a_backend_asked_for_by_name_is_what_runs(calls, backend):
    config = SpectralMambaConfig(n_bands=30, n_classes=5, patch_size=1)
    with torch.no_grad():
        SpectralMamba(config, backend)(torch.randn(4, 30))
    assert calls == []


def test_a_wrong_shape_is_refused_as_ever():
    model = random_model(**SMALL)
    with torch.no_grad(), pytest.raises(ValueError, match="expects"):
        model(torch.zeros(4, 31))
