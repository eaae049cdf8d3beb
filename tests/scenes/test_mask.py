import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio.shutil
import xarray as xr
from affine import Affine
from rasterio.transform import from_bounds
from rasterio.warp import transform_bounds
from shapely import Point, Polygon, box

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclusion_counts
from spectralmamba.scenes.mask import with_mask

from .products import CRS, TRANSFORM, cube, cut, moved, write_tiff

MASK = np.zeros((5, 7), np.uint8)
MASK[1, 2:4] = 255


@pytest.fixture
def scene(tmp_path):
    return open_scene(write_tiff(tmp_path / "scene.tif", cube()))


def test_non_zero_excludes(scene, tmp_path):
    masked = with_mask(scene, write_tiff(tmp_path / "mask.tif", MASK))
    np.testing.assert_array_equal(masked.coords["excluded"], MASK > 0)
    assert masked.coords["excluded"].dims == ("y", "x")
    assert not masked.variable._in_memory
    assert masked.isel(y=slice(1, 2)).coords["excluded"].values.sum() == 2
    assert "excluded" not in scene.coords


def test_masks_add_up_and_may_be_arrays(scene, tmp_path):
    other = np.zeros((5, 7))
    other[4, 6] = np.nan
    masked = with_mask(with_mask(scene, write_tiff(tmp_path / "mask.tif", MASK)), xr.DataArray(other, dims=("y", "x")))
    assert masked.coords["excluded"].values.sum() == 3


def test_a_mask_without_georeferencing_fits_by_size(scene, tmp_path):
    path = write_tiff(tmp_path / "mask.tif", MASK, crs=None, transform=None)
    assert with_mask(scene, path).coords["excluded"].values.sum() == 2


@pytest.mark.parametrize(
    ("values", "transform", "expected"),
    [
        (MASK[:4], moved(0, 0), [(1, 2), (1, 3)]),
        (MASK, moved(1, 0), [(2, 2), (2, 3)]),
        (MASK, moved(0, 5), []),
        (np.kron(MASK, np.ones((2, 2), np.uint8)), moved(0, 0) @ Affine.scale(0.5), [(1, 2), (1, 3)]),
        (MASK, moved(0.4, 0.4), [(1, 2), (1, 3)]),
    ],
)
def test_a_mask_on_another_grid_is_brought_onto_the_scenes(scene, tmp_path, values, transform, expected):
    masked = with_mask(scene, write_tiff(tmp_path / "mask.tif", values, transform=transform))
    assert np.argwhere(masked.coords["excluded"].values).tolist() == [list(place) for place in expected]


def test_a_mask_in_another_crs_is_warped_and_that_is_said(scene, tmp_path, caplog):
    west, south, east, north = transform_bounds(CRS, "EPSG:4326", 366075, 5809905, 366135, 5809935)
    fine = np.ones((50, 50), np.uint8)
    path = write_tiff(
        tmp_path / "mask.tif", fine, crs="EPSG:4326", transform=from_bounds(west, south, east, north, 50, 50)
    )
    with caplog.at_level("WARNING"):
        masked = with_mask(scene, path)
    assert np.argwhere(masked.coords["excluded"].values).tolist() == [[1, 2], [1, 3]]
    assert "differ in CRS" in caplog.text


@pytest.mark.parametrize("crs", [CRS, "EPSG:4326"])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp"])
def test_polygons_exclude_the_pixels_whose_centres_they_hold(scene, tmp_path, suffix, crs):
    if suffix == "geojson" and crs == CRS:
        pytest.skip("GeoJSON is in longitude and latitude")
    shape = box(366076, 5809906, 366134, 5809934)  # row 1, columns 2 and 3, nearly
    frame = geopandas.GeoDataFrame({"kind": ["cloud"]}, geometry=[shape], crs=CRS).to_crs(crs)
    frame.to_file(tmp_path / f"mask.{suffix}")
    masked = with_mask(scene, tmp_path / f"mask.{suffix}")
    assert np.argwhere(masked.coords["excluded"].values).tolist() == [[1, 2], [1, 3]]
    assert exclusion_counts(masked) == {"mask": 2}
    assert not masked.variable._in_memory


def test_all_layers_with_polygons_count_and_nothing_else_does(scene, tmp_path):
    path = tmp_path / "mask.gpkg"
    for name, shape in (("a", box(366015, 5809935, 366045, 5809965)), ("b", box(366045, 5809935, 366075, 5809965))):
        geopandas.GeoDataFrame(geometry=[shape], crs=CRS).to_file(path, layer=name)
    geopandas.GeoDataFrame(geometry=[Point(366200, 5809900)], crs=CRS).to_file(path, layer="points")
    pyogrio.write_dataframe(pd.DataFrame({"styleQML": ["<qml/>"]}), path, layer="layer_styles")
    assert np.argwhere(with_mask(scene, path).coords["excluded"].values).tolist() == [[0, 0], [0, 1]]


def test_polygons_lie_right_on_a_rotated_scene(tmp_path):
    rotated = TRANSFORM @ Affine.rotation(30)
    scene = open_scene(write_tiff(tmp_path / "scene.tif", cube(), transform=rotated))
    corners = [rotated @ (2, 1), rotated @ (4, 1), rotated @ (4, 2), rotated @ (2, 2)]
    geopandas.GeoDataFrame(geometry=[Polygon(corners)], crs=CRS).to_file(tmp_path / "mask.gpkg")
    masked = with_mask(scene, tmp_path / "mask.gpkg")
    assert np.argwhere(masked.coords["excluded"].values).tolist() == [[1, 2], [1, 3]]


def test_a_mask_that_touches_nothing_is_said(scene, tmp_path, caplog):
    geopandas.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs=CRS).to_file(tmp_path / "mask.gpkg")
    with caplog.at_level("WARNING"):
        assert not with_mask(scene, tmp_path / "mask.gpkg").coords["excluded"].any()
    assert "leaves no pixel of scene scene out" in caplog.text


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (geopandas.GeoDataFrame(geometry=[Point(366200, 5809900)], crs=CRS), "holds no polygons"),
        (geopandas.GeoDataFrame(geometry=[box(0, 0, 1, 1)]), "has no CRS"),
    ],
)
@pytest.mark.filterwarnings("ignore:.crs. was not provided")
def test_vector_files_that_are_no_masks(scene, tmp_path, frame, message):
    frame.to_file(tmp_path / "mask.gpkg")
    with pytest.raises(SceneError, match=message):
        with_mask(scene, tmp_path / "mask.gpkg")


def test_polygons_need_a_georeferenced_scene(tmp_path):
    plain = open_scene(write_tiff(tmp_path / "plain.tif", cube(), crs=None, transform=None))
    geopandas.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs=CRS).to_file(tmp_path / "mask.gpkg")
    with pytest.raises(SceneError, match="no georeferencing to lay the polygons"):
        with_mask(plain, tmp_path / "mask.gpkg")


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (MASK[:4], {"crs": None, "transform": None}, "4 × 7 pixels but the scene 5 × 7"),
        (MASK, {"crs": None, "transform": moved(0.5, 0)}, "differ in CRS"),
        (cube(2), {}, "has 2 bands"),
    ],
)
def test_masks_that_do_not_fit(scene, tmp_path, values, options, message):
    with pytest.raises(SceneError, match=message):
        with_mask(scene, write_tiff(tmp_path / "mask.tif", values, **options))


def test_masks_that_cannot_be_read(scene, tmp_path):
    with pytest.raises(SceneError, match="there is no mask"):
        with_mask(scene, tmp_path / "gone.tif")
    (tmp_path / "mask.txt").write_text("0 0 1")
    with pytest.raises(SceneError, match="neither a raster nor a vector file"):
        with_mask(scene, tmp_path / "mask.txt")
    with pytest.raises(SceneError, match=r"truncated|damaged"):
        with_mask(scene, cut(write_tiff(tmp_path / "mask.tif", np.ones((200, 200), np.uint8)), 0.9))
    with pytest.raises(SceneError, match="dims"):
        with_mask(scene, xr.DataArray(MASK))


def test_a_png_mask_whole_and_cut_off(scene, tmp_path):
    path = tmp_path / "mask.png"
    rasterio.shutil.copy(write_tiff(tmp_path / "mask.tif", MASK), path, driver="PNG")
    assert with_mask(scene, path).coords["excluded"].values.sum() == 2
    with pytest.raises(SceneError, match=r"mask\.png is cut off"):
        with_mask(scene, cut(path, 0.9))
