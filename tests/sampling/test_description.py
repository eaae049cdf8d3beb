import json
import re

import numpy as np
import pytest
import xarray as xr

from spectralmamba.labels import ClassTable
from spectralmamba.sampling import split_blocks
from spectralmamba.sampling.description import describe_labels


def label_map(values, **attrs):
    values = np.asarray(values, np.uint8)
    table = ClassTable.from_numbers(np.unique(values[values > 0]).tolist(), {1: "roof", 2: "tree"})
    return xr.DataArray(values, dims=("y", "x"), attrs={"classes": table} | attrs)


def squares(size=60, side=5, gap=5):
    """Squares of two classes in turn, well apart."""
    values = np.zeros((size, size), np.uint8)
    step = side + gap
    for i in range(0, size - side + 1, step):
        for j in range(0, size - side + 1, step):
            values[i : i + side, j : j + side] = 1 + (i // step + j // step) % 2
    return values


def test_classes_pixels_and_regions():
    found = describe_labels({"a": label_map(squares())})
    assert found.pixels["a"] == {1: 450, 2: 450}
    assert found.regions["a"] == {1: 18, 2: 18}
    assert found.labelled("a") == 900
    assert found.without_data["a"] == 0


def test_large_regions_are_divided_as_such():
    found = describe_labels({"a": label_map(squares())})
    assert found.recipe == "regions"
    assert found.reason == "every class has at least 18 regions, and the median region 25 pixels"
    assert min(found.counts.values()) > 0


def test_small_or_few_regions_and_points_are_divided_by_blocks():
    small = describe_labels({"a": label_map(squares(side=2, gap=3))})
    assert (small.recipe, small.reason) == ("blocks", "the median region has 4 pixels, fewer than 9")
    values = squares()
    values[values == 2] = 1
    values[:5, 10:15] = values[:5, 30:35] = 2
    few = describe_labels({"a": label_map(values)})
    assert (few.recipe, few.reason) == ("blocks", "tree has 2 regions, fewer than 3")
    points = describe_labels({"a": label_map(squares(), points=True)})
    assert (points.recipe, points.reason) == ("blocks", "the labels are points")


def test_the_division_is_that_of_train():
    labels = label_map(squares(side=2, gap=3))
    split = split_blocks(labels, radius=2)
    assert describe_labels({"a": labels}).counts == {p: split.total(p) for p in ("train", "validation", "test")}


def test_pixels_without_data_are_left_out_of_the_division():
    valid = np.ones((60, 60), bool)
    valid[:, 30:] = False
    found = describe_labels({"a": label_map(squares())}, {"a": valid})
    assert found.without_data["a"] == 450
    assert found.labelled("a") == 900
    assert sum(found.counts.values()) <= 450


@pytest.mark.parametrize(
    ("values", "reason"),
    [([[1, 1], [0, 0]], "fewer than two classes"), ([[1, 1], [0, 2]], "class 2 .* has one usable labelled pixel")],
)
def test_labels_that_cannot_be_divided_say_why(values, reason):
    found = describe_labels({"a": label_map(values)})
    assert found.recipe is None
    assert found.counts == {}
    assert re.search(reason, found.reason)


def test_several_scenes_and_json():
    found = describe_labels({"a": label_map(squares()), "b": label_map(squares()[:40])})
    document = json.loads(json.dumps(found.to_json()))
    assert document["classes"][0] == {
        "number": 1,
        "name": "roof",
        "colour": found.classes.colours[0],
        "pixels": 450 + 300,
        "regions": 18 + 12,
    }
    assert document["scenes"]["b"]["labelled"] == 600
    assert document["scenes"]["b"]["share"] == pytest.approx(600 / 2400)
    assert document["split"]["recipe"] == "regions"
    assert set(document["split"]["pixels"]) == {"train", "validation", "test"}
