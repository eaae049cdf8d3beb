import numpy as np
import pytest
import xarray as xr

from spectralmamba.reporting.false_colour import false_colour, read_band, stretch
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.lazy import WindowedArray

from .pictures import random_scene, scene_of

WAVELENGTHS = np.arange(400.0, 1000.0, 10.0)


class Counting(WindowedArray):
    """A lazy scene of its own row and column numbers that remembers the largest read."""

    largest = 0

    def read_window(self, bands, rows, cols):
        y, x = np.mgrid[rows, cols]
        Counting.largest = max(Counting.largest, bands.size * y.size)
        return np.broadcast_to((1000 * y + x + 1).astype(np.float32), (bands.size, *y.shape)).copy()


def test_bands_by_wavelength():
    picture = false_colour(random_scene(60, 4, 5, wavelength=WAVELENGTHS))
    assert picture.bands == "860, 650, 550 nm"
    assert picture.rgb.shape == (4, 5, 3)
    assert picture.valid.all()


@pytest.mark.parametrize("wavelength", [None, np.arange(1500.0, 2100.0, 10.0)])
def test_spread_bands_where_wavelengths_do_not_help(wavelength):
    scene = random_scene(60, 4, 5, wavelength=wavelength)
    assert false_colour(scene).bands == ("bands 45, 28, 10" if wavelength is None else "1940, 1770, 1590 nm")


def test_bad_empty_and_constant_bands_are_passed_over():
    values = np.random.default_rng(0).random((60, 4, 5))
    values[46], values[25] = 0, np.nan  # 860 and 650 nm
    good = np.arange(60) != 15  # 550 nm
    assert false_colour(scene_of(values, WAVELENGTHS, good)).bands in {
        f"{a}, {b}, {c} nm" for a in (850, 870) for b in (640, 660) for c in (540, 560)
    }


def test_a_scene_without_data_is_a_picture_all_the_same():
    picture = false_colour(scene_of(np.full((3, 4, 5), np.nan)))
    assert not picture.valid.any()
    assert np.isfinite(picture.rgb).all()


def test_missing_pixels():
    values = np.random.default_rng(0).random((3, 4, 5))
    values[:, 1, 2] = np.nan
    scene = scene_of(values).assign_coords(excluded=(("y", "x"), np.arange(20).reshape(4, 5) == 0))
    valid = np.ones((4, 5), bool)
    valid[1, 2] = valid[0, 0] = False
    np.testing.assert_array_equal(false_colour(scene).valid, valid)


def test_large_scenes_are_decimated_and_read_in_strips():
    shape = (40, 3100, 2000)
    scene = make_scene(Counting(shape).lazy(), name="large", source="made")
    Counting.largest = 0
    picture = false_colour(scene)
    assert picture.step == 3
    assert picture.valid.shape == (1034, 667)
    assert Counting.largest <= 256 * 2000
    assert not scene.variable._in_memory
    np.testing.assert_array_equal(read_band(scene, 0, 3), (1000 * np.mgrid[:3100:3] + 1)[:, None] + np.mgrid[:2000:3])


def test_stretch():
    plane = stretch(np.append(np.arange(101, dtype=np.float32), np.nan)[None])
    assert np.isnan(plane[0, -1])
    np.testing.assert_allclose(plane[0, [0, 2, 50, 98, 100]], [0, 0, 0.5, 1, 1], atol=1e-6)
    np.testing.assert_array_equal(stretch(np.full((2, 2), 7, np.float32)), 0)
    assert isinstance(stretch(xr.DataArray(np.ones((2, 2), np.float32)).values), np.ndarray)
