"""Groups that cross-validation keeps together."""

import numpy as np
import pytest
from scipy import ndimage

from spectralmamba.sampling.options import SplitOptions
from spectralmamba.training import LabelledScene, RunConfig
from spectralmamba.training.groups import deal_folds, divide_lone_groups, learned_groups
from spectralmamba.training.prepare import prepare
from spectralmamba.training.train import learned_parts
from tests.sampling.problems import label_map
from tests.small import labelled, simulated


def same_partition(a, b):
    """Whether two numberings name the same groups."""
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len(set(a.tolist())) == len(set(b.tolist()))


def test_a_class_of_one_group_is_divided_and_the_others_are_not():
    groups = np.array([5, 5, 9, 9, 7, 7, 7, 7])
    targets = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    coarse, fine = np.array([0, 0, 0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 3, 4, 4, 5])
    assert same_partition(divide_lone_groups(groups, targets, [coarse, fine]), np.array([0, 0, 1, 1, 2, 3, 3, 4]))
    assert same_partition(divide_lone_groups(groups, targets, [coarse]), np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    assert same_partition(divide_lone_groups(groups[:4], targets[:4], [fine[:4]]), groups[:4])


def test_a_group_of_two_classes_is_divided_for_the_one_that_has_no_other():
    groups, targets = np.array([1, 1, 1, 2]), np.array([0, 1, 1, 0])
    assert same_partition(divide_lone_groups(groups, targets, [np.arange(4)]), np.array([0, 1, 2, 3]))


@pytest.mark.parametrize("seed", range(5))
def test_folds_keep_groups_whole_and_hold_out_every_class(seed):
    draw = np.random.default_rng(seed)
    group_class = draw.permutation(np.repeat([0, 1, 2], 4))
    groups = draw.integers(12, size=400)
    targets = group_class[groups]
    folds = deal_folds(groups, targets, seed)
    assert np.array_equal(np.sum(folds, axis=0), np.ones(400))
    for held in folds:
        assert not set(groups[held]) & set(groups[~held])
        assert set(targets[held]) == set(targets[~held]) == {0, 1, 2}
    again = deal_folds(groups, targets, seed)
    assert all(np.array_equal(a, b) for a, b in zip(folds, again, strict=True))


def test_other_seeds_deal_otherwise():
    groups, targets = np.arange(60), np.arange(60) % 2
    assert len({np.stack(deal_folds(groups, targets, seed)).tobytes() for seed in range(5)}) == 5


@pytest.mark.parametrize(("targets", "n_folds"), [([0, 1], 0), ([0, 0, 1], 1), ([0, 0, 1, 1], 2), ([4, 4, 4], 0)])
def test_folds_that_leave_one_class_are_dropped(targets, n_folds):
    targets = np.array(targets)
    folds = deal_folds(np.arange(len(targets)), targets, 0)
    assert len(folds) <= 3
    assert all(len(set(targets[~held])) > 1 and held.any() for held in folds)
    assert (len(folds) > 0) == (n_folds > 0)


def test_groups_of_a_scene_are_regions_in_the_order_of_the_samples():
    prepared = prepare(labelled(), RunConfig(split=SplitOptions(recipe="regions")))
    groups, parts = learned_groups(prepared), learned_parts(prepared)
    rows, columns, targets = (
        np.concatenate([getattr(p, name) for p in parts]) for name in ("rows", "columns", "targets")
    )
    assert len(groups) == len(rows)
    split = prepared.split.scenes["small"]
    several = 0
    for index, number in enumerate(prepared.classes.numbers):
        mask = (split.train.values == number) | (split.validation.values == number)
        gap = ndimage.distance_transform_cdt(~mask, "chessboard")  # pixels to the nearest of the class
        regions, n = ndimage.label(gap <= 1, np.ones((3, 3)))
        here = targets == index
        if n > 1:
            several += 1
            assert same_partition(groups[here], regions[rows[here], columns[here]])
    assert several > 0


def test_a_class_of_one_region_is_divided_into_blocks():
    scene, labels = simulated()
    values = np.zeros(labels.shape, np.uint8)
    values[:, :20], values[::4, 24:28] = 1, 2  # one region, and twelve
    item = LabelledScene(scene, label_map(values))
    prepared = prepare({"one": item}, RunConfig(split=SplitOptions(recipe="random", validation_fraction=0)))
    groups, samples = learned_groups(prepared), prepared.select("train")
    first = samples.targets == 0
    assert same_partition(groups[first], samples.rows[first] // 16 * 10 + samples.columns[first] // 16)
    assert len(np.unique(groups[first])) == 6
    assert same_partition(groups[~first], samples.rows[~first])


def test_regions_of_two_scenes_are_apart():
    scene, labels = simulated()
    elsewhere = [a.assign_coords(x=a.x + 1e5).assign_attrs(source="elsewhere") for a in (scene, labels)]
    scenes = {"a": LabelledScene(scene, labels), "b": LabelledScene(*elsewhere)}
    prepared = prepare(scenes, RunConfig(split=SplitOptions(recipe="regions")))
    groups = learned_groups(prepared)
    index = np.concatenate([part.scene_index for part in learned_parts(prepared)])
    assert not set(groups[index == 0]) & set(groups[index == 1])
