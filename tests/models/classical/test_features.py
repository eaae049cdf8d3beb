"""The features against a pixel-by-pixel computation."""

import numpy as np
import pytest

from spectralmamba.models.classical.features import neighbourhood_features


def windows(size, n=4, bands=5, missing=0.4):
    draw = np.random.default_rng(size)
    x = draw.normal(size=(n, bands, size, size)).astype(np.float32)
    gone = draw.random((n, size, size)) < missing
    gone[:, size // 2, size // 2] = False
    for i, row, column in np.argwhere(gone):
        x[i, draw.integers(bands), row, column] = np.nan  # in one band only: the pixel is missing all the same
    return x


@pytest.mark.parametrize("size", [3, 5, 9])
def test_centre_and_mean_of_the_valid_3_by_3(size):
    x = windows(size)
    found = neighbourhood_features(x)
    assert found.shape == (4, 10)
    assert found.dtype == np.float32
    middle = size // 2
    sizes = []
    for patch, features in zip(x, found, strict=True):
        around = [patch[:, middle + i, middle + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        valid = [spectrum for spectrum in around if np.isfinite(spectrum).all()]
        sizes.append(len(valid))
        assert np.array_equal(features[:5], patch[:, middle, middle])
        np.testing.assert_allclose(features[5:], np.mean(valid, axis=0), rtol=1e-5, atol=1e-6)
    assert min(sizes) < 9


def test_a_pixel_without_neighbours_is_its_own_mean():
    x = np.full((1, 3, 3, 3), np.nan, np.float32)
    x[0, :, 1, 1] = [1, 2, 3]
    assert neighbourhood_features(x).tolist() == [[1, 2, 3, 1, 2, 3]]


def test_spectra_stay_as_they_are():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(neighbourhood_features(x), x)


def test_company_and_window_change_no_bit():
    x = windows(7, n=6)
    whole = neighbourhood_features(x)
    assert np.array_equal(neighbourhood_features(x[2:3]), whole[2:3])
    assert np.array_equal(neighbourhood_features(np.ascontiguousarray(x[:, :, 2:5, 2:5])), whole)
