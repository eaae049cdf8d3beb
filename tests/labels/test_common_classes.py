"""Label maps of several scenes get one class table."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.labels import ClassTable, open_labels
from spectralmamba.labels.common_classes import CommonClasses
from tests.small import simulated


def label_map(values: list[int], names: dict[int, str] | None = None, **attrs: object) -> xr.DataArray:
    table = ClassTable.from_numbers(sorted(set(values)), names)
    return xr.DataArray(np.array([values], np.uint8), dims=("y", "x"), attrs={"classes": table, "source": "it"} | attrs)


def numbered(*maps: xr.DataArray) -> tuple[list[list[int]], dict[int, str]]:
    """Values of each map, and the common table."""
    classes = CommonClasses()
    values = [classes.number(labels).values[0].tolist() for labels in maps]
    return values, dict(zip(classes.table.numbers, classes.table.names, strict=True))


def test_numbers_of_the_first_map_count_where_names_agree():
    first, second = label_map([1, 2], {1: "crop", 2: "soil"}), label_map([1, 2, 3], {1: "soil", 2: "crop", 3: "road"})
    assert numbered(first, second) == ([[1, 2], [2, 1, 4]], {1: "crop", 2: "soil", 4: "road"})


def test_maps_that_only_number_their_classes_go_by_number():
    assert numbered(label_map([1, 2]), label_map([2, 5]))[0] == [[1, 2], [2, 5]]
    values, table = numbered(label_map([1, 2]), label_map([1, 2], {1: "crop", 2: "soil"}))
    assert values == [[1, 2], [1, 2]]
    assert table == {1: "crop", 2: "soil"}


def test_one_number_with_two_given_names_is_an_error():
    with pytest.raises(LabelError, match="it: class 2 is called 'soil' and 'forest'"):
        numbered(label_map([1, 2], {1: "crop", 2: "soil"}), label_map([1, 2], {1: "crop", 2: "forest"}))


def test_numbers_that_were_made_up_for_names_give_way():
    drawn = label_map([1, 2], {1: "crop", 2: "forest"}, by_name=True)
    values, table = numbered(label_map([1, 2], {1: "crop", 2: "soil"}), drawn)
    assert values == [[1, 2], [1, 3]]
    assert table == {1: "crop", 2: "soil", 3: "forest"}
    values, table = numbered(drawn, label_map([1, 2], {1: "oak", 2: "water"}, by_name=True))
    assert values == [[1, 2], [3, 4]]
    assert table == {1: "crop", 2: "forest", 3: "oak", 4: "water"}


@pytest.mark.parametrize("drawn_first", [True, False])
def test_names_without_numbers_do_not_go_with_numbers_without_names(drawn_first):
    maps = [label_map([1, 2], {1: "crop", 2: "forest"}, by_name=True), label_map([1, 2])]
    with pytest.raises(LabelError, match=r"class 1 has a number only.*--classes"):
        numbered(*(maps if drawn_first else maps[::-1]))


def test_polygons_with_text_say_that_their_numbers_are_made_up(tmp_path):
    scene, _ = simulated()
    west, south, east, north = scene.rio.bounds()
    halves = [shapely.box(west, south, (west + east) / 2, north), shapely.box((west + east) / 2, south, east, north)]
    for column in (["water", "crop"], [4, 7]):
        gpd.GeoDataFrame({"kind": column}, geometry=halves, crs=scene.rio.crs).to_file(tmp_path / "a.gpkg")
        labels = open_labels(tmp_path / "a.gpkg", like=scene)
        assert labels.attrs.get("by_name", False) == isinstance(column[0], str)
    gpd.GeoDataFrame({"kind": ["water", "crop"]}, geometry=halves, crs=scene.rio.crs).to_file(tmp_path / "b.gpkg")
    table = ClassTable.from_numbers([5, 9], ["crop", "water"])
    assert "by_name" not in open_labels(tmp_path / "b.gpkg", like=scene, classes=table).attrs
