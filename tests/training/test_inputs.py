"""Label maps joined, and classes named by the catalogue."""

import numpy as np
import pytest
import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.labels import ClassTable
from spectralmamba.training.inputs import joined, open_inputs
from tests.small import simulated, write_files


def label_map(values, names):
    array = np.array(values, np.uint8)
    return xr.DataArray(array, dims=("y", "x"), attrs={"classes": ClassTable.from_numbers(sorted(names), names)})


def test_joined_maps_have_the_labels_of_both():
    one = label_map([[1, 0], [0, 2]], {1: "water", 2: "soil"})
    other = label_map([[2, 3], [0, 1]], {1: "water", 2: "soil", 3: "road"})
    together = joined(one, other)
    assert together.values.tolist() == [[1, 3], [0, 2]]
    assert together.attrs["classes"].names == ("water", "soil", "road")
    assert one.values.tolist() == [[1, 0], [0, 2]]


def test_maps_that_name_a_class_differently_are_refused():
    with pytest.raises(LabelError):
        joined(label_map([[1]], {1: "water"}), label_map([[1]], {1: "soil"}))


def test_further_labels_and_published_names(tmp_path):
    scene, labels = write_files(tmp_path)
    values = simulated()[1].values
    np.save(tmp_path / "more.npy", np.where(values == 0, 2, 0).astype(np.uint8))
    data = {"scene": str(scene), "labels": str(labels), "more_labels": str(tmp_path / "more.npy")}
    (item,) = open_inputs([data]).values()
    assert (item.labels.values == np.where(values == 0, 2, values)).all()
    (item,) = open_inputs([data | {"dataset": "houston2013"}]).values()
    assert item.labels.attrs["classes"].name_of(2) == "Stressed grass"


def test_scenes_whose_labels_number_the_same_classes_differently(tmp_path, caplog):
    (tmp_path / "a").mkdir()
    scene, _ = write_files(tmp_path / "a")
    values = simulated()[1].values
    np.save(tmp_path / "a.npy", values)
    (tmp_path / "one.csv").write_text("number,name\n1,water\n2,soil\n3,road\n")
    np.save(tmp_path / "b.npy", np.choose(values, [0, 30, 10, 20]).astype(np.uint8))
    (tmp_path / "other.csv").write_text("number,name\n10,soil\n20,road\n30,water\n")
    data = [
        {"scene": str(scene), "labels": str(tmp_path / "a.npy"), "classes": str(tmp_path / "one.csv")},
        {"scene": str(scene), "labels": str(tmp_path / "b.npy"), "classes": str(tmp_path / "other.csv")},
    ]
    one, other = open_inputs(data).values()
    assert other.labels.attrs["classes"].names == ("water", "soil", "road")
    assert (one.labels.values == other.labels.values).all()
    assert "classes matched by name" in caplog.text


def test_scenes_of_which_not_each_has_every_class_to_merge(tmp_path):
    (tmp_path / "a").mkdir()
    scene, _ = write_files(tmp_path / "a")
    values = simulated()[1].values
    np.save(tmp_path / "a.npy", values)
    np.save(tmp_path / "b.npy", np.where(values == 2, 0, values))
    data = [{"scene": str(scene), "labels": str(tmp_path / f"{name}.npy"), "merge": "2,3=x"} for name in "ab"]
    one, other = open_inputs(data).values()
    assert [np.unique(labels).tolist() for labels in (one.labels, other.labels)] == [[0, 1, 2], [0, 1, 2]]
    assert one.labels.attrs["classes"].names == other.labels.attrs["classes"].names == ("class 1", "x")
    with pytest.raises(LabelError, match="no label file has a class '9' to merge"):
        open_inputs([item | {"merge": "2,9=x"} for item in data])
    with pytest.raises(LabelError, match="there is no class '2' to merge"):
        open_inputs(data[1:])
