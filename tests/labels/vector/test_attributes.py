"""Which attribute tells the class, and what its values become."""

import numpy as np
import pytest

from spectralmamba import ClassTable, open_labels
from spectralmamba.errors import LabelError
from tests.labels.vector.drawn import box, small_scene, write

TWO = [box(0, 0, 2, 2), box(4, 4, 2, 2)]


@pytest.fixture
def scene(tmp_path):
    return small_scene(tmp_path)


def numbers(labels) -> list[int]:
    return [int(labels[0, 0]), int(labels[4, 4])]


@pytest.mark.parametrize(
    ("values", "found"),
    [([3, 12], [3, 12]), ([3.0, 400.0], [3, 400]), (["7", " 12 "], [7, 12]), (["b", "a"], [2, 1])],
)
def test_numbers_and_text(tmp_path, scene, values, found):
    assert numbers(open_labels(write(tmp_path / "a.gpkg", TWO, code=values), like=scene)) == found


def test_names_are_stripped(tmp_path, scene):
    labels = open_labels(write(tmp_path / "a.gpkg", TWO, crop=[" rye", "rye "]), like=scene)
    assert labels.attrs["classes"].names == ("rye",)


def test_features_without_a_class_are_left_out_and_counted(tmp_path, scene, caplog):
    shapes = [*TWO, box(6, 0, 1, 1), box(6, 6, 1, 1)]
    labels = open_labels(write(tmp_path / "a.gpkg", shapes, crop=["rye", None, "", "oats"]), like=scene)
    assert (labels.values > 0).sum() == 5
    assert labels.attrs["remarks"] == ("2 of 4 features of a.gpkg have no class and are left out",)
    assert "2 of 4 features" in caplog.text
    numbered = open_labels(write(tmp_path / "b.gpkg", shapes, code=[1, None, 0, 9]), like=scene)
    assert (numbered.values > 0).sum() == 5
    assert "2 of 4" in numbered.attrs["remarks"][0]


def test_the_class_is_guessed_where_there_is_one_choice(tmp_path, scene):
    path = write(tmp_path / "a.gpkg", TWO, crop=["rye", "oats"], id=[1, 2], checked=[True, False])
    assert numbers(open_labels(path, like=scene)) == [2, 1]
    path = write(tmp_path / "b.gpkg", TWO, crop=["rye", "oats"], code=[5, 6])
    with pytest.raises(LabelError, match=r"the attributes crop, code; name the one with the class.*--attribute"):
        open_labels(path, like=scene)
    assert numbers(open_labels(path, like=scene, attribute="code")) == [5, 6]


def test_a_table_names_numbers(tmp_path, scene):
    table = ClassTable.from_numbers([5, 6], ["rye", "oats"])
    labels = open_labels(write(tmp_path / "a.gpkg", TWO, code=[5, 6]), like=scene, classes=table)
    assert labels.attrs["classes"].names == ("rye", "oats")


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"crop": ["rye", "oats"], "code": [1, 2]}, {"attribute": "Crop"}, "'Crop'; those of layer a are crop, code"),
        ({}, {"attribute": "crop"}, "no attribute 'crop'; it has none"),
        ({}, {}, "no attribute that could tell the class"),
        ({"checked": [True, False]}, {"attribute": "checked"}, "holds bool values"),
        ({"crop": ["Rye", "rye"]}, {}, "'Rye' and 'rye' differ by case only; write them alike"),
        ({"crop": [None, None]}, {"attribute": "crop"}, "no feature has a class; fill in"),
        ({"code": [1.5, 2]}, {}, "holds the value 1.5, which is not a class number"),
        ({"code": [-1, 2]}, {}, "holds the value -1, which is not a class number"),
        ({"code": [5, 6]}, {"classes": ClassTable.from_numbers([5])}, "does not have the class 6"),
        ({"crop": ["rye", "Oats"]}, {"classes": ClassTable.from_numbers([1, 2], ["rye", "oats"])}, "differ by case"),
    ],
)
def test_bad_attributes(tmp_path, scene, columns, options, message):
    path = write(tmp_path / "a.gpkg", TWO, **columns)
    with pytest.raises(LabelError, match=message) as caught:
        open_labels(path, like=scene, **options)
    assert "\n" not in str(caught.value)


def test_names_in_one_file_and_numbers_in_another(tmp_path, scene):
    one = write(tmp_path / "a.gpkg", TWO[:1], crop=["rye"])
    other = write(tmp_path / "b.gpkg", TWO[1:], crop=[4])
    with pytest.raises(LabelError, match="some layers tell the class by name and others by number"):
        open_labels([one, other], like=scene)


def test_dates_are_no_classes(tmp_path, scene):
    dates = np.array(["2026-05-01", "2026-06-01"], "datetime64[ms]")
    path = write(tmp_path / "a.gpkg", TWO, sown=dates)
    with pytest.raises(LabelError, match="holds Timestamp values"):
        open_labels(path, like=scene, attribute="sown")
    with pytest.raises(LabelError, match="no attribute that could tell the class"):
        open_labels(path, like=scene)
