"""The check behind ``spectralmamba doctor`` passes what is right and catches what is not."""

import time

import pytest
import torch

from spectralmamba.errors import BackendError
from spectralmamba.ops import self_test as module
from spectralmamba.ops.self_test import TOLERANCE, self_test

from .helpers import BACKENDS


@pytest.mark.parametrize("backend", ["auto", *BACKENDS])
def test_every_backend_passes(backend):
    result = self_test(backend, seconds=0)
    assert result.cases == 1
    assert 0 <= result.error <= TOLERANCE


def test_it_goes_on_for_as_long_as_it_is_told():
    self_test("cpu", seconds=0)
    start = time.perf_counter()
    assert self_test("cpu", seconds=0.2).cases > 1
    assert time.perf_counter() - start >= 0.2


@pytest.mark.parametrize("wrong", [lambda y: y * 1.001, lambda y: y.flip(2), lambda y: y * 0, lambda y: y / 0])
def test_a_backend_that_is_off_is_caught(wrong, monkeypatch):
    right = module.selective_scan

    def scan(u, *args, **options):
        y = right(u, *args, **options)
        return y if u.dtype == torch.float64 else wrong(y)

    monkeypatch.setattr(module, "selective_scan", scan)
    with pytest.raises(BackendError, match="backend cpu is off by"):
        self_test("cpu", seconds=0.1)


def test_gradients_that_are_off_are_caught(monkeypatch):
    right = module.selective_scan

    def scan(u, *args, **options):
        if u.dtype == torch.float32:
            u.register_hook(lambda gradient: gradient * 1.001)
        return right(u, *args, **options)

    monkeypatch.setattr(module, "selective_scan", scan)
    with pytest.raises(BackendError, match="backend cpu is off by"):
        self_test("cpu", seconds=0.1)


def test_an_unknown_backend_is_refused():
    with pytest.raises(BackendError, match="'abacus'"):
        self_test("abacus")
