"""Polygons of a map, read back and burnt into a raster again."""

import os
import resource
import time
import warnings

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from rasterio.crs import CRS
from rasterio.features import rasterize
from shapely.geometry import Polygon

from spectralmamba.errors import OutputError
from spectralmamba.labels.table_qml import read_qml
from spectralmamba.mapping.outputs import polygons, write_polygons
from tests.mapping.outputs.fakes import NORTH_UP, ROTATED, TABLE, UTM, grid, made_map


@pytest.mark.parametrize("transform", [NORTH_UP, ROTATED], ids=["north up", "rotated"])
def test_polygons_burnt_again_are_the_map(tmp_path, monkeypatch, transform):
    monkeypatch.setattr(polygons, "CHUNK", 7)  # so that several chunks are appended
    classes = made_map(60, 50)[0]
    count = write_polygons(classes, grid(60, 50, transform), TABLE, tmp_path / "map.gpkg")
    frame = gpd.read_file(tmp_path / "map.gpkg", layer="map")
    assert len(frame) == count > 7
    assert frame.crs == UTM
    assert frame.is_valid.all()
    assert set(frame.geom_type) == {"Polygon"}
    assert dict(zip(frame["class"], frame["name"], strict=True)) == dict(zip(TABLE.numbers, TABLE.names, strict=True))
    shapes = zip(frame.geometry, frame["class"], strict=True)
    assert np.array_equal(rasterize(shapes, classes.shape, transform=transform, dtype="uint8"), classes)
    assert frame["pixels"].sum() == (classes > 0).sum()
    assert np.allclose(frame["area_m2"], frame.area, rtol=1e-6)
    assert np.array_equal(frame["area_m2"], 100.0 * frame["pixels"]) or transform is ROTATED


def test_areas_are_in_square_metres_whatever_the_unit(tmp_path):
    feet = CRS.from_epsg(2263)  # New York, US survey feet
    write_polygons(np.full((2, 3), 5, np.uint8), grid(2, 3, crs=feet), TABLE, tmp_path / "map.gpkg")
    area = gpd.read_file(tmp_path / "map.gpkg", layer="map")["area_m2"]
    assert area.tolist() == pytest.approx([600 * (1200 / 3937) ** 2])


def test_degrees_have_no_area(tmp_path):
    write_polygons(np.full((2, 3), 5, np.uint8), grid(2, 3, crs=CRS.from_epsg(4326)), TABLE, tmp_path / "map.gpkg")
    frame = gpd.read_file(tmp_path / "map.gpkg", layer="map")
    assert list(frame.columns) == ["class", "name", "pixels", "geometry"]


def test_without_georeferencing_rows_go_down(tmp_path):
    classes = np.array([[5, 5, 0], [0, 0, 9]], np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_polygons(classes, grid(2, 3, None, None), TABLE, tmp_path / "map.gpkg")
    frame = gpd.read_file(tmp_path / "map.gpkg", layer="map").set_index("class")
    assert frame.geometry[5].bounds == (0, -1, 2, 0)
    assert frame.geometry[9].bounds == (2, -2, 3, -1)


def test_the_style_lies_where_qgis_looks(tmp_path):
    write_polygons(made_map(30, 30)[0], grid(30, 30), TABLE, tmp_path / "map.gpkg")
    assert [name for name, _ in pyogrio.list_layers(tmp_path / "map.gpkg")] == ["map", "layer_styles"]
    style = pyogrio.read_dataframe(tmp_path / "map.gpkg", layer="layer_styles").iloc[0]
    geometry = pyogrio.read_info(tmp_path / "map.gpkg", layer="map")["geometry_name"]
    assert (style["f_table_name"], style["f_geometry_column"], style["f_table_schema"]) == ("map", geometry, "")
    assert style["useAsDefault"]
    (tmp_path / "style.qml").write_text(style["styleQML"])
    assert read_qml(tmp_path / "style.qml") == TABLE


def test_the_same_map_is_the_same_file(tmp_path):
    classes, place = made_map(30, 40)[0], grid(30, 40)
    write_polygons(classes, place, TABLE, tmp_path / "one.gpkg")
    time.sleep(0.02)  # GDAL would write the time, in milliseconds
    write_polygons(classes, place, TABLE, tmp_path / "other.gpkg")
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "other.gpkg").read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_many_single_pixels_are_valid(tmp_path):
    classes = np.random.default_rng(0).choice(np.array(TABLE.numbers, np.uint8), (80, 80))
    write_polygons(classes, grid(80, 80), TABLE, tmp_path / "map.gpkg")
    assert gpd.read_file(tmp_path / "map.gpkg", layer="map").is_valid.all()


def test_an_outline_that_crosses_itself_is_mended():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    frame = polygons.valid_polygons(gpd.GeoDataFrame({"class": [5]}, geometry=[bow]))
    assert frame["class"].tolist() == [5, 5]
    assert frame.is_valid.all()
    assert set(frame.geom_type) == {"Polygon"}
    assert frame.area.tolist() == [1, 1]


@pytest.mark.parametrize("limit", [100, 150_000])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, limit):
    classes = np.random.default_rng(0).choice(np.array(TABLE.numbers, np.uint8), (90, 90))
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        status = 1
        try:
            write_polygons(classes, grid(90, 90), TABLE, tmp_path / "map.gpkg")
        except OutputError as error:
            status = 0 if "map.gpkg" in str(error) and "free some space" in str(error) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert list(tmp_path.iterdir()) == []
