"""Whitening: what each kind does to spectra, and that it stays fixed."""

import numpy as np
import pytest
import torch

from spectralmamba.models import create_model
from spectralmamba.models.whitening import KINDS, Whitening, noise_variance


def smooth_spectra(n=400, n_bands=30, n_classes=4, seed=0):
    """Classes that differ a little, brightness that differs much, and noise."""
    draw = np.random.default_rng(seed)
    y = draw.integers(0, n_classes, n)
    bands = np.linspace(0, 1, n_bands)
    shape = np.sin(np.outer(np.arange(1, n_classes + 1), bands * 3))
    brightness = draw.normal(0, 3, (n, 1)) * (1 + bands)
    X = 0.3 * shape[y] + brightness + draw.normal(0, 0.05, (n, n_bands))
    return ((X - X.mean(0)) / X.std(0)).astype(np.float32), y


def fitted(kind, X, y):
    layer = Whitening(X.shape[1])
    layer.fit(X, y, kind)
    return layer


def test_it_begins_as_the_identity():
    x = torch.randn(3, 7)
    assert torch.equal(Whitening(7)(x), x)


@pytest.mark.parametrize("kind", KINDS)
def test_the_matrix_is_symmetric_and_the_result_of_unit_spread(kind):
    X, y = smooth_spectra()
    layer = fitted(kind, X, y)
    assert torch.allclose(layer.matrix, layer.matrix.T, atol=1e-5)
    out = layer(torch.from_numpy(X)).numpy()
    assert out.std() == pytest.approx(1, rel=1e-3)
    np.testing.assert_allclose(out, X @ layer.matrix.numpy().T, atol=1e-4)


def test_full_is_linear_discriminant_analysis_with_shrinkage():
    X, y = smooth_spectra()
    wide = X.astype(np.float64)
    within = wide - np.stack([wide[y == k].mean(0) for k in range(4)])[y]
    covariance = np.cov(within.T, bias=False) * (len(X) - 1) / (len(X) - 1)
    shrunk = covariance + 0.1 * np.trace(covariance) / 30 * np.eye(30)
    matrix = fitted("full", X, y).matrix.numpy().astype(np.float64)
    product = matrix @ shrunk @ matrix  # a multiple of the identity
    np.testing.assert_allclose(product / product[0, 0], np.eye(30), atol=2e-3)


def test_full_brings_classes_apart_that_brightness_hides():
    X, y = smooth_spectra()

    def separation(values):
        means = np.stack([values[y == k].mean(0) for k in range(4)])
        return means.std(0).mean() / (values - means[y]).std(0).mean()

    assert separation(fitted("full", X, y)(torch.from_numpy(X)).numpy()) > 3 * separation(X)


def test_partial_goes_half_of_the_way_and_spares_noise():
    X, y = smooth_spectra()
    out = fitted("partial", X, y)(torch.from_numpy(X)).numpy()
    before, after = (np.sort(np.linalg.eigvalsh(np.cov(v.T)))[::-1] for v in (X, out))
    assert after[0] / after[1] < 0.7 * before[0] / before[1]
    assert after[-1] / after[0] < before[-1] / before[0]  # where there is only noise, it is damped


def test_noise_is_what_neighbours_do_not_explain():
    X, _ = smooth_spectra(n=2000)
    rough = X + np.random.default_rng(1).normal(0, 0.5, X.shape)
    assert noise_variance(rough) == pytest.approx(0.25, rel=0.4)
    assert noise_variance(X) < 0.02


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "n_bands"), [(2, 12), (5, 1), (3, 2), (40, 60)])
def test_few_pixels_and_few_bands_are_enough(kind, n, n_bands):
    X = np.random.default_rng(0).normal(size=(n, n_bands)).astype(np.float32)
    matrix = fitted(kind, X, np.arange(n) % 2).matrix
    assert torch.isfinite(matrix).all()
    assert torch.isfinite(fitted(kind, np.zeros_like(X), np.arange(n) % 2).matrix).all()


def test_no_parameter_and_no_gradient_but_kept_with_the_weights():
    plain, white = (
        create_model("spectralmamba", n_bands=12, n_classes=3, patch_size=1, whitening=w) for w in ("none", "auto")
    )
    assert plain.count_parameters() == white.count_parameters()
    assert set(white.state_dict()) - set(plain.state_dict()) == {"whitening.matrix"}
    assert white.variants == KINDS
    assert plain.variants == ("none",)
    before = white.whitening.matrix.clone()
    white(torch.randn(4, 12)).sum().backward()
    assert torch.equal(white.whitening.matrix, before)
