import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import zarr_store

from .products import cf as product
from .products import write_tiff

zarr = pytest.importorskip("zarr")

pytestmark = pytest.mark.filterwarnings("ignore:Consolidated metadata is currently not part", "ignore:.*fixed_length")


@pytest.mark.parametrize("version", [2, 3])
def test_a_scene_that_was_written_is_read_back_as_it_was(tmp_path, version):
    scene = product.scene()
    scene.to_zarr(tmp_path / "flight.zarr", zarr_format=version)
    again = open_scene(tmp_path / "flight.zarr")
    np.testing.assert_array_equal(again.values, scene.values)
    for name in ("wavelength", "fwhm", "good", "band", "x", "y"):
        np.testing.assert_array_equal(again[name], scene[name])
    assert again.rio.crs == scene.rio.crs
    assert again.rio.transform() == scene.rio.transform()
    assert again.rio.encoded_nodata == -9999
    assert again.attrs["format"] == "Zarr"
    assert not again.variable._in_memory


def test_pixel_centres_are_where_gdal_has_them(tmp_path):
    product.scene().to_zarr(tmp_path / "flight.zarr", zarr_format=2)
    scene = open_scene(tmp_path / "flight.zarr")
    write_tiff(tmp_path / "flight.tif", product.scene().values)
    with rasterio.open(tmp_path / "flight.tif") as dataset:
        assert scene.rio.crs == dataset.crs
        for row, col in ((0, 0), (4, 6)):
            assert dataset.xy(row, col) == (float(scene.x[col]), float(scene.y[row]))


def test_windows_come_from_the_chunks_that_hold_them(tmp_path):
    scene = product.scene()
    scene.chunk({"y": 2, "x": 3}).to_zarr(tmp_path / "a.zarr", consolidated=False)
    again = open_scene(tmp_path / "a.zarr").isel(band=[0, 2], y=slice(1, 4), x=[6, 2])
    np.testing.assert_array_equal(again.values, scene.values[[0, 2], 1:4][:, :, [6, 2]])


def test_a_single_array_is_refused_with_advice(tmp_path):
    zarr.save_array(tmp_path / "a.zarr", product.cube())
    with pytest.raises(SceneError, match=r"a Zarr array by itself.*to_zarr"):
        open_scene(tmp_path / "a.zarr")


@pytest.mark.parametrize("content", ["{", "[]", '{"node_type": "group", "zarr_format": 9}'])
def test_a_damaged_store(tmp_path, content):
    product.scene().to_zarr(tmp_path / "a.zarr", consolidated=False)
    (tmp_path / "a.zarr" / "zarr.json").write_text(content)
    with pytest.raises(SceneError, match="damaged or incomplete"):
        open_scene(tmp_path / "a.zarr")


def test_a_damaged_chunk(tmp_path):
    product.scene().to_zarr(tmp_path / "a.zarr", consolidated=False)
    chunk = next(path for path in (tmp_path / "a.zarr" / "flight" / "c").rglob("*") if path.is_file())
    chunk.write_bytes(b"\xff" * 40)
    with pytest.raises(SceneError, match="damaged or incomplete"):
        open_scene(tmp_path / "a.zarr").load()


def test_a_store_without_a_cube(tmp_path):
    product.scene().isel(band=0, drop=True).to_zarr(tmp_path / "a.zarr")
    with pytest.raises(SceneError, match="holds no cube of numbers"):
        open_scene(tmp_path / "a.zarr")


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    product.scene().to_zarr(tmp_path / "a.zarr")
    monkeypatch.setattr(zarr_store, "find_spec", lambda name: None)
    with pytest.raises(SceneError, match=r"spectralmamba\[distributed\]"):
        open_scene(tmp_path / "a.zarr")


def test_folders_of_other_things_are_no_stores(tmp_path):
    assert not zarr_store.recognises(tmp_path)
