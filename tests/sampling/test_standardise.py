import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.sampling.standardise import Standardiser, select_bands

GOOD = np.ones(6, bool)


def spectra() -> np.ndarray:
    return np.random.default_rng(0).random((10, 6)).astype(np.float32)


def test_all_bands_of_good_spectra_are_kept():
    assert select_bands(spectra(), GOOD).tolist() == [0, 1, 2, 3, 4, 5]


def test_bad_dead_constant_and_empty_bands_are_dropped():
    values = spectra()
    values[:, 1] = 0
    values[:, 2] = 0.25
    values[:, 3] = np.nan
    assert select_bands(values, np.array([True, True, True, True, False, True])).tolist() == [0, 5]


def test_bands_missing_here_and_there():
    values = spectra()
    values[:5, 0] = np.nan  # half is enough
    values[:6, 1] = np.inf
    values[0, 2] = np.nan
    assert select_bands(values, GOOD).tolist() == [0, 2, 3, 4, 5]


def test_no_band_left():
    with pytest.raises(SceneError, match="no band"):
        select_bands(np.ones((4, 6), np.float32), GOOD)
    with pytest.raises(SceneError, match=r"none of the scene's bands is good.*--keep-water-vapour"):
        select_bands(spectra(), np.zeros(6, bool))


def test_standardiser():
    values = spectra() * 1e4 + 1e6
    values[:, 2] = 7
    standard = Standardiser.fit(values)
    assert standard.mean.dtype == standard.std.dtype == np.float32
    np.testing.assert_allclose(standard.mean, values.astype(np.float64).mean(axis=0), rtol=1e-6)
    assert standard.std[2] == 1
    np.testing.assert_array_equal(standard(values, band_axis=1)[:, 2], 0)
    cube = values.T.reshape(6, 2, 5)
    result = standard(cube, band_axis=0)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result.reshape(6, 10).T, standard(values, band_axis=1))
    assert np.isnan(standard(np.full((1, 6), np.nan, np.float32), band_axis=1)).all()


def test_logarithms_are_taken_of_what_has_some():
    values = np.random.default_rng(0).uniform(0.05, 0.6, (200, 5)).astype(np.float32)
    values[3, 2] = -0.01  # an atmospheric correction that went too far
    standard = Standardiser.fit(values, logarithm=True)
    assert standard.floor == pytest.approx(1e-3 * np.median(values))
    logarithms = np.log(np.maximum(values, standard.floor))
    np.testing.assert_allclose(standard.mean, logarithms.mean(axis=0), rtol=1e-5)
    scaled = standard(values, band_axis=1)
    np.testing.assert_allclose(scaled.std(axis=0), 1, rtol=1e-4)
    values[0, 0] = np.nan
    assert np.isnan(standard(values, band_axis=1)[0, 0])
    assert np.isfinite(standard(values, band_axis=1)[0, 1:]).all()


@pytest.mark.parametrize("shift", [-1.0, 0.0])
def test_none_are_taken_of_values_around_nothing(shift):
    values = np.random.default_rng(0).normal(shift, 1, (200, 5)).astype(np.float32)
    assert Standardiser.fit(values, logarithm=True).floor is None
    assert Standardiser.fit(np.abs(values) + 1).floor is None


def test_logarithms_have_the_same_bits_wherever_a_pixel_stands():
    values = np.random.default_rng(0).uniform(1, 9000, (7, 60, 5)).astype(np.float32)
    standard = Standardiser.fit(values.reshape(-1, 5), logarithm=True)
    whole = standard(values, band_axis=2)
    for row in range(7):
        for column in (0, 3, 59):
            assert standard(values[row, column], band_axis=0).tobytes() == whole[row, column].tobytes()


@pytest.mark.parametrize("logarithm", [False, True])
def test_what_is_undone_is_what_there_was(logarithm):
    values = np.random.default_rng(0).uniform(0.05, 0.6, (50, 5)).astype(np.float32)
    standard = Standardiser.fit(values, logarithm=logarithm)
    np.testing.assert_allclose(standard.undo(standard(values, band_axis=1), band_axis=1), values, rtol=1e-5)
