"""Labels that were points, and runs that learn from every label."""

import numpy as np
import pytest

from spectralmamba.errors import SplitError
from spectralmamba.sampling import make_split
from spectralmamba.sampling.problem import choose_recipe

from .problems import check, label_map, patchwork, points, problem


def test_points_are_divided_by_blocks_whatever_their_radius():
    """Fields of six by six pixels would be regions, but these are discs about points."""
    labels = label_map(patchwork())
    assert choose_recipe(problem(labels)) == "regions"
    drawn = labels.assign_attrs(points=True)
    assert choose_recipe(problem(drawn)) == "blocks"
    assert choose_recipe(problem(labels, drawn)) == "blocks"
    split = make_split(problem(drawn))
    assert split.recipe == "blocks"
    assert make_split(problem(drawn, recipe="regions")).recipe == "regions"  # as asked for


@pytest.mark.parametrize("values", [patchwork(), points()])
def test_all_labels_are_learned_from(values):
    labels = label_map(values)
    split = make_split(problem(labels, radius=2, recipe="all"))
    check(split, {"a": labels})
    assert split.total("test") == 0
    assert split.total("train") + split.total("validation") == (values > 0).sum()
    assert split.total("validation") > 0
    assert set(split.counts()["train"]) == {1, 2, 3}
    assert split.describe().startswith("all: ")
    assert split.describe().endswith("none for testing")
    assert split.buffer == 4  # kept from other labels, when the run is evaluated


def test_all_without_validation():
    labels = label_map(points())
    split = make_split(problem(labels, recipe="all", validation_fraction=0.0))
    assert split.total("train") == (labels.values > 0).sum()


def test_one_pixel_of_a_class_is_learned_from():
    values = points()
    values[values == 3] = 0
    values[79, 79] = 3
    split = make_split(problem(label_map(values), recipe="all"))
    assert split.counts()["train"][3] == 1
    with pytest.raises(SplitError, match="leaves no test pixel"):
        make_split(problem(label_map(np.eye(4, dtype=int)), recipe="fixed", test={"a": label_map(np.zeros((4, 4)))}))
