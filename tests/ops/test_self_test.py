"""The check behind ``spectralmamba doctor`` passes what is right and catches what is not."""

import pytest
import torch

from spectralmamba.errors import BackendError
from spectralmamba.ops import self_test as module
from spectralmamba.ops.selective_scan import BACKENDS
from spectralmamba.ops.self_test import TOLERANCE, self_test


@pytest.mark.parametrize("backend", ["auto", *BACKENDS])
def test_every_backend_passes(backend):
    assert 0 <= self_test(backend) <= TOLERANCE


@pytest.mark.parametrize("wrong", [lambda y: y * 1.001, lambda y: y.flip(2), torch.zeros_like])
def test_a_backend_that_is_off_is_caught(wrong, monkeypatch):
    right = module.selective_scan
    monkeypatch.setattr(module, "selective_scan", lambda *args, **options: wrong(right(*args, **options)))
    with pytest.raises(BackendError, match="backend reference is off by"):
        self_test("reference")


def test_an_unknown_backend_is_refused():
    with pytest.raises(BackendError, match="'abacus'"):
        self_test("abacus")
