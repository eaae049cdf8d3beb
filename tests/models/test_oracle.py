"""The oracle itself, against cases that can be worked out by hand. It measures the rest, so it is measured first."""

import numpy as np
import pytest

from spectralmamba.models import SpectralMambaConfig
from spectralmamba.models.oracle import (
    _block,
    _layer_norm,
    _merge,
    _position,
    _reflect,
    _scan,
    _tokens,
    _window,
    oracle_logits,
)


def make_config(**options):
    return SpectralMambaConfig(
        **{"n_bands": 2, "n_classes": 2, "piece_size": 2, "dim": 2, "position": "none"} | options
    )


@pytest.mark.parametrize(
    ("size", "first", "indices"),
    [
        (1, -4, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (2, -4, [0, 1, 0, 1, 0, 1, 0, 1, 0]),
        (3, -4, [0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]),
        (4, -4, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0]),
        (5, -3, [3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1]),
    ],
)
def test_reflection_bounces_at_the_ends_without_repeating_them(size, first, indices):
    assert [_reflect(first + i, size) for i in range(len(indices))] == indices


def test_window_is_standardised_and_zero_where_a_band_is_missing():
    scene = np.array([[[1.0, 2.0, 3.0]], [[10.0, np.nan, 30.0]]])  # 2 bands, 1 row, 3 columns
    values, valid = _window(scene, 0, 0, 1, mean=np.array([1.0, 10.0]), std=np.array([2.0, 5.0]))
    assert valid.tolist() == [[False, True, False]] * 3  # the left neighbour is the right one, reflected
    assert values[0].tolist() == [[0, 0, 0]] * 3
    values, valid = _window(scene, 0, 2, 0, mean=np.array([1.0, 10.0]), std=np.array([2.0, 5.0]))
    assert values[:, 0, 0].tolist() == [1.0, 4.0]


def zero_gate(n_bands):
    return {
        "gssm.depthwise.weight": np.zeros((n_bands, 1, 3, 3)),
        "gssm.depthwise.bias": np.zeros(n_bands),
        "gssm.pointwise.weight": np.zeros((n_bands, n_bands, 1, 1)),
        "gssm.pointwise.bias": np.zeros(n_bands),
    }


@pytest.mark.parametrize("border", ["halo", "zero"])
@pytest.mark.parametrize("patch_size", [3, 5])
def test_a_gate_of_zero_weights_halves_and_scales_to_the_mean_of_valid_pixels(border, patch_size):
    config = make_config(patch_size=patch_size, border=border)
    size, inner = 2 * config.radius + 1, slice(1, -1) if border == "halo" else slice(None)
    draw = np.random.default_rng(0)
    values, valid = draw.normal(size=(2, size, size)), draw.random((size, size)) < 0.6
    merged = _merge(values, valid, zero_gate(2), config)
    mean = values[:, inner, inner][:, valid[inner, inner]].mean(axis=1)
    np.testing.assert_allclose(merged, 0.5 * patch_size**2 * mean, rtol=1e-12)


@pytest.mark.parametrize(("border", "beyond"), [("halo", 1.0), ("zero", 0.0)])
def test_a_gate_that_looks_left_sees_beyond_the_patch_only_with_a_halo(border, beyond):
    config = make_config(n_bands=1, piece_size=1, patch_size=3, border=border)
    weights = zero_gate(1)
    weights["gssm.depthwise.weight"][0, 0, 1, 0] = 1.0  # the left neighbour
    weights["gssm.pointwise.weight"][:] = 2.0
    weights["gssm.pointwise.bias"][:] = 0.5
    size = 2 * config.radius + 1
    merged = _merge(np.ones((1, size, size)), np.ones((size, size), bool), weights, config)
    gate = 1 / (1 + np.exp(-(2 * np.array([beyond, 1.0, 1.0]) + 0.5)))
    np.testing.assert_allclose(merged, 3 * gate.sum(), rtol=1e-12)


@pytest.mark.parametrize(
    ("layout", "tokens"),
    [("adjacent", [[0, 1, 2], [3, 4, 5], [6, 6, 6]]), ("parallel", [[0, 3, 6], [1, 4, 6], [2, 5, 6]])],
)
def test_tokens_of_seven_bands_in_pieces_of_three(layout, tokens):
    config = make_config(n_bands=7, piece_size=3, layout=layout)
    assert _tokens(np.arange(7.0), config).tolist() == tokens


def test_position_of_a_wavelength_of_one_period_is_a_whole_turn():
    config = make_config(position="wavelength", wavelengths=(2500.0, 7500.0), dim=3)  # their mean is 5 µm
    code = _position({}, config)
    np.testing.assert_allclose(code, [[0, 1, 0]], atol=1e-9)  # 100 turns of 0.05 µm; one of 5 µm


def test_scan_with_constant_projections_is_a_geometric_series():
    config = make_config(dim=1, n_bands=1, piece_size=1, state_size=1)
    u, b, c, skip = 2.0, 0.5, 3.0, 0.25
    weights = {
        "scan.parameter_projection.weight": np.array([[0.0], [b / u], [c / u]]),  # Δ, B, C of a constant u
        "scan.step_projection.weight": np.zeros((1, 1)),
        "scan.step_bias": np.array([np.log(np.expm1(0.1))]),  # softplus of it is 0.1
        "scan.A_log": np.array([[np.log(4.0)]]),
        "scan.D": np.array([skip]),
    }
    y = _scan(np.full((6, 1), u), weights, config)[:, 0]
    decay = np.exp(-0.4)
    h = 0.1 * b * u * (1 - decay ** np.arange(1, 7)) / (1 - decay)
    np.testing.assert_allclose(y, c * h + skip * u, rtol=1e-12)


def test_block_with_s6_off_is_a_causal_convolution_and_a_gate():
    config = make_config(dim=1, n_bands=3, piece_size=1, s6=False, conv_size=2)
    taps = {"norm.weight": np.zeros(1), "norm.bias": np.ones(1), "input_projection.weight": np.array([[1.0], [2.0]])}
    weights = taps | {
        "convolution.weight": np.array([[[0.5, 0.25]]]),  # the token before, the token itself
        "convolution.bias": np.array([0.1]),
        "scan.D": np.array([3.0]),
        "output_projection.weight": np.array([[0.7]]),
    }

    def silu(x):
        return x / (1 + np.exp(-x))

    added = _block(np.array([[4.0], [5.0], [6.0]]), weights, config)[:, 0]
    expected = [0.7 * 3 * silu(v) * silu(2.0) for v in (0.35, 0.85, 0.85)]
    np.testing.assert_allclose(added, expected, rtol=1e-12)


def test_layer_norm_of_two_values_is_plus_and_minus_one():
    result = _layer_norm(np.array([[3.0, 7.0], [2.0, 2.0]]), np.array([2.0, 3.0]), np.array([0.5, 0.0]))
    np.testing.assert_allclose(result, [[-1.5, 3.0], [0.5, 0.0]], rtol=1e-5)


def test_logits_of_a_model_whose_blocks_are_silent():
    """Embedding by the identity, blocks that add nothing: the head sees the norm of the spectrum, (-1, 1)."""
    config = make_config(patch_size=1)
    inner = {
        "norm.weight": np.ones(2),
        "norm.bias": np.zeros(2),
        "input_projection.weight": np.ones((4, 2)),
        "convolution.weight": np.ones((2, 1, 4)),
        "convolution.bias": np.ones(2),
        "scan.parameter_projection.weight": np.ones((33, 2)),
        "scan.step_projection.weight": np.ones((2, 1)),
        "scan.step_bias": np.zeros(2),
        "scan.A_log": np.zeros((2, 16)),
        "scan.D": np.ones(2),
        "output_projection.weight": np.zeros((2, 2)),
    }
    weights = {f"blocks.0.{name}": value for name, value in inner.items()} | {
        "pss.embedding.weight": np.eye(2),
        "pss.embedding.bias": np.zeros(2),
        "head.norm.weight": np.ones(2),
        "head.norm.bias": np.zeros(2),
        "head.classifier.weight": np.array([[1.0, 4.0], [2.0, 0.5]]),
        "head.classifier.bias": np.array([0.0, 10.0]),
    }
    scene = np.array([[[5.0, np.nan]], [[9.0, 1.0]]])
    mean, std = np.array([1.0, 1.0]), np.array([1.0, 0.5])  # standardised (4, 16)
    np.testing.assert_allclose(oracle_logits(scene, 0, 0, weights, config, mean, std), [3.0, 8.5], rtol=1e-6)
    assert np.isnan(oracle_logits(scene, 0, 1, weights, config, mean, std)).all()
