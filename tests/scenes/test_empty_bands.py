import numpy as np
import pytest

from spectralmamba.scenes.empty_bands import empty_in_sample

from .spectral import spectral


def scene_of(values: np.ndarray):
    return spectral(np.arange(values.shape[0]) + 400.0, values)


def noise(n_bands: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).random((n_bands, height, width), np.float32)


def test_one_window_is_read_where_all_bands_hold_something():
    scene = scene_of(noise(4, 100, 100))
    assert not empty_in_sample(scene).any()
    (read,) = scene.attrs["array"].reads
    assert read[1:] == (slice(42, 58), slice(42, 58))


@pytest.mark.parametrize("nothing", [np.nan, 0.0, 7.0])
def test_bands_without_values_and_constant_ones(nothing):
    values = noise(4, 100, 100)
    values[[1, 3]] = nothing
    assert empty_in_sample(scene_of(values)).tolist() == [False, True, False, True]
    assert empty_in_sample(scene_of(values), np.array([0, 1])).tolist() == [False, True, False, False]


def test_data_in_a_corner_only_is_found():
    values = noise(3, 100, 100)
    values[2, :80] = 0
    assert not empty_in_sample(scene_of(values)).any()


def test_a_scene_that_is_nodata_in_the_middle():
    values = noise(3, 100, 100)
    values[:, 20:80, 20:80] = np.nan
    values[1] = np.nan
    assert empty_in_sample(scene_of(values)).tolist() == [False, True, False]


def test_nothing_is_said_of_a_scene_without_data():
    assert not empty_in_sample(scene_of(np.full((3, 30, 30), np.nan, np.float32))).any()
    assert not empty_in_sample(scene_of(np.ones((3, 1, 1), np.float32))).any()
    assert not empty_in_sample(scene_of(np.ones((3, 0, 5), np.float32))).any()


def test_few_equal_pixels_are_no_evidence():
    values = noise(2, 2, 2)
    values[1] = 5
    assert not empty_in_sample(scene_of(values)).any()
    values[1] = np.nan
    assert empty_in_sample(scene_of(values)).tolist() == [False, True]
