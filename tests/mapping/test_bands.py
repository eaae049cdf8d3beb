"""Scenes whose bands are not the model's one for one: matched by wavelength, resampled, or refused."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.mapping.mapper import predict_scene
from spectralmamba.mapping.predictor import scene_for
from tests.mapping.fakes import Neighbourhood
from tests.scenes.spectral import spectral

WAVELENGTHS = (450.0, 550.0, 650.0, 860.0)


@dataclass(frozen=True, eq=False)
class Wide(Neighbourhood):
    """It knows how wide its bands are."""

    wavelengths: tuple[float, ...] = WAVELENGTHS
    scene_fwhm: NDArray[np.float64] | None = None


def sensor(wavelengths, seed=0):
    """The same ground, smooth in wavelength, through other bands."""
    a, b = np.random.default_rng(seed).random((2, 9, 11))
    return spectral(wavelengths, [(a + b * np.sin(nm / 300)) for nm in wavelengths])


def test_another_order_and_further_bands_give_the_same_map():
    plain, other = sensor(WAVELENGTHS), sensor([860.3, 700.0, 650.0, 449.8, 550.0])
    classes, confidence = predict_scene(Wide(), plain)
    again, certainty = predict_scene(Wide(), other.isel(band=[1, 0, 4, 2, 3]))
    assert np.array_equal(classes, again)
    np.testing.assert_allclose(confidence, certainty, atol=5e-3)
    exact, _ = predict_scene(Wide(), plain.isel(band=[2, 0, 3, 1]))
    assert np.array_equal(classes, exact)


def test_other_bands_are_refused_or_resampled():
    fine = sensor(np.arange(400.0, 1000, 7))
    predictor = Wide(scene_fwhm=np.full(4, 14.0))
    with pytest.raises(
        SceneError, match=r"86 bands but the model was trained on 4, and 3 that it uses .* \(--resample\)"
    ):
        predict_scene(predictor, fine)
    made = scene_for(predictor, fine, resample=True)
    assert made.fwhm.values.tolist() == [14] * 4
    classes, _ = predict_scene(predictor, made)
    truth, _ = predict_scene(predictor, sensor(WAVELENGTHS))
    assert (classes == truth).mean() > 0.98


def test_a_predictor_that_does_not_know_its_widths_takes_the_distance_of_its_bands():
    made = scene_for(Neighbourhood(wavelengths=WAVELENGTHS), sensor(np.arange(400.0, 1000, 7)), resample=True)
    assert made.fwhm.values.tolist() == [100, 100, 100, 210]
