"""Polygons and points become a label map on the scene's grid."""

import numpy as np
import pytest
import shapely

from spectralmamba import ClassTable, open_labels
from spectralmamba.errors import LabelError
from spectralmamba.labels.opening import labelled_places
from spectralmamba.labels.options import LabelOptions
from spectralmamba.labels.vector import claims
from tests.labels.vector.drawn import box, place, point, small_scene, write
from tests.scenes.products import write_tiff

FIELDS = [box(0, 0, 3, 4), box(3, 4, 2, 6), box(6, 0, 2, 2)]
CROPS = ["wheat", "maize", "rye"]


@pytest.fixture
def scene(tmp_path):
    return small_scene(tmp_path)


def wanted_fields() -> np.ndarray:
    wanted = np.zeros((8, 10), np.uint8)
    wanted[0:3, 0:4], wanted[3:5, 4:10], wanted[6:8, 0:2] = 3, 1, 2  # maize, rye, wheat
    return wanted


@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.geojson", "a.fgb", "a.gml", "labels.data"])
def test_every_format_gives_the_same_map(tmp_path, scene, name):
    path = write(tmp_path / ("a.gpkg" if name == "labels.data" else name), FIELDS, crop=CROPS)
    if name == "labels.data":  # told by content
        path = path.rename(tmp_path / name)
    labels = open_labels(path, like=scene, attribute="crop")
    np.testing.assert_array_equal(labels.values, wanted_fields())
    assert labels.dtype == np.uint8
    assert labels.attrs["classes"].names == ("maize", "rye", "wheat")
    assert "points" not in labels.attrs
    np.testing.assert_array_equal(labels.x, scene.x)


def test_kml_in_degrees(tmp_path, scene):
    path = write(tmp_path / "a.kml", FIELDS, crs="EPSG:4326", Name=CROPS)
    labels = open_labels(path, like=scene)  # the name is the one attribute that could be the class
    np.testing.assert_array_equal(labels.values, wanted_fields())


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:25832", "EPSG:3857"])
def test_another_crs_is_reprojected(tmp_path, scene, crs):
    path = write(tmp_path / "a.gpkg", FIELDS, crs=crs, crop=CROPS)
    np.testing.assert_array_equal(open_labels(path, like=scene).values, wanted_fields())


def test_a_pixel_belongs_to_the_polygon_that_holds_its_centre(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(1.4, 1.4, 1.2, 2.0), box(5.6, 5.6, 0.3, 0.3)], crop=["rye", "oats"])
    labels = open_labels(path, like=scene)
    wanted = np.zeros((8, 10))
    wanted[1:3, 1:3] = 2
    np.testing.assert_array_equal(labels.values, wanted)
    assert labels.attrs["classes"].names == ("rye",)
    touched = open_labels(path, like=scene, all_touched=True).values
    wanted[1:3, 1:4], wanted[5, 5] = 2, 1
    np.testing.assert_array_equal(touched, wanted)


def test_polygons_between_pixel_centres_are_counted(tmp_path, scene):
    thin = shapely.Polygon([place(3, 3.2), place(3, 3.6), place(7, 7.6), place(7, 7.2)])  # passes by every centre
    shapes = [box(1.6, 1.6, 0.2, 0.2), thin, box(0, 0, 2, 1), box(50, 50, 0.2, 0.2)]
    path = write(tmp_path / "a.gpkg", shapes, crop=["rye"] * 4)
    labels = open_labels(path, like=scene)
    assert np.count_nonzero(labels) == 2
    (remark,) = labels.attrs["remarks"]
    assert remark.startswith("2 of the polygons of a.gpkg in the scene hold the centre of no pixel")
    assert "remarks" not in open_labels(path, like=scene, all_touched=True).attrs


def test_neighbours_whose_common_edge_runs_through_pixel_centres_do_not_overlap(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [box(0, 0, 4.5, 5.5), box(4.5, 0, 3.5, 5.5), box(0, 5.5, 8, 4.5)], crop=CROPS)
    labels = open_labels(path, like=scene)
    assert (labels.values > 0).all()
    assert set(np.unique(labels.values[:4, :5])) == {3}


def test_holes_stay_unlabelled(tmp_path, scene):
    ring = shapely.difference(box(1, 1, 5, 5), box(2, 2, 3, 3))
    labels = open_labels(write(tmp_path / "a.gpkg", [ring], crop=["rye"]), like=scene).values
    assert labels.sum() == 16
    assert not labels[2:5, 2:5].any()


def test_a_turned_scene(tmp_path):
    from affine import Affine

    turned = small_scene(tmp_path, transform=Affine(20.0, 5.0, 366015.0, 5.0, -20.0, 5809965.0))
    row, col = 4, 6
    x = 366015 + 20 * (col + 0.5) + 5 * (row + 0.5)
    y = 5809965 + 5 * (col + 0.5) - 20 * (row + 0.5)
    path = write(tmp_path / "a.gpkg", [shapely.Point(x, y).buffer(3)], crop=["rye"])
    assert np.argwhere(open_labels(path, like=turned).values).tolist() == [[row, col]]


def test_points_label_their_pixel(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [point(0.01, 0.01), point(7.99, 9.99), point(2.5, 30)], crop=CROPS)
    labels = open_labels(path, like=scene)
    assert labels.attrs["points"] is True
    assert {(int(r), int(c)): int(labels[r, c]) for r, c in np.argwhere(labels.values)} == {(0, 0): 3, (7, 9): 1}


@pytest.mark.parametrize(("radius", "count"), [(0, 1), (0.9, 1), ("1px", 5), (1.5, 9), ("29.9m", 1), ("30 m", 5)])
def test_points_with_a_radius(tmp_path, scene, radius, count):
    path = write(tmp_path / "a.gpkg", [point(4.5, 5.5)], crop=["rye"])
    assert int((open_labels(path, like=scene, point_radius=radius) > 0).sum()) == count


def test_a_disc_reaches_into_the_scene_from_outside(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [point(4.5, -0.5)], crop=["rye"])
    labels = open_labels(path, like=scene, point_radius=1)
    assert np.argwhere(labels.values).tolist() == [[4, 0]]


def test_a_radius_in_metres_on_a_grid_in_degrees(tmp_path):
    from affine import Affine

    degrees = Affine(0.001, 0, 13.0, 0, -0.001, 52.4)  # 68 m × 111 m
    scene = small_scene(tmp_path, crs="EPSG:4326", transform=degrees)
    path = tmp_path / "a.geojson"
    x, y = 13.0 + 0.001 * 5.5, 52.4 - 0.001 * 4.5
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"crop": "rye"}, '
        f'"geometry": {{"type": "Point", "coordinates": [{x}, {y}]}}}}]}}'
    )
    for radius, pixels in (("60m", [[4, 5]]), ("100m", [[4, 4], [4, 5], [4, 6]]), ("115m", 5)):
        found = np.argwhere(open_labels(path, like=scene, point_radius=radius).values).tolist()
        assert found == pixels or len(found) == pixels


OVERLAPPING = [box(0, 0, 4, 4), box(2, 2, 4, 4), box(3, 3, 1, 1)]


def test_overlaps_of_different_classes_are_refused(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", OVERLAPPING, crop=CROPS)
    with pytest.raises(LabelError, match=r"claim 4 pixels, the first at row 2, column 2 by 'maize' and 'wheat'"):
        open_labels(path, like=scene)
    with pytest.raises(LabelError, match="polygons that touch share the pixels at their border"):
        open_labels(path, like=scene, all_touched=True)
    same = write(tmp_path / "b.gpkg", OVERLAPPING, crop=["rye"] * 3)
    assert (open_labels(same, like=scene) > 0).sum() == 28


@pytest.mark.parametrize(("rule", "shared", "corner"), [("first", 3, 3), ("last", 1, 2), ("drop", 0, 0)])
@pytest.mark.parametrize("strip_pixels", [1, 30, 2**22])
def test_a_rule_settles_overlaps(tmp_path, scene, monkeypatch, rule, shared, corner, strip_pixels):
    monkeypatch.setattr(claims, "_STRIP_PIXELS", strip_pixels)
    path = write(tmp_path / "a.gpkg", OVERLAPPING, crop=CROPS)  # maize 1, rye 2, wheat 3
    wanted = np.zeros((8, 10))
    wanted[0:4, 0:4], wanted[2:6, 2:6] = 3, 1
    wanted[2:4, 2:4] = shared
    wanted[3, 3] = corner
    np.testing.assert_array_equal(open_labels(path, like=scene, overlap=rule).values, wanted)


def test_a_class_between_two_of_another_is_seen(tmp_path, scene):
    """First and last claim agree, but a third differs."""
    path = write(tmp_path / "a.gpkg", [box(0, 0, 2, 2)] * 3, crop=["rye", "oats", "rye"])
    with pytest.raises(LabelError, match="claim 4 pixels"):
        open_labels(path, like=scene)


def test_two_points_in_a_pixel(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", [point(1.2, 1.2), point(1.8, 1.8)], crop=["rye", "oats"])
    with pytest.raises(LabelError, match="claim 1 pixels"):
        open_labels(path, like=scene)
    assert open_labels(path, like=scene, overlap="last").values[1, 1] == 1


def test_several_files_and_layers_have_their_classes_in_common(tmp_path, scene):
    one = write(tmp_path / "one.gpkg", FIELDS[:1], layer="fields", crop=["wheat"])
    write(one, FIELDS[1:2], layer="more", crop=["maize"])
    other = write(tmp_path / "other.shp", FIELDS[2:], crop=["rye"])
    assert open_labels(one, like=scene, layer="more").attrs["classes"].names == ("maize",)
    both = open_labels(one, like=scene, layer=["fields", "more"])
    assert both.attrs["classes"].names == ("maize", "wheat")
    more = write(tmp_path / "more.gpkg", [point(7.5, 9.5)], crop=["rye"])
    together = open_labels([other, more], like=scene)
    assert together.attrs["classes"].names == ("rye",)
    assert together.attrs["points"]
    (tmp_path / "folder").mkdir()
    for file in tmp_path.glob("other.*"):
        file.rename(tmp_path / "folder" / file.name)
    assert (open_labels(tmp_path / "folder", like=scene).values == 1).sum() == 4


def test_numbers_come_from_the_whole_layer(tmp_path, scene):
    """A scene that shows a part of the classes numbers them as one that shows all."""
    path = write(tmp_path / "a.gpkg", FIELDS, crop=CROPS)
    part = open_labels(path, like=scene.isel(y=slice(5, 8)))
    assert part.attrs["classes"].classes == open_labels(path, like=scene).attrs["classes"].classes[1:2]


def test_a_class_table_numbers_and_colours(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", FIELDS, crop=CROPS)
    table = ClassTable.from_numbers([7, 5, 300, 9], ["rye", "maize", "wheat", "oats"], {7: "#123456"})
    labels = open_labels(path, like=scene, classes=table)
    assert set(np.unique(labels.values)) == {0, 5, 7, 300}
    assert labels.attrs["classes"].name_of(300) == "wheat"
    assert labels.attrs["classes"].colours[1] == "#123456"
    table.write(tmp_path / "classes.csv")
    assert open_labels(path, like=scene, classes=tmp_path / "classes.csv").equals(labels)
    with pytest.raises(LabelError, match="does not have the class 'wheat'; its classes are maize, rye"):
        open_labels(path, like=scene, classes=ClassTable.from_numbers([1, 2], ["maize", "rye"]))


def test_merged_classes(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", FIELDS, crop=CROPS)
    labels = open_labels(path, like=scene, merge="rye,wheat=cereals")
    assert labels.attrs["classes"].names == ("maize", "cereals")
    assert labels.values[7, 0] == labels.values[0, 0] == 2


def test_a_large_grid_is_burned_in_strips(tmp_path, scene, monkeypatch):
    path = write(tmp_path / "a.gpkg", FIELDS, crop=CROPS)
    monkeypatch.setattr(claims, "_STRIP_PIXELS", 10)
    np.testing.assert_array_equal(open_labels(path, like=scene).values, wanted_fields())


def test_many_points_are_tried_some_at_a_time(tmp_path, scene, monkeypatch):
    from spectralmamba.labels.vector import discs

    path = write(tmp_path / "a.gpkg", [point(r + 0.5, c + 0.5) for r in (1, 5) for c in (1, 5, 8)], crop=["rye"] * 6)
    whole = open_labels(path, like=scene, point_radius=1.5)
    monkeypatch.setattr(discs, "_TRIED", 1)
    assert open_labels(path, like=scene, point_radius=1.5).equals(whole)
    assert int((whole > 0).sum()) == 6 * 9


def test_places_without_regard_to_class(tmp_path, scene):
    """All layers count, no attribute is needed, and nothing is disputed."""
    path = write(tmp_path / "a.gpkg", OVERLAPPING, layer="fields", crop=CROPS, code=[1, 2, 3])
    write(path, [point(7.5, 9.5)], layer="plots")
    places = labelled_places(path, scene)
    assert places.dtype == bool
    assert places.sum() == 28 + 1
    assert np.argwhere(labelled_places(path, scene, LabelOptions(layers=("plots",)))).tolist() == [[7, 9]]
    raster = write_tiff(tmp_path / "a.tif", np.where(places, 7, 0).astype(np.uint8))
    np.testing.assert_array_equal(labelled_places(raster, scene), places)
