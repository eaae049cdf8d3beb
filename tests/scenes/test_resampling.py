import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.resampling import FWHM_PER_SIGMA, resample

from .spectral import is_lazy, spectral

FINE = np.arange(400.0, 1001.0, 2.0)


def gaussian(at, centre, fwhm):
    return np.exp(-0.5 * ((at - centre) / (fwhm / FWHM_PER_SIGMA)) ** 2)


def test_a_feature_is_seen_as_a_gaussian_band_sees_it():
    """Against the integral of a narrow feature, itself a Gaussian, under the target's response: variances add."""
    depth, width, own, target = 0.4, 20.0, 2.0, 30.0
    measured = 1 - depth * gaussian(FINE, 700, np.hypot(width, own))
    scene = spectral(FINE, np.broadcast_to(measured[:, None, None], (FINE.size, 2, 2)), fwhm=np.full(FINE.size, own))
    seen = depth * np.hypot(width, own) / np.hypot(width, target)  # a convolution keeps the feature's area
    assert resample(scene, [700.0], [target]).values[0, 0, 0] == pytest.approx(1 - seen, abs=2e-3)


def test_the_same_bands_give_the_same_values():
    rng = np.random.default_rng(0)
    scene = spectral(FINE, rng.random((FINE.size, 3, 3)), fwhm=np.full(FINE.size, 3.0))
    np.testing.assert_array_equal(resample(scene, FINE, np.full(FINE.size, 3.0)).values, scene.values)
    np.testing.assert_array_equal(resample(scene, FINE).values, scene.values)


def test_what_is_linear_in_wavelength_stays_so():
    scene = spectral(FINE)  # values are wavelengths
    targets = np.linspace(420, 980, 37)
    np.testing.assert_allclose(resample(scene, targets, np.full(37, 12.0)).values[:, 1, 1], targets, rtol=1e-6)
    coarse = spectral(np.arange(400.0, 1001.0, 20.0))
    np.testing.assert_allclose(resample(coarse, targets).values[:, 1, 1], targets, rtol=1e-6)


def test_the_result_is_a_lazy_scene_with_its_metadata():
    scene = spectral(FINE).assign_coords(excluded=(("y", "x"), np.eye(4, 5, dtype=bool)))
    result = resample(scene, [500, 600], [10, 12])
    assert is_lazy(result)
    assert result.band.values.tolist() == [1, 2]
    assert result.wavelength.values.tolist() == [500, 600]
    assert result.fwhm.values.tolist() == [10, 12]
    assert result.good.all()
    assert result.rio.crs == scene.rio.crs
    assert result.rio.transform() == scene.rio.transform()
    assert result.excluded.values.sum() == 4
    assert result.name == "s"
    result.isel(y=0, x=0, band=0).load()
    bands, rows, _ = scene.attrs["array"].reads[0]
    assert len(bands) < 20
    assert rows == slice(0, 1)


def test_values_depend_on_neither_window_nor_bands():
    values = np.random.default_rng(1).random((FINE.size, 6, 7)).astype(np.float32)
    values[np.random.default_rng(2).random(values.shape) < 0.05] = np.nan
    result = resample(spectral(FINE, values), np.arange(450, 950, 9.0), np.full(56, 15.0))
    whole = result.values
    np.testing.assert_array_equal(result.isel(y=slice(2, 3), x=slice(4, 6)).values, whole[:, 2:3, 4:6])
    np.testing.assert_array_equal(result.isel(band=[40, 3]).values, whole[[40, 3]])


def test_missing_values_are_made_up_for_until_half_of_the_weight_is_gone():
    values = np.full((FINE.size, 1, 3), 5.0)
    near = np.abs(FINE - 700)
    values[near <= 2, 0, 1] = np.nan  # the middle of a band of 30 nm
    values[near <= 30, 0, 2] = np.nan
    result = resample(spectral(FINE, values), [700], [30]).values[0, 0]
    np.testing.assert_allclose(result[:2], 5, rtol=1e-6)
    assert np.isnan(result[2])


def test_bad_bands_are_not_used():
    values = np.full((FINE.size, 1, 1), 5.0)
    values[150] = 1e6
    good = np.arange(FINE.size) != 150
    assert resample(spectral(FINE, values, good=good), [700], [10]).values == pytest.approx(5)


@pytest.mark.parametrize(("target", "named"), [(380, "380.0"), (1020, "1020.0"), (750, "750.0")])
def test_bands_that_the_scene_has_not_seen_are_refused(target, named):
    good = np.abs(FINE - 750) > 40
    with pytest.raises(
        SceneError, match=f"1 of the 2 wanted bands are not covered by scene s, the first at {named} nm"
    ):
        resample(spectral(FINE, good=good), [600, target], [10, 10])


def test_wavelengths_have_to_be_known():
    with pytest.raises(SceneError, match="fewer than two good bands of known wavelength"):
        resample(spectral([np.nan] * 3), [500], [10])


def test_two_bands_at_one_wavelength_share_it():
    scene = spectral([400, 410, 410, 420], np.array([1, 2, 4, 5.0])[:, None, None])
    assert np.isfinite(resample(scene, [405, 410, 415], [10, 10, 10]).values).all()
