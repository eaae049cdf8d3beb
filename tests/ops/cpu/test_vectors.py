"""The vectors that the kernels are written in, and the functions on them, one by one."""

import numpy as np
import pytest
from numba import njit

from spectralmamba.ops.cpu import functions, lanes, simd
from spectralmamba.ops.cpu.simd import BYTES, LANES


def address(array):
    return array.ctypes.data


def elementwise(function):
    """A function of vectors as one of arrays."""

    @njit
    def run(target, source, n):
        for i in range(0, BYTES * n, BYTES):
            simd.store(target + i, function(simd.load(source + i)))

    def apply(values):
        values = np.asarray(values, np.float32)
        padded = np.zeros(-(-values.size // LANES) * LANES, np.float32)
        padded[: values.size] = values
        result = np.empty_like(padded)
        run(address(result), address(padded), len(padded) // LANES)
        return result[: values.size]

    return apply


@pytest.fixture(scope="module")
def exp2():
    return elementwise(functions.exp2)


def test_exp2_is_exact_to_two_units_in_the_last_place(exp2):
    x = np.linspace(-126, 127.99, 300_001).astype(np.float32)
    exact = np.exp2(x.astype(np.float64))
    assert np.abs(exp2(x) / exact - 1).max() < 2 * 2**-23
    bounded = x[np.abs(x) <= functions.BOUND]
    truth = np.exp2(bounded.astype(np.float64))
    assert np.abs(elementwise(functions.exp2_bounded)(bounded) / truth - 1).max() < 2 * 2**-23


def test_exp2_near_0_hardly_drifts(exp2):
    x = np.float32([1e-7, -1e-7, 1e-5, -1e-5, 1e-3, 0])
    power = np.prod([exp2(x).astype(np.float64)] * 1000, axis=0)
    np.testing.assert_allclose(power, np.exp2(1000.0 * x), rtol=6e-5)
    assert exp2([0.0])[0] == 1


def test_exp2_at_its_ends(exp2):
    np.testing.assert_array_equal(exp2([-127, -200, -1e30, -np.inf]), 0)
    np.testing.assert_array_equal(exp2([128, 129, 1e30, np.inf]), np.inf)
    assert np.isnan(exp2([np.nan])).all()
    x = np.linspace(-127, -126, 1001)
    np.testing.assert_allclose(exp2(x), np.exp2(x), rtol=0, atol=1.2e-38)


def test_softplus_is_exact_also_where_it_is_small():
    softplus = elementwise(functions.softplus)
    x = np.linspace(-87, 100, 100_001).astype(np.float32)
    np.testing.assert_allclose(softplus(x), np.logaddexp(0, x.astype(np.float64)), rtol=6e-6)
    np.testing.assert_array_equal(softplus([-1e30, -np.inf, 1e30, np.inf]), [0, 0, np.float32(1e30), np.inf])
    assert np.isnan(softplus([np.nan])).all()


def test_sigmoid():
    sigmoid = elementwise(functions.sigmoid)
    x = np.linspace(-87, 87, 100_001).astype(np.float32)
    np.testing.assert_allclose(sigmoid(x), 1 / (1 + np.exp(-x.astype(np.float64))), rtol=6e-6)
    np.testing.assert_array_equal(sigmoid([-1e30, -np.inf, 1e30, np.inf]), [0, 0, 1, 1])


@pytest.mark.parametrize("rows", [1, 7, 16])
@pytest.mark.parametrize("columns", [1, 9, 16])
def test_transposing_touches_what_is_there_and_nothing_else(rows, columns):
    @njit
    def there(target, source, stride, n_rows, n_columns):
        lanes.load_transposed(target, source, stride, n_rows, n_columns)

    @njit
    def back(target, stride, n_rows, n_columns, source):
        lanes.store_transposed(target, stride, n_rows, n_columns, source)

    matrix = np.random.default_rng(0).normal(size=(16, 20)).astype(np.float32)
    vectors = np.full((16, LANES), np.nan, np.float32)
    there(address(vectors), address(matrix), 80, rows, columns)
    expected = np.zeros((16, LANES), np.float32)
    expected[:columns, :rows] = matrix[:rows, :columns].T
    np.testing.assert_array_equal(vectors, expected)
    target = np.full((18, 20), 7, np.float32)
    back(address(target[1:]), 80, rows, columns, address(vectors))
    expected = np.full((18, 20), 7, np.float32)
    expected[1 : rows + 1, :columns] = matrix[:rows, :columns]
    np.testing.assert_array_equal(target, expected)


@pytest.mark.parametrize("width", [0, 1, 5, 16])
def test_lanes_beyond_the_width_are_left_alone(width):
    @njit
    def copy(target, source, n):
        simd.store_lanes(target, simd.load_lanes(source, n), n)

    source, target = np.arange(1, 17, dtype=np.float32), np.full(16, -1, np.float32)
    copy(address(target), address(source), width)
    np.testing.assert_array_equal(target, np.where(np.arange(16) < width, source, -1))


def test_sums_over_lanes_go_to_their_places():
    @njit
    def run(target, source):
        lanes.add_sums_of_4(
            target, simd.load(source), simd.load(source + 64), simd.load(source + 128), simd.load(source + 192)
        )

    vectors = np.random.default_rng(1).integers(-50, 50, (4, LANES)).astype(np.float32)
    target = np.arange(6, dtype=np.float32)
    run(address(target[1:]), address(vectors))
    np.testing.assert_array_equal(target, np.arange(6) + np.pad(vectors.sum(1), 1))


def test_operators():
    @njit
    def run(target, a, b):
        x, y = simd.load(a), simd.load(b)
        simd.store(target, simd.fma(x, y, x / y - simd.absolute(x) + x * y))

    a, b = np.random.default_rng(2).uniform(1, 2, (2, LANES)).astype(np.float32)
    target = np.empty(LANES, np.float32)
    run(address(target), address(-a), address(b))
    np.testing.assert_allclose(target, -2 * a * b - a / b - a, rtol=1e-6)
