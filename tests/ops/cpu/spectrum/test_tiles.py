"""Products with matrices, in tiles of every shape."""

import numpy as np
import pytest
from numba import njit

from spectralmamba.ops.cpu.simd import BYTES, LANES
from spectralmamba.ops.cpu.spectrum import tiles

SIZES = [(1, 1, 1), (1, 7, 3), (1, 12, 9), (5, 32, 4), (6, 3, 2), (7, 20, 1), (13, 9, 5)]  # steps, inputs, fours


def compile_product(adds, steps_at_once, monkeypatch):
    """A product as a processor has it that takes so many steps at once."""
    monkeypatch.setattr(tiles, "STEPS_AT_ONCE", steps_at_once)
    multiply = tiles._make_multiply(adds)

    @njit
    def run(
        n_steps, source, source_step, n_inputs, apart, weights, start, start_step, n_fours, target, target_step
    ):  # fmt: skip
        multiply(
            n_steps, source, source_step, n_inputs, apart, weights, start, start_step, n_fours, target, target_step
        )

    run(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)  # compiles it while the number stands
    return run


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def multiply_arrays(run, x, weights, start, target, n_fours):
    """``x`` (steps, inputs, 16); weights (outputs, inputs); start (steps, outputs); target (steps, row, 16)."""
    n_steps, n_inputs, _ = x.shape
    packed = np.ascontiguousarray(weights.reshape(n_fours, 4, n_inputs).transpose(0, 2, 1))
    run(
        n_steps, x.ctypes.data, BYTES * n_inputs, n_inputs, BYTES, packed.ctypes.data, start.ctypes.data,
        start.strides[0], n_fours, target.ctypes.data, target.strides[0],
    )  # fmt: skip


@pytest.mark.parametrize("steps_at_once", [1, 6])
@pytest.mark.parametrize("adds", [False, True], ids=["from a start", "added"])
def test_products_are_those_of_numpy_and_touch_nothing_else(adds, steps_at_once, monkeypatch):
    run = compile_product(adds, steps_at_once, monkeypatch)
    for n_steps, n_inputs, n_fours in SIZES:
        n_outputs = 4 * n_fours
        x, weights = numbers(n_steps, n_inputs, LANES), numbers(n_outputs, n_inputs, seed=1)
        start = numbers(n_steps, n_outputs, seed=2)
        target = np.full((n_steps + 1, n_outputs + 1, LANES), 7, np.float32)
        if adds:
            target[:n_steps, :n_outputs] = start[:, :, None] + numbers(LANES, seed=3)
        expected = target.astype(np.float64)
        product = np.einsum("oi,til->tol", weights.astype(np.float64), x)
        expected[:n_steps, :n_outputs] = product + (target[:n_steps, :n_outputs] if adds else start[:, :, None])
        multiply_arrays(run, x, weights, start, target, n_fours)
        np.testing.assert_allclose(target, expected, atol=2e-5)


def test_inputs_may_lie_apart_and_the_start_be_shared(monkeypatch):
    run = compile_product(False, 6, monkeypatch)
    pieces, length, n_fours = 3, 8, 2  # band t of every piece is a step's input
    spectrum, weights, start = numbers(pieces * length, LANES), numbers(8, pieces, seed=1), numbers(8, seed=2)
    packed = np.ascontiguousarray(weights.reshape(n_fours, 4, pieces).transpose(0, 2, 1))
    target = np.empty((length, 8, LANES), np.float32)
    run(
        length, spectrum.ctypes.data, BYTES, pieces, BYTES * length, packed.ctypes.data, start.ctypes.data, 0, n_fours,
        target.ctypes.data, target.strides[0],
    )  # fmt: skip
    expected = np.einsum("or,rtl->tol", weights, spectrum.reshape(pieces, length, LANES)) + start[:, None]
    np.testing.assert_allclose(target, expected, atol=1e-5)


@pytest.mark.parametrize("steps_at_once", [1, 6])
def test_lanes_and_steps_add_up_alone(steps_at_once, monkeypatch):
    run = compile_product(False, steps_at_once, monkeypatch)
    x, weights, start = numbers(7, 33, LANES), numbers(20, 33, seed=1), numbers(7, 20, seed=2)
    start[:] = start[0]
    x[:] = x[0]
    together = np.empty((7, 20, LANES), np.float32)
    multiply_arrays(run, x, weights, start, together, 5)
    assert (together == together[0]).all()  # in whichever tile a step is
    x[:, :, 3] = np.nan
    x[2, :, 5] = np.inf
    disturbed = np.empty_like(together)
    multiply_arrays(run, x, weights, start, disturbed, 5)
    others = [lane for lane in range(LANES) if lane not in (3, 5)]
    np.testing.assert_array_equal(disturbed[:, :, others], together[:, :, others])
    assert np.isnan(disturbed[:, :, 3]).all()
