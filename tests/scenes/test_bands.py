import logging

import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import ConfigError, SceneError
from spectralmamba.scenes.bands import (
    in_order_of_wavelength,
    local_spacing,
    mark_empty_bands,
    mark_unusable_bands,
    mark_water_vapour,
    select_wavelengths,
)

from .products import band_tags, cube, write_tiff
from .spectral import is_lazy, spectral


def test_bands_are_sorted_and_keep_their_number():
    scene = in_order_of_wavelength(spectral([500, 400, 700, 600], fwhm=[5, 4, 7, 6], good=[True, False, True, True]))
    assert scene.wavelength.values.tolist() == [400, 500, 600, 700]
    assert scene.band.values.tolist() == [2, 1, 4, 3]
    assert scene.fwhm.values.tolist() == [4, 5, 6, 7]
    assert scene.good.values.tolist() == [False, True, True, True]
    assert is_lazy(scene)
    assert scene.attrs["array"].reads == []
    assert scene.values[:, 0, 0].tolist() == [400, 500, 600, 700]


def test_every_file_is_sorted_when_it_is_opened(tmp_path):
    values = cube(3)
    tags = [{"wavelength": w, "wavelength_units": "nm"} for w in ("900", "500", "700")]
    scene = open_scene(write_tiff(tmp_path / "a.tif", values, tags=tags))
    assert scene.band.values.tolist() == [2, 3, 1]
    np.testing.assert_array_equal(scene.values, values[[1, 2, 0]])


@pytest.mark.parametrize("wavelength", [[400, 500, 600], [np.nan] * 3])
def test_what_is_in_order_or_unknown_stays_itself(wavelength):
    scene = spectral(wavelength)
    assert in_order_of_wavelength(scene) is scene


def test_placeholders_count_as_unknown():
    scene = in_order_of_wavelength(spectral([0, 0, 0]))
    assert scene.wavelength.isnull().all()
    assert scene.good.all()


def test_unknown_among_known_come_last_and_are_not_used(caplog):
    with caplog.at_level(logging.WARNING):
        scene = in_order_of_wavelength(spectral([np.nan, 600, 0, 500]))
    assert scene.band.values.tolist() == [4, 2, 1, 3]
    assert scene.good.values.tolist() == [True, True, False, False]
    assert "bands 1, 3 without a wavelength" in caplog.text


def test_bands_of_one_wavelength_keep_their_order_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        scene = in_order_of_wavelength(spectral([600, 500, 500]))
    assert scene.band.values.tolist() == [2, 3, 1]
    assert "several bands have one wavelength (the first at 500 nm)" in caplog.text


def test_unknown_units_are_refused(tmp_path):
    path = write_tiff(tmp_path / "a.tif", cube(2), tags=band_tags(2, wavelength_units="furlong"))
    with pytest.raises(SceneError, match="'furlong', which is not a known unit; set"):
        open_scene(path)


def test_ranges_of_wavelengths_include_both_ends():
    scene = select_wavelengths(spectral([400, 450, 900, 1000, 1500, 1600]), "450-900, 1550-2000")
    assert scene.wavelength.values.tolist() == [450, 900, 1600]
    assert scene.band.values.tolist() == [2, 3, 6]
    assert is_lazy(scene)


@pytest.mark.parametrize("text", ["", "450", "900-450", "450-", "a-b", "450-500-600", "-450-900", "nan-900"])
def test_what_is_no_range(text):
    with pytest.raises(ConfigError, match=";"):
        select_wavelengths(spectral([400, 500]), text)


def test_ranges_without_bands_or_wavelengths():
    with pytest.raises(SceneError, match=r"no band within 450-490 nm; its bands lie within 400-500"):
        select_wavelengths(spectral([400, 500]), "400-420,450-490")
    with pytest.raises(SceneError, match="does not say its wavelengths"):
        select_wavelengths(spectral([np.nan, np.nan]), "400-500")


def noise(n_bands: int, size: int = 40) -> np.ndarray:
    return np.random.default_rng(0).random((n_bands, size, size), np.float32)


def test_bands_in_windows_of_water_vapour_are_not_good():
    scene = spectral([1300, 1325, 1400, 1700, 1900, 2100], noise(6), good=[False, True, True, True, True, True])
    assert mark_unusable_bands(scene).good.values.tolist() == [False, False, False, True, False, True]
    assert mark_water_vapour(scene).good.values.tolist() == [False, False, False, True, False, True]
    assert mark_unusable_bands(scene, keep_water_vapour=True) is scene
    assert is_lazy(mark_unusable_bands(scene))


def test_where_no_band_would_be_left_none_is_marked():
    scene = spectral([1350, 1400, 1900], noise(3))
    assert mark_unusable_bands(scene) is scene


def test_unknown_wavelengths_are_in_no_window():
    assert mark_water_vapour(spectral([np.nan, np.nan])).good.all()


def test_opening_marks_what_no_product_has_marked(tmp_path):
    values = noise(5)
    values[1] = 3
    tags = [
        {"wavelength": w, "wavelength_units": "nm", "bbl": str(int(w != "2100"))}
        for w in ("800", "1000", "1400", "1600", "2100")
    ]
    path = write_tiff(tmp_path / "a.tif", values, tags=tags)
    assert open_scene(path).good.values.tolist() == [True, False, False, True, False]
    assert open_scene(path, keep_water_vapour=True).good.values.tolist() == [True, False, True, True, False]


def test_empty_bands_are_marked():
    values = np.random.default_rng(0).random((3, 4, 5))
    values[1], values[2, :2] = 7, np.nan
    assert mark_empty_bands(spectral([400, 500, 600], values)).good.values.tolist() == [True, False, True]


def test_the_spacing_is_to_the_nearer_neighbour():
    assert local_spacing(np.array([400.0, 410, 430, 430, 500])).tolist() == [10, 10, 20, 70, 70]
    assert local_spacing(np.array([400.0])).tolist() == [np.inf]


def test_operations_of_xarray_keep_the_metadata(tmp_path):
    tags = [{"wavelength": w, "wavelength_units": "nm"} for w in ("900", "500", "700")]
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(3), tags=tags))
    for result in (
        scene.isel(band=[0, 2], y=slice(1, 4)),
        scene.sel(band=[2, 1]),
        scene.where(scene > 50),
        scene * 2 + 1,
        scene.astype(np.float64),
        scene.copy(),
    ):
        assert result.attrs["source"] == scene.attrs["source"]
        assert result.name == "a"
        assert result.wavelength.attrs == {"units": "nm"}
        assert set(result.wavelength.values) <= {500, 700, 900}
        assert {"fwhm", "good", "spatial_ref"} <= set(result.coords)
        assert result.rio.crs.to_epsg() == 32633
        assert result.rio.transform().a == 30
    assert scene.isel(y=slice(1, 4)).rio.bounds()[3] == scene.rio.bounds()[3] - 30
