import pickle

import h5py
import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes.products.prisma import PrismaArray

from . import prisma as product

_FIELDS = "HDFEOS/SWATHS/PRS_L2D_HCO/Data Fields"


def expected(values):
    """Reflectance by rising wavelength, VNIR and SWIR interleaved where they overlap."""
    parts, wavelengths = [], []
    for name, listed in (("Vnir", product.VNIR_NM), ("Swir", product.SWIR_NM)):
        low, high = (product.SCALES[f"L2Scale{name}{end}"] for end in ("Min", "Max"))
        cube = values[name.upper()].transpose(1, 0, 2)[listed > 0].astype(np.float64)
        parts.append(low + cube / 65535 * (high - low))
        wavelengths.append(listed[listed > 0])
    order = np.argsort(np.concatenate(wavelengths), kind="stable")
    reflectance = np.concatenate(parts)[order]
    reflectance[:, 0, 0] = np.nan
    return reflectance, np.concatenate(wavelengths)[order]


def test_both_detectors_become_one_scene_by_rising_wavelength(tmp_path):
    values = product.cubes()
    scene = open_scene(product.write(tmp_path / "PRS_L2D_STD_1.he5", values))
    reflectance, wavelength = expected(values)
    assert scene.dims == ("band", "y", "x")
    assert scene.dtype == np.float32
    np.testing.assert_allclose(scene.values, reflectance, atol=1e-6)
    np.testing.assert_allclose(scene.wavelength, wavelength)
    np.testing.assert_allclose(scene.fwhm, 10 + wavelength / 1000, rtol=1e-6)
    assert scene.attrs["format"] == "PRISMA L2D"
    assert (np.diff(scene.wavelength) > 0).all()


def test_of_the_overlap_each_wavelength_has_one_good_detector(tmp_path):
    scene = open_scene(product.write(tmp_path / "a.he5"))
    middle = (942.96277 + 972.65137) / 2
    is_vnir = scene.detector.values == "VNIR"
    np.testing.assert_array_equal(scene.good, is_vnir == (scene.wavelength.values <= middle))
    assert is_vnir[scene.good.values].tolist() == sorted(is_vnir[scene.good.values], reverse=True)
    # The first stored VNIR band that is there has the longest wavelength, 972.65 nm.
    assert scene.stored_band.values[(scene.wavelength.values > 972) & is_vnir].tolist() == [3]


def test_pixel_centres_are_where_gdal_has_them(tmp_path):
    scene = open_scene(product.write(tmp_path / "a.he5"))
    west, north = product.UPPER_LEFT
    assert (float(scene.x[0]), float(scene.y[0])) == (west, north)
    scene.rio.to_raster(tmp_path / "a.tif")
    with rasterio.open(tmp_path / "a.tif") as dataset:
        assert dataset.crs.to_epsg() == product.EPSG
        assert dataset.xy(0, 0) == (west, north)
        assert dataset.xy(5, 4) == (float(scene.x[4]), float(scene.y[5]))
        assert dataset.xy(5, 4) == (west + 4 * 30, north - 5 * 30)


def test_corners_as_far_apart_as_edges_are_edges(tmp_path):
    west, north = product.UPPER_LEFT
    corners = {f"Product_{c}corner_easting": west + 150 * ("R" in c) for c in ("UL", "UR", "LL", "LR")}
    corners |= {f"Product_{c}corner_northing": north - 180 * (c[0] == "L") for c in ("UL", "UR", "LL", "LR")}
    scene = open_scene(product.write(tmp_path / "a.he5", **corners))
    assert (float(scene.x[0]), float(scene.y[0])) == (west + 15, north - 15)


def test_values_that_were_invalid_already_at_level_1_are_missing(tmp_path):
    path = product.write(tmp_path / "a.he5")
    with h5py.File(path, "r+") as file:
        file[f"{_FIELDS}/VNIR_PIXEL_L2_ERR_MATRIX"][2, 6, 3] = 1  # 560 nm
        file[f"{_FIELDS}/VNIR_PIXEL_L2_ERR_MATRIX"][3, 6, 3] = 4
    scene = open_scene(path)
    missing = np.isnan(scene.values)
    assert missing.sum() == scene.shape[0] + 1
    assert missing[int(np.argmin(np.abs(scene.wavelength.values - 560))), 2, 3]


def test_water_that_is_dark_in_some_bands_is_no_surroundings(tmp_path):
    values = product.cubes()
    values["SWIR"][3, :, 3] = 0
    values["VNIR"][3, :5, 3] = 0
    scene = open_scene(product.write(tmp_path / "a.he5", values))
    assert np.isfinite(scene.values[:, 3, 3]).all()
    assert float(scene.values[scene.detector.values == "SWIR", 3, 3].max()) == pytest.approx(-0.01)


def test_windows_agree_with_the_whole(tmp_path, monkeypatch):
    windows = []
    read_window = PrismaArray.read_window

    def watched(self, bands, rows, cols):
        windows.append((rows, cols))
        return read_window(self, bands, rows, cols)

    monkeypatch.setattr(PrismaArray, "read_window", watched)
    path = product.write(tmp_path / "a.he5")
    scene = open_scene(path)
    windows.clear()  # what was looked at for empty bands
    part = scene.isel(y=slice(2, 4), x=slice(1, 3), band=[6, 0, 3])
    values = part.values
    assert windows == [(slice(2, 4), slice(1, 3))]
    np.testing.assert_array_equal(values, scene.values[[6, 0, 3], 2:4, 1:3])
    again = pickle.loads(pickle.dumps(open_scene(path)))  # noqa: S301
    np.testing.assert_array_equal(again.values, scene.values)


def test_one_detector_can_be_asked_for(tmp_path):
    path = product.write(tmp_path / "a.he5")
    both, swir = open_scene(path), open_scene(path, "SWIR_Cube")
    np.testing.assert_array_equal(swir.wavelength, both.wavelength[both.detector == "SWIR"])
    assert swir.good.all()
    with pytest.raises(SceneError, match=r"no cube 'PAN'.*VNIR_Cube or SWIR_Cube"):
        open_scene(path, "PAN")


@pytest.mark.parametrize("level", ["L1", "L2B", "L2C"])
def test_another_level_is_refused(tmp_path, level):
    with pytest.raises(SceneError, match=f"PRISMA product of level {level}.*pass its L2D product"):
        open_scene(product.write(tmp_path / "a.he5", level=level))


def test_a_product_without_its_cubes(tmp_path):
    path = product.write(tmp_path / "a.he5")
    with h5py.File(path, "r+") as file:
        del file[_FIELDS]
    with pytest.raises(SceneError, match="L2D product without its cubes"):
        open_scene(path)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"List_Cw_Vnir": None}, "lacks the attribute List_Cw_Vnir"),
        ({"List_Cw_Swir": np.arange(3.0)}, "lists 3 wavelengths"),
        ({"List_Cw_Swir": np.zeros(7)}, "every SWIR band has wavelength 0"),
        ({"Epsg_Code": 1}, "unknown CRS EPSG:1"),
        ({"Product_LRcorner_easting": 366030.0 + 3000}, "100 pixels of 30 m apart"),
        ({"L2ScaleVnirMax": np.bytes_("high")}, "L2ScaleVnirMax is no number"),
    ],
)
def test_what_the_product_should_have_and_has_not(tmp_path, attributes, message):
    with pytest.raises(SceneError, match=message):
        open_scene(product.write(tmp_path / "a.he5", **attributes))


def test_cubes_of_two_sizes_are_refused(tmp_path):
    values = product.cubes()
    values["SWIR"] = values["SWIR"][:-1]
    with pytest.raises(SceneError, match="differ in size"):
        open_scene(product.write(tmp_path / "a.he5", values))


def test_a_product_that_went_away_is_a_scene_error(tmp_path):
    path = product.write(tmp_path / "a.he5")
    scene = open_scene(path)
    path.unlink()
    with pytest.raises(SceneError, match="no longer there"):
        scene.load()
