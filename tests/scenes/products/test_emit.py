import h5py
import numpy as np
import pytest
import rasterio
from affine import Affine

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes.products import emit
from spectralmamba.scenes.products.emit import EmitArray

from . import emit as product


def test_the_lookup_table_places_every_pixel(tmp_path):
    scene = open_scene(product.write(tmp_path))
    assert scene.dims == ("band", "y", "x")
    assert scene.dtype == np.float32
    np.testing.assert_allclose(scene.values, product.orthorectified(), rtol=1e-6)
    np.testing.assert_allclose(scene.wavelength, product.WAVELENGTHS)
    np.testing.assert_allclose(scene.fwhm, 8.5)
    assert scene.good.values.tolist() == [True, True, False, True]
    assert scene.rio.encoded_nodata == -9999
    assert scene.attrs["format"] == "EMIT L2A reflectance"


def test_pixel_centres_are_where_gdal_has_them(tmp_path):
    scene = open_scene(product.write(tmp_path))
    with rasterio.open(
        tmp_path / "grid.tif",
        "w",
        driver="GTiff",
        height=9,
        width=10,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=Affine.from_gdal(*product.GEOTRANSFORM),
    ) as dataset:
        assert scene.rio.crs == dataset.crs
        for row, col in ((0, 0), (8, 9), (3, 7)):
            assert dataset.xy(row, col) == pytest.approx((float(scene.x[col]), float(scene.y[row])), abs=1e-12)


def test_windows_read_only_the_lines_they_need(tmp_path, monkeypatch):
    read = []
    sensor = EmitArray._sensor

    def watched(self, file, bands, lines, columns):
        read.append((bands.tolist(), lines, columns))
        return sensor(self, file, bands, lines, columns)

    monkeypatch.setattr(EmitArray, "_sensor", watched)
    scene = open_scene(product.write(tmp_path))
    read.clear()  # what was looked at for empty bands
    window = scene.isel(y=slice(3, 5), x=slice(4, 6), band=[0, 2]).values
    assert read == [([0, 2], slice(2, 4), slice(3, 5))]
    np.testing.assert_allclose(window, product.orthorectified()[[0, 2], 3:5, 4:6], rtol=1e-6)


def test_wide_windows_are_read_in_parts_and_stay_the_same(tmp_path, monkeypatch):
    scene = open_scene(product.write(tmp_path))
    monkeypatch.setattr(emit, "_HULL_PIXELS", 4)
    np.testing.assert_allclose(scene.values, product.orthorectified(), rtol=1e-6)


def test_where_the_grid_has_no_pixel_nothing_is_read(tmp_path):
    path = product.write(tmp_path)
    corner = open_scene(path).isel(y=slice(0, 1), x=slice(9, 10))
    assert np.isnan(corner.values).all()


def test_the_array_itself_is_in_sensor_geometry(tmp_path):
    scene = open_scene(product.write(tmp_path), "reflectance")
    values = product.reflectance().transpose(2, 0, 1)
    np.testing.assert_array_equal(scene.values, np.where(values == -9999, np.nan, values))
    assert scene.rio.crs is None
    with pytest.raises(SceneError, match="no cube 'radiance'"):
        open_scene(tmp_path / product.RFL, "radiance")


def test_without_its_lookup_table_it_is_refused_with_advice(tmp_path):
    path = product.write(tmp_path, glt=False)
    with pytest.raises(SceneError, match=r"no geometry lookup table .*variable='reflectance'"):
        open_scene(path)
    assert open_scene(path, "reflectance").shape == (4, product.LINES, product.COLUMNS)


def test_a_lookup_table_of_another_scene_is_refused(tmp_path):
    path = product.write(tmp_path)
    with h5py.File(path, "r+") as file:
        file["location/glt_y"][0, 0] = product.LINES + 1
        file["location/glt_x"][0, 0] = 1
    with pytest.raises(SceneError, match="beyond its 7 × 6"):
        open_scene(path)


@pytest.mark.parametrize("missing", ["fwhm", "good_wavelengths"])
def test_band_parameters_that_are_missing(tmp_path, missing):
    path = product.write(tmp_path)
    with h5py.File(path, "r+") as file:
        del file[f"sensor_band_parameters/{missing}"]
    with pytest.raises(SceneError, match=f"does not give {missing}"):
        open_scene(path)


def test_unknown_units_of_wavelengths(tmp_path):
    with pytest.raises(SceneError, match="'furlong', which is not a known unit"):
        open_scene(product.write(tmp_path, units="furlong"))


def test_the_grid_has_to_be_described(tmp_path):
    path = product.write(tmp_path)
    with h5py.File(path, "r+") as file:
        file.attrs["geotransform"] = np.arange(3.0)
    with pytest.raises(SceneError, match="3 numbers instead of 6"):
        open_scene(path)
    with h5py.File(path, "r+") as file:
        file.attrs["geotransform"] = np.array(product.GEOTRANSFORM)
        file.attrs["spatial_ref"] = "somewhere"
    with pytest.raises(SceneError, match="no coordinate reference system"):
        open_scene(path)
