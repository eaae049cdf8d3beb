"""Rasters, and the class table that a user gives with them."""

import numpy as np
import pytest

from spectralmamba import ClassTable, open_labels
from spectralmamba.errors import LabelError
from tests.scenes.products import write_tiff

VALUES = np.array([[0, 1, 2], [3, 3, 1]], np.uint8)


def raster(folder, **names: int):
    return write_tiff(folder / "a.tif", VALUES, tags=[{f"CLASS_{number}": name for name, number in names.items()}])


def test_numbers_are_named(tmp_path):
    table = ClassTable.from_numbers([1, 2, 3, 4], ["roof", "tree", "soil", "water"], {2: "#123456"})
    labels = open_labels(raster(tmp_path), classes=table)
    np.testing.assert_array_equal(labels.values, VALUES)
    assert labels.attrs["classes"] == table.without([4])


def test_names_decide_where_the_table_numbers_them_otherwise(tmp_path):
    table = ClassTable.from_numbers([10, 20, 300], ["soil", "roof", "tree"])
    labels = open_labels(raster(tmp_path, roof=1, tree=2, soil=3), classes=table)
    assert labels.values.tolist() == [[0, 20, 300], [10, 10, 20]]
    assert labels.attrs["classes"] == table


def test_a_table_renames_and_mends_the_case(tmp_path):
    renamed = open_labels(raster(tmp_path, Dach=1, Baum=2), classes=ClassTable.from_numbers([1, 2, 3], ["a", "b", "c"]))
    assert renamed.attrs["classes"].names == ("a", "b", "c")
    mended = ClassTable.from_numbers([1, 2, 3], ["roof", "tree", "soil"])
    assert open_labels(raster(tmp_path, Roof=1, tree=2), classes=mended).attrs["classes"] == mended


def test_a_class_that_the_table_does_not_have(tmp_path):
    with pytest.raises(LabelError, match=r"holds class 3 \(class 3\), which the class table does not have.*1 roof"):
        open_labels(raster(tmp_path), classes=ClassTable.from_numbers([1, 2], ["roof", "tree"]))
    with pytest.raises(LabelError, match=r"holds class 3 \(rail\), which the class table does not have"):
        open_labels(raster(tmp_path, roof=1, tree=2, rail=3), classes=ClassTable.from_numbers([5, 6], ["roof", "tree"]))
    with pytest.raises(LabelError, match="'roof' and 'Roof' differ by case only"):
        open_labels(raster(tmp_path, Roof=1), classes=ClassTable.from_numbers([1, 2, 3], ["tree", "roof", "soil"]))


def test_merging_classes_that_the_file_names_and_no_pixel_has(tmp_path):
    path = raster(tmp_path, roof=1, tree=2, soil=3, water=4)
    labels = open_labels(path, merge=["water,soil=other", "roof,tree=built"])
    assert labels.values.tolist() == [[0, 1, 1], [3, 3, 1]]
    assert labels.attrs["classes"].names == ("built", "other")
    with pytest.raises(LabelError, match="no class 'rail' to merge; the classes are 1 roof, 2 tree, 3 soil, 4 water"):
        open_labels(path, merge="rail,soil=other")


def test_names_that_differ_by_case_are_refused(tmp_path):
    with pytest.raises(LabelError, match="'Roof' and 'roof' differ by case only; write them alike"):
        open_labels(raster(tmp_path, Roof=1, roof=2))
    assert open_labels(raster(tmp_path, Roof=1, roof=9)).attrs["classes"].names == ("Roof", "class 2", "class 3")
    with pytest.raises(LabelError, match="'roof' and 'Roof' differ by case only"):
        open_labels(raster(tmp_path, roof=1, tree=2, soil=3), merge="tree,soil=Roof")


def test_tiles_that_use_a_name_twice(tmp_path):
    """A name that one tile gives to an absent number does not hinder the other."""
    one = write_tiff(tmp_path / "one.tif", VALUES, tags=[{"CLASS_1": "roof"}])
    other = write_tiff(tmp_path / "other.tif", VALUES, tags=[{"CLASS_9": "roof", "CLASS_8": "roof", "CLASS_7": "rail"}])
    assert open_labels([one, other]).attrs["classes"].names == ("roof", "class 2", "class 3")
