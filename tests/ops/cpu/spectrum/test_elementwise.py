"""Norm and convolution with a pixel in each lane."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numba import njit

from spectralmamba.ops.cpu import compiled
from spectralmamba.ops.cpu.simd import BYTES, LANES, load, store
from spectralmamba.ops.cpu.spectrum import elementwise


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module")
def normalise():
    @njit
    def run(source, target, row, n_steps, dim, constants):
        elementwise.normalise(source, target, row, n_steps, dim, constants)

    return run


@pytest.mark.parametrize("dim", [1, 3, 4, 21])
def test_norm_is_that_of_each_pixel_and_step(normalise, dim):
    x = 3 * numbers(5, dim + 2, LANES) + 100
    target = np.full_like(x, 7)
    constants = np.float32([1 / dim, 1e-5])
    normalise(x.ctypes.data, target.ctypes.data, x.strides[0], 5, dim, constants.ctypes.data)
    inside = x[:, :dim].astype(np.float64)
    centred = inside - inside.mean(axis=1, keepdims=True)
    expected = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(target[:, :dim], expected, atol=2e-4)
    np.testing.assert_array_equal(target[:, dim:], 7)


@pytest.mark.parametrize("taps", [1, 4])
def test_convolution_sees_the_step_itself_and_those_before_it(taps):
    @njit
    def run(source, source_row, weight, bias, taps, target, target_row, n_steps, inner):
        elementwise.convolve(source, source_row, weight, bias, taps, target, target_row, n_steps, inner)

    n_steps, inner = 6, 3
    u, weight, bias = (
        numbers(taps - 1 + n_steps, inner + 1, LANES),
        numbers(inner, taps, seed=1),
        numbers(inner, seed=2),
    )
    target = np.empty((n_steps, inner, LANES), np.float32)
    run(
        u.ctypes.data, u.strides[0], weight.ctypes.data, bias.ctypes.data, taps, target.ctypes.data, target.strides[0],
        n_steps, inner,
    )  # fmt: skip
    windows = np.lib.stride_tricks.sliding_window_view(u[:, :inner], taps, axis=0)  # (steps, inner, 16, taps)
    value = np.einsum("tdlk,dk->tdl", windows, weight) + bias[:, None]
    np.testing.assert_allclose(target, value / (1 + np.exp(-value)), atol=1e-5)


def test_silu_and_root_at_their_ends():
    @njit
    def run(source, silu, root):
        store(silu, elementwise.silu(load(source)))
        store(root, elementwise.root(load(source)))

    x = np.zeros(LANES, np.float32)
    x[:7] = [0, 1e30, -1e30, -50, 4, np.inf, np.nan]
    silu, root = np.empty((2, LANES), np.float32)
    run(x.ctypes.data, silu.ctypes.data, root.ctypes.data)
    np.testing.assert_allclose(silu[:6], [0, 1e30, 0, 0, 4 / (1 + np.exp(-4)), np.inf], rtol=1e-6, atol=1e-19)
    np.testing.assert_array_equal(root[[0, 4, 5]], [0, 2, np.inf])
    assert np.isnan([silu[6], root[6], root[2]]).all()


def test_copying_rows():
    @njit
    def run(source, source_row, target, target_row, n_rows, width):
        elementwise.copy_rows(source, source_row, target, target_row, n_rows, width)

    source, target = numbers(4, 5, LANES), np.zeros((4, 3, LANES), np.float32)
    run(source.ctypes.data, 5 * BYTES, target.ctypes.data, 3 * BYTES, 3, 2)
    np.testing.assert_array_equal(target[:3, :2], source[:3, :2])
    assert not target[3].any()
    assert not target[:, 2].any()


def test_a_change_in_these_sources_too_makes_for_another_kernel(monkeypatch, tmp_path):
    shutil.copytree(Path(compiled.__file__).parent, tmp_path / "cpu", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "cpu" / "compiled.py"))
    before = compiled._digest_of_sources()
    with (tmp_path / "cpu" / "spectrum" / "tiles.py").open("a") as file:
        file.write("# changed\n")
    assert compiled._digest_of_sources() != before
