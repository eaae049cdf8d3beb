import logging

import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.matching import match_bands

from .spectral import is_lazy, spectral

MODEL = [400.0, 500, 600, 700]


@pytest.mark.parametrize("found", [MODEL, [400.9, 499.2, 600, 700.5], [400, np.nan, 600, 700]])
def test_the_same_bands_are_the_same_scene(found):
    scene = spectral(found)
    assert match_bands(scene, MODEL) is scene


def test_another_order_and_number_are_matched_by_wavelength():
    scene = spectral([450, 700.4, 600, 500, 399.5])
    matched = match_bands(scene, MODEL)
    assert matched.wavelength.values.tolist() == [399.5, 500, 600, 700.4]
    assert matched.band.values.tolist() == [5, 4, 3, 2]
    assert is_lazy(matched)
    np.testing.assert_array_equal(matched.values[:, 0, 0], np.float32([399.5, 500, 600, 700.4]))


def test_bands_that_the_model_does_not_use_may_be_missing():
    matched = match_bands(spectral([400, 600, 700, 800]), MODEL, needed=np.array([0, 2, 3]))
    assert matched.good.values.tolist() == [True, False, True, True]
    assert np.isnan(matched.values[1]).all()
    np.testing.assert_array_equal(matched.values[[0, 2, 3], 1, 1], [400, 600, 700])
    assert is_lazy(matched)


def test_what_differs_is_listed():
    with pytest.raises(SceneError) as caught:
        match_bands(spectral([400, 510, 590, 690, 800]), MODEL)
    assert str(caught.value).startswith(
        "scene has 5 bands but the model was trained on 4, and 3 that it uses have no counterpart within 1 nm "
        "(500.0, 600.0, 700.0 nm; the nearest to the first is at 510.0 nm); "
    )


def test_as_many_bands_elsewhere_are_listed_up_to_six():
    with pytest.raises(SceneError) as caught:
        match_bands(spectral(np.arange(405, 1205, 100)), np.arange(400, 1200, 100))
    assert str(caught.value).startswith(
        "scene has 8 bands, as many as the model was trained on, but 8 that it uses have no counterpart within 1 nm "
        "(400.0, 500.0, 600.0, 700.0, 800.0, 900.0, … nm; the nearest to the first is at 405.0 nm); "
    )


def test_resampling_makes_the_models_bands():
    scene = spectral(np.arange(390, 720, 5.0))
    matched = match_bands(scene, np.array(MODEL) + 2, np.full(4, 10.0), resample=True)
    np.testing.assert_allclose(matched.values[:, 0, 0], np.array(MODEL) + 2, rtol=1e-6)
    assert matched.fwhm.values.tolist() == [10] * 4


def test_resampling_leaves_out_what_the_model_does_not_use():
    scene = spectral(np.arange(390, 620, 5.0))
    matched = match_bands(scene, np.array(MODEL) + 2, needed=np.array([0, 1, 2]), resample=True)
    assert matched.shape[0] == 4
    assert np.isnan(matched.values[3]).all()
    np.testing.assert_allclose(matched.values[:3, 0, 0], [402, 502, 602], rtol=1e-6)
    with pytest.raises(SceneError, match=r"not covered by scene s, the first at 702\.0 nm"):
        match_bands(scene, np.array(MODEL) + 2, resample=True)


@pytest.mark.parametrize(
    ("found", "model", "who"), [([np.nan] * 3, MODEL, "scene s"), ([400, 500, 600], [np.nan] * 4, "the model")]
)
def test_without_wavelengths_the_number_has_to_be_the_same(found, model, who):
    with pytest.raises(SceneError, match=f"scene has 3 bands but the model was trained on 4, and {who} does not know"):
        match_bands(spectral(found), model, resample=True)


def test_equally_many_bands_without_wavelengths_are_taken_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        scene = spectral([np.nan] * 4)
        assert match_bands(scene, MODEL) is scene
    assert "does not say its wavelengths" in caplog.text


def test_of_twins_the_good_one_is_taken_and_two_good_ones_are_refused():
    twins = [400, 500, 500, 600, 700]
    good = [True, False, True, True, True]
    assert match_bands(spectral(twins, good=good), MODEL).band.values.tolist() == [1, 3, 4, 5]
    with pytest.raises(SceneError, match="more than one band at 500 nm"):
        match_bands(spectral(twins), MODEL)
    matched = match_bands(spectral(twins), MODEL, needed=np.array([0, 2, 3]))
    assert matched.wavelength.values[[0, 2, 3]].tolist() == [400, 600, 700]
