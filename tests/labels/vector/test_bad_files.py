"""Vector files that cannot be laid on a scene, each with one clear line."""

import sqlite3

import pandas as pd
import pyogrio
import pytest
import shapely

from spectralmamba import open_labels
from spectralmamba.errors import LabelError
from tests.labels.vector.drawn import box, place, point, small_scene, write
from tests.scenes.products import write_tiff

LOCAL = 'LOCAL_CS["a quarry of its own",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]'


@pytest.fixture
def scene(tmp_path):
    return small_scene(tmp_path)


def refused(message: str, *arguments, **options) -> None:
    with pytest.raises(LabelError, match=message) as caught:
        open_labels(*arguments, **options)
    assert "\n" not in str(caught.value)


def test_outside_the_scene(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(50, 50, 3, 3)], crop=["rye"])
    refused(r"a\.gpkg: no feature with a class lies in the scene; pass labels that overlap it", path, like=scene)


def test_between_pixel_centres(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(1.6, 1.6, 0.2, 0.2)], crop=["rye"])
    refused("no feature holds the centre of a pixel; try all_touched", path, like=scene)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_no_crs_on_one_side(tmp_path, scene):
    path = write(tmp_path / "a.shp", [box(0, 0, 3, 3)], crs=None, crop=["rye"])
    refused(r"a\.shp has no CRS but the scene has one; assign it", path, like=scene)
    bare = small_scene(tmp_path, crs=None)
    refused("the scene has no CRS, so", write(tmp_path / "b.gpkg", [box(0, 0, 3, 3)], crop=["rye"]), like=bare)
    assert open_labels(path, like=bare).values.sum() == 9


def test_no_transformation(tmp_path, scene):
    path = write(tmp_path / "a.shp", [box(0, 0, 3, 3)], crop=["rye"])
    path.with_suffix(".prj").write_text(LOCAL)
    refused("^there is no transformation from the CRS of .*a quarry of its own.*to the scene's", path, like=scene)


def test_a_scene_without_georeferencing(tmp_path):
    bare = small_scene(tmp_path, crs=None, transform=None)
    path = write(tmp_path / "a.gpkg", [box(0, 0, 3, 3)], crop=["rye"])
    refused("the scene has no georeferencing", path, like=bare)
    refused("need a scene to be laid on; pass it as like", path)


def test_empty_layer(tmp_path, scene):
    refused("layer a of .* is empty", write(tmp_path / "a.gpkg", [], crop=[]), like=scene)


def test_layers(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(0, 0, 3, 3)], layer="fields", crop=["rye"])
    write(path, [point(0.5, 0.5)], layer="plots", crop=["rye"])
    refused(r"several layers \(fields, plots\); name one", path, like=scene)
    refused("no layer 'forests'; its layers are fields, plots", path, like=scene, layer=["plots", "forests"])


def test_a_table_of_styles_is_no_layer(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(0, 0, 3, 3)], crop=["rye"])
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)")
    file.close()
    assert open_labels(path, like=scene).values.sum() == 9
    pyogrio.write_dataframe(pd.DataFrame({"crop": ["rye"]}), tmp_path / "b.gpkg")
    refused("holds no layer with geometries", tmp_path / "b.gpkg", like=scene)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([shapely.LineString([place(0, 0), place(3, 3)])], "holds lines, which label no area; pass polygons or points"),
        ([box(0, 0, 3, 3), point(5.5, 5.5)], "holds points and polygons in one layer"),
        ([shapely.GeometryCollection([box(0, 0, 3, 3), point(5.5, 5.5)])], "holds collections"),
    ],
)
def test_geometries(tmp_path, scene, shapes, message):
    refused(message, write(tmp_path / "a.gpkg", shapes, crop=["rye"] * len(shapes)), like=scene)


def test_empty_and_missing_geometries_are_passed_over(tmp_path, scene):
    shapes = [box(0, 0, 3, 3), shapely.Polygon(), None]
    assert open_labels(write(tmp_path / "a.geojson", shapes, crop=["rye"] * 3), like=scene).values.sum() == 9


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 100),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\0" * 10),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [{'),
        ("a.kml", b"<kml><Document>"),
        ("a.fgb", b"fgb\x03fgb\x00"),
    ],
)
def test_damaged(tmp_path, scene, name, content):
    (tmp_path / name).write_bytes(content)
    refused(f"{name}.*(damaged|no layer)", tmp_path / name, like=scene)


def test_options_that_go_together(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(0, 0, 3, 3)], crop=["rye"])
    raster = write_tiff(tmp_path / "b.tif", scene.values[0].astype("u2"))
    refused("open them separately", [path, raster], like=scene)
    refused("leave out variable='crop', or name a layer", path, like=scene, variable="crop")
    refused("there is no rule 'smallest' for overlaps; use error, first", path, like=scene, overlap="smallest")
    for radius in ("far", -1, "1km", "nan"):
        refused("point radius .* is no length; write for example", path, like=scene, point_radius=radius)
    for option in ({"all_touched": True}, {"point_radius": 2}, {"layer": "a"}, {"attribute": "crop"}):
        refused("applies to vector labels, but", raster, like=scene, **option)
