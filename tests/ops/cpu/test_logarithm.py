"""The logarithm of vectors against NumPy's in float64."""

import numpy as np
import pytest
from numba import njit

from spectralmamba.ops.cpu import logarithm, simd
from spectralmamba.ops.cpu.simd import BYTES, LANES


@pytest.fixture(scope="module")
def log():
    @njit
    def run(target, source, n):
        for i in range(0, BYTES * n, BYTES):
            simd.store(target + i, logarithm.log(simd.load(source + i)))

    def apply(values):
        padded = np.ones(-(-len(values) // LANES) * LANES, np.float32)
        padded[: len(values)] = values
        result = np.empty_like(padded)
        run(result.ctypes.data, padded.ctypes.data, len(padded) // LANES)
        return result[: len(values)]

    return apply


@pytest.mark.parametrize(("low", "high"), [(0.5, 2.0), (1e-4, 1.0), (0.999, 1.001), (1.0, 65535.0), (1e-30, 1e30)])
def test_exact_to_two_units_in_the_last_place(log, low, high):
    x = np.geomspace(low, high, 200_001).astype(np.float32)
    exact = np.log(x.astype(np.float64))
    assert (np.abs(log(x) - exact) <= 2 * 2.0**-23 * np.abs(exact)).all()


def test_at_powers_of_two_and_at_the_ends(log):
    x = np.float32([1, 2, 0.5, 1024, logarithm.SMALLEST, np.finfo(np.float32).max])
    np.testing.assert_allclose(log(x), np.log(x.astype(np.float64)), rtol=2**-23)
    assert log(x)[0] == 0


def test_larger_numbers_have_larger_logarithms(log):
    x = np.float32(0.7)
    run = [x := np.nextafter(x, np.float32(2)) for _ in range(20_000)]
    assert (np.diff(log(np.array(run))) >= -(2.0**-24)).all()
