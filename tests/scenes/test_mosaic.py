import pickle

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import tiles_of
from spectralmamba.scenes.geotiff import GeoTiffArray

from .products import band_tags, cube, moved, write_tiff, write_tiles

HEIGHT, WIDTH = 12, 14
PLACES = {"b.tif": (0, 5, 4, 5), "a.tif": (4, 0, 5, 5), "c.tif": (7, 9, 5, 5), "d.tif": (8, 8, 3, 4)}


def assembled(whole, places):
    """The slow way: the whole array with NaN where no tile lies."""
    out = np.full(whole.shape, np.nan, np.float32)
    for row, col, height, width in places.values():
        out[:, row : row + height, col : col + width] = whole[:, row : row + height, col : col + width]
    out[whole == 0] = np.nan
    return out


@pytest.fixture(scope="module")
def folder_and_whole(tmp_path_factory):
    whole = cube(3, HEIGHT, WIDTH)
    whole[:, 8, 9] = 0
    folder = write_tiles(tmp_path_factory.mktemp("product") / "potsdam", whole, PLACES)
    for name in ("a.tif.aux.xml", "folds.csv", "points.gpkg"):
        (folder / name).write_text("not a scene")
    return folder, assembled(whole, PLACES)


def test_a_folder_becomes_one_scene_with_gaps(folder_and_whole):
    folder, whole = folder_and_whole
    scene = open_scene(folder)
    assert scene.name == "potsdam"
    assert not scene.variable._in_memory
    np.testing.assert_array_equal(scene.values, whole)
    assert np.isnan(scene.rio.nodata)
    assert scene.rio.encoded_nodata == 0
    assert scene["wavelength"].values.tolist() == [400.5, 410.5, 420.5]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.tuples(st.integers(0, HEIGHT), st.integers(0, HEIGHT)),
    cols=st.tuples(st.integers(0, WIDTH), st.integers(0, WIDTH)),
    bands=st.lists(st.integers(0, 2), min_size=1, max_size=3),
)
def test_any_window_is_the_same_window_of_the_whole(folder_and_whole, rows, cols, bands):
    folder, whole = folder_and_whole
    rows, cols = slice(*sorted(rows)), slice(*sorted(cols))
    window = open_scene(folder).isel(y=rows, x=cols, band=bands)
    np.testing.assert_array_equal(window.values, whole[bands][:, rows, cols])


def test_pixel_centres_are_where_gdal_has_them(folder_and_whole):
    folder, _ = folder_and_whole
    scene = open_scene(folder)
    for tile in tiles_of(scene):
        with rasterio.open(folder / tile["name"]) as dataset:
            assert dataset.xy(0, 0) == (scene["x"].values[tile["col"]], scene["y"].values[tile["row"]])
            last = tile["row"] + tile["height"] - 1, tile["col"] + tile["width"] - 1
            assert dataset.xy(tile["height"] - 1, tile["width"] - 1) == pytest.approx(
                rasterio.transform.xy(scene.rio.transform(), *last)
            )


def test_tiles_are_listed_in_order_of_name_and_survive(folder_and_whole):
    scene = open_scene(folder_and_whole[0])
    tiles = tiles_of(scene.isel(band=0))
    assert [tile["name"] for tile in tiles] == ["a.tif", "b.tif", "c.tif", "d.tif"]
    assert tiles[1] == {"name": "b.tif", "row": 0, "col": 5, "height": 4, "width": 5}
    assert tiles_of(scene.isel(y=slice(0, 3))) == []  # of a part they would lie elsewhere


def test_a_window_reads_only_the_tiles_that_it_touches(folder_and_whole, monkeypatch):
    read = []
    read_window = GeoTiffArray.read_window

    def watched(self, bands, rows, cols):
        read.append((self.path.name, rows, cols))
        return read_window(self, bands, rows, cols)

    monkeypatch.setattr(GeoTiffArray, "read_window", watched)
    scene = open_scene(folder_and_whole[0])
    read.clear()  # what was looked at for empty bands
    _ = scene.isel(y=slice(2, 6), x=slice(4, 6)).values
    assert read == [("a.tif", slice(0, 2), slice(4, 5)), ("b.tif", slice(2, 4), slice(0, 1))]
    _ = scene.isel(y=slice(0, 3), x=slice(0, 3)).values
    assert len(read) == 2


def test_a_mosaic_can_be_pickled_and_chunked(folder_and_whole):
    folder, whole = folder_and_whole
    again = pickle.loads(pickle.dumps(open_scene(folder)))  # noqa: S301
    assert not again.variable._in_memory
    np.testing.assert_array_equal(again.values, whole)
    np.testing.assert_array_equal(open_scene(folder).chunk({"y": 5, "x": 5}).values, whole)


def test_a_list_keeps_its_order_and_the_first_valid_value_wins(tmp_path):
    first, second = np.full((2, 2, 2), 1.0, np.float32), np.full((2, 2, 3), 2.0, np.float32)
    first[:, 0, 0] = -9
    a = write_tiff(tmp_path / "a.tif", first, nodata=-9)
    b = write_tiff(tmp_path / "b.tif", second)
    np.testing.assert_array_equal(open_scene([a, b]).values[0], [[2, 1, 2], [1, 1, 2]])
    np.testing.assert_array_equal(open_scene([b, a]).values[0], [[2, 2, 2], [2, 2, 2]])
    assert open_scene([a, b]).rio.encoded_nodata is None
    assert np.isnan(open_scene([a, b]).rio.nodata)


def test_a_band_is_good_where_every_tile_says_so(tmp_path):
    tags = band_tags(2)
    a = write_tiff(tmp_path / "a.tif", cube(2), tags=tags)
    b = write_tiff(tmp_path / "b.tif", cube(2), transform=moved(5, 0), tags=[tags[0], tags[1] | {"bbl": "0"}])
    assert open_scene([a, b])["good"].values.tolist() == [True, False]


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (cube(2), {"crs": "EPSG:32634"}, r"CRS \(EPSG:32633 and EPSG:32634\)"),
        (cube(2), {"transform": moved(0.5, 7)}, "alignment"),
        (cube(2), {"transform": rasterio.Affine(20, 0, 366015, 0, -20, 5809965)}, r"resolution \(30 × 30 and 20 × 20"),
        (cube(3), {}, r"number of bands \(2 and 3\)"),
        (cube(2), {"tags": band_tags(2, wavelength="700")}, "wavelengths"),
        (cube(2), {"tags": []}, "wavelengths"),
        (cube(2), {"crs": None, "transform": None}, "no georeferencing"),
    ],
)
def test_tiles_that_do_not_fit_are_named(tmp_path, values, options, message):
    write_tiff(tmp_path / "a.tif", cube(2), tags=band_tags(2))
    write_tiff(tmp_path / "b.tif", values, **({"tags": band_tags(2), "transform": moved(0, 7)} | options))
    with pytest.raises(SceneError, match=message) as caught:
        open_scene(tmp_path)
    assert "b.tif" in str(caught.value)
    assert "a.tif" in str(caught.value) or "no georeferencing" in message


def test_a_rounding_difference_is_no_difference(tmp_path):
    a = write_tiff(tmp_path / "a.tif", cube(2))
    b = write_tiff(tmp_path / "b.tif", cube(2), transform=moved(5.0002, -7.0002))
    scene = open_scene([a, b])
    assert scene.shape == (2, 10, 14)
    assert [tile["col"] for tile in tiles_of(scene)] == [7, 0]


def test_one_tile_may_be_without_georeferencing(tmp_path):
    write_tiff(tmp_path / "a.tif", cube(2), crs=None, transform=None)
    scene = open_scene(tmp_path)
    assert scene.name == tmp_path.name
    assert scene.shape == (2, 5, 7)


@pytest.mark.real_data
def test_the_enmap_tiles(data_folder):
    scene = open_scene(data_folder / "enmap_potsdam/images")
    assert scene.name == "images"
    assert len(tiles_of(scene)) == 18
    for tile in tiles_of(scene):  # their names hold column and row offset in the scene they were cut from
        col, row = map(int, tile["name"].removesuffix(".tif").split("_")[-2:])
        assert (tile["row"], tile["col"]) == (row, col - 64)  # the westernmost begins at column 64
    assert int(scene.isel(band=0).notnull().sum()) == 18 * 32 * 32
