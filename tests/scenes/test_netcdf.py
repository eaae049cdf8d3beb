import pickle
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclude, exclusion_counts
from spectralmamba.scenes.cf.reader import CfArray
from spectralmamba.scenes.hdf5 import is_hdf5

from .products import cf as product
from .products import cube, cut, moved, write_tiff
from .products import prisma as prisma_product


def test_a_scene_that_was_written_is_read_back_as_it_was(tmp_path):
    scene = product.scene()
    scene.to_netcdf(tmp_path / "flight.nc")
    again = open_scene(tmp_path / "flight.nc")
    np.testing.assert_array_equal(again.values, scene.values)
    for name in ("wavelength", "fwhm", "good", "band", "x", "y"):
        np.testing.assert_array_equal(again[name], scene[name])
    assert again.rio.crs == scene.rio.crs
    assert again.rio.transform() == scene.rio.transform()
    assert again.rio.encoded_nodata == -9999
    assert again.dtype == np.float32
    assert again.name == "flight"
    assert again.attrs["format"] == "NetCDF"


def test_a_part_with_its_own_band_numbers_too(tmp_path):
    part = product.scene().isel(band=[2, 0], y=slice(1, 4), x=slice(3, 7))
    part = part.assign_coords(detector=("band", ["SWIR", "VNIR"]))
    part.to_netcdf(tmp_path / "part.nc")
    again = open_scene(tmp_path / "part.nc")
    assert again.band.values.tolist() == [1, 3]
    assert again.detector.values.tolist() == ["VNIR", "SWIR"]
    assert again.rio.transform() == part.rio.transform()
    np.testing.assert_array_equal(again.values, part.values[::-1])


@pytest.mark.parametrize("part", [{}, {"y": slice(2, 4), "x": slice(1, 3)}])
def test_a_rotated_scene_too(tmp_path, part):
    turned = Affine(20.0, 5.0, 366015.0, 5.0, -20.0, 5809965.0)
    scene = product.scene(transform=turned).isel(part)
    scene.to_netcdf(tmp_path / "turned.nc")
    again = open_scene(tmp_path / "turned.nc")
    expected = turned @ Affine.translation(1, 2) if part else turned
    assert again.rio.transform() == expected
    np.testing.assert_array_equal(again.values, scene.values)


def test_pixels_that_were_left_out_stay_so(tmp_path):
    where = np.zeros((5, 7), bool)
    where[1, 3] = True
    product.scene().assign_coords(excluded=(("y", "x"), where)).to_netcdf(tmp_path / "a.nc")
    again = open_scene(tmp_path / "a.nc")
    np.testing.assert_array_equal(again.excluded, where)
    assert exclusion_counts(again) == {"left out before": 1}


def test_a_mosaic_with_exclusions_can_be_written_and_keeps_the_reasons(tmp_path):
    (tmp_path / "tiles").mkdir()
    for name, place in (("a", moved(0, 0)), ("b", moved(0, 7))):
        write_tiff(tmp_path / "tiles" / f"{name}.tif", cube(), transform=place)
    scene = open_scene(tmp_path / "tiles")
    where = np.zeros(scene.shape[1:], bool)
    where[1, 3:5] = True
    scene = exclude(scene, {"cloud": where, "cloud shadow": where & False})
    scene.to_netcdf(tmp_path / "a.nc")
    again = open_scene(tmp_path / "a.nc")
    assert exclusion_counts(again) == {"cloud": 2, "cloud shadow": 0}
    np.testing.assert_array_equal(again.excluded, where)
    part = again.isel(y=slice(1, 3), x=slice(4, 6))
    assert exclusion_counts(part) == {"left out before": 1}
    part.to_netcdf(tmp_path / "part.nc")
    assert exclusion_counts(open_scene(tmp_path / "part.nc")) == {"left out before": 1}


def test_reasons_that_are_damaged_are_not_known(tmp_path):
    where = np.eye(5, 7, dtype=bool)
    coord = (("y", "x"), where, {"reasons": "{", "of_pixels": 35})
    product.scene().assign_coords(excluded=coord).to_netcdf(tmp_path / "a.nc")
    assert exclusion_counts(open_scene(tmp_path / "a.nc")) == {"left out before": 5}


def test_pixel_centres_are_where_gdal_has_them(tmp_path):
    product.scene().to_netcdf(tmp_path / "flight.nc")
    scene = open_scene(tmp_path / "flight.nc")
    scene.rio.to_raster(tmp_path / "flight.tif")
    sources = [tmp_path / "flight.tif"]
    with rasterio.Env() as env:
        sources += [f"netcdf:{tmp_path / 'flight.nc'}:flight"] * ("netCDF" in env.drivers())
    for source in sources:
        with rasterio.open(source) as dataset:
            for row, col in ((0, 0), (4, 6)):
                assert dataset.xy(row, col) == (float(scene.x[col]), float(scene.y[row]))


def test_a_window_reads_only_itself(tmp_path, monkeypatch):
    windows = []
    read_window = CfArray.read_window

    def watched(self, bands, rows, cols):
        windows.append((bands.tolist(), rows, cols))
        return read_window(self, bands, rows, cols)

    monkeypatch.setattr(CfArray, "read_window", watched)
    values = product.cube()
    scene = open_scene(product.write(tmp_path / "a.nc", {"r": (("y", "x", "band"), values.transpose(1, 2, 0))}))
    windows.clear()  # what was looked at for empty bands
    np.testing.assert_array_equal(scene.isel(y=slice(1, 3), x=[2, 5], band=[0, 2]), values[[0, 2], 1:3][:, :, [2, 5]])
    assert windows == [([0, 2], slice(1, 3), slice(2, 6))]


def test_it_can_be_pickled_and_read_by_threads(tmp_path):
    product.scene().to_netcdf(tmp_path / "a.nc")
    scene = open_scene(tmp_path / "a.nc")
    again = pickle.loads(pickle.dumps(scene))  # noqa: S301
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda row: again.isel(y=row).values, [0, 1, 2, 3, 4] * 4))
    np.testing.assert_array_equal(np.stack(rows[:5], axis=1), product.scene().values)


def test_scale_offset_and_fill_are_applied(tmp_path):
    stored = product.cube().astype(np.int16)
    stored[1, 2, 3] = -32768
    attrs = {"scale_factor": 1e-4, "add_offset": 0.5, "_FillValue": np.int16(-32768)}
    scene = open_scene(product.write(tmp_path / "a.nc", {"reflectance": (("band", "y", "x"), stored, attrs)}))
    expected = np.where(stored == -32768, np.nan, stored * 1e-4 + 0.5)
    np.testing.assert_allclose(scene.values, expected, rtol=1e-6)
    assert scene.rio.encoded_nodata == -32768


def test_the_classic_format(tmp_path):
    pytest.importorskip("scipy")
    values = product.cube()
    dataset = xr.Dataset({"reflectance": (("band", "y", "x"), values)}, {"wavelength": ("band", product.WAVELENGTHS)})
    dataset.to_netcdf(tmp_path / "a.nc", engine="scipy")
    scene = open_scene(tmp_path / "a.nc")
    np.testing.assert_array_equal(scene.values, values)
    np.testing.assert_array_equal(scene.wavelength, product.WAVELENGTHS)


def test_truncated_hdf5_of_any_product_is_said_to_be_damaged(tmp_path):
    product.scene().to_netcdf(tmp_path / "a.nc")
    for path in (tmp_path / "a.nc", prisma_product.write(tmp_path / "a.he5")):
        assert is_hdf5(cut(path, 0.6))
        with pytest.raises(SceneError, match=r"cannot be read .*damaged or incomplete") as caught:
            open_scene(path)
        assert "\n" not in str(caught.value)


def test_hdf5_whose_axes_have_no_names_is_refused_with_advice(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data/cube"] = product.cube()
    with pytest.raises(SceneError, match=r"axes of its arrays .*data/cube .*name the dimensions band, y and x"):
        open_scene(tmp_path / "a.h5")


def test_damage_that_shows_only_on_reading_is_a_scene_error(tmp_path):
    path = tmp_path / "a.nc"
    scene = product.scene()
    scene.to_netcdf(path, engine="h5netcdf", encoding={"flight": {"zlib": True, "chunksizes": (1, 5, 7)}})
    with h5py.File(path, "r") as file:
        place = file["flight"].id.get_chunk_info(1)
    with path.open("r+b") as file:
        file.seek(place.byte_offset)
        file.write(b"\xff" * place.size)
    opened = open_scene(path)
    np.testing.assert_array_equal(opened.isel(band=[0]).values, scene.values[[0]])
    with pytest.raises(SceneError, match="damaged or incomplete"):
        opened.load()
