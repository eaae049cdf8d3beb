"""Folds given pixel by pixel."""

import numpy as np
import pytest
import xarray as xr

from spectralmamba.errors import ConfigError, SplitError
from spectralmamba.labels import ClassTable
from spectralmamba.sampling.fold_maps import count_folds, read_fold_map
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.problem import Problem
from spectralmamba.sampling.recipes import make_split


@pytest.fixture
def blocks():
    """Labels of 3 classes in 24 × 24 pixels, and two divisions into 4 folds by blocks of 6."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.repeat(rng.integers(0, 4, (12, 12)), 2, axis=0), 2, axis=1)
    folds = [np.repeat(np.repeat(rng.permutation(16).reshape(4, 4) % 4, 6, axis=0), 6, axis=1) for _ in range(2)]
    return labels.astype(np.uint8), np.where(labels > 0, folds, -1).astype(np.int8)


def split_of(labels, folds, **options):
    problem = Problem(
        {"scene": xr.DataArray(labels, dims=("y", "x"))},
        ClassTable.from_numbers((1, 2, 3)),
        SplitOptions(recipe="folds", fold_map="folds.npz", **options),
        radius=options.pop("radius", 0),
        patch_size=1,
        fold_maps={"scene": folds.astype(np.int64)},
    )
    return make_split(problem)


@pytest.mark.parametrize("fold", [0, 1, 2, 3])
def test_one_fold_is_tested_and_all_others_are_learned_from(blocks, fold):
    labels, folds = blocks
    scene = split_of(labels, folds[0], test_fold=fold).scenes["scene"]
    np.testing.assert_array_equal(scene.test.values > 0, folds[0] == fold)
    learned = (scene.train.values > 0) | (scene.validation.values > 0)
    np.testing.assert_array_equal(learned, (folds[0] >= 0) & (folds[0] != fold))
    assert (scene.validation.values > 0).any()
    np.testing.assert_array_equal(scene.test.values, np.where(folds[0] == fold, labels, 0))


def test_pixels_of_no_fold_are_not_used(blocks):
    labels, folds = blocks
    folds = folds[0].copy()
    folds[:5] = -1
    scene = split_of(labels, folds).scenes["scene"]
    assert not any((scene.part(name).values[:5] > 0).any() for name in ("train", "validation", "test"))


def test_a_buffer_is_kept_unless_none_is_asked_for(blocks):
    labels, folds = blocks
    assert split_of(labels, folds[0], buffer=0).buffer == 0
    buffered = split_of(labels, folds[0], buffer=1)
    assert buffered.details["buffered_pixels"] > 0


def test_validation_comes_from_the_training_folds(blocks):
    labels, folds = blocks
    without = split_of(labels, folds[0], validation_fraction=0.0)
    assert without.total("validation") == 0
    assert without.total("train") == int(((folds[0] >= 0) & (folds[0] != 0)).sum())


@pytest.mark.parametrize("test_fold", [4, 9])
def test_a_fold_that_is_not_there_is_refused(blocks, test_fold):
    with pytest.raises(SplitError, match="no labelled pixel in test fold"):
        split_of(*[blocks[0], blocks[1][0]], test_fold=test_fold)


def test_a_map_of_one_fold_is_refused(blocks):
    with pytest.raises(SplitError, match="nothing is left to train on"):
        split_of(blocks[0], np.zeros_like(blocks[0], np.int8))


def test_maps_are_read_by_division(blocks, tmp_path):
    labels, folds = blocks
    np.savez(tmp_path / "folds.npz", folds=folds)
    for division in (0, 1):
        read = read_fold_map(tmp_path / "folds.npz", labels.shape, division)
        np.testing.assert_array_equal(read, folds[division])
    np.savez(tmp_path / "one.npz", folds=folds[1])
    np.testing.assert_array_equal(read_fold_map(tmp_path / "one.npz", labels.shape), folds[1])
    assert count_folds(tmp_path / "folds.npz") == 4


def test_folds_of_spectra_are_placed_with_them(tmp_path):
    path = tmp_path / "pixels.npz"
    row, col = np.array([0, 4, 2]), np.array([1, 1, 5])
    np.savez(path, X=np.ones((3, 4)), row=row, col=col, folds=np.array([[0, 1, 2], [2, 0, -1]], np.int8))
    read = read_fold_map(path, (5, 6), 1)
    assert read[row, col].tolist() == [2, 0, -1]
    assert (read >= 0).sum() == 2


@pytest.mark.parametrize(
    ("content", "shape", "division", "message"),
    [
        ({"other": np.zeros(3)}, (3, 3), 0, "needs an array 'folds'"),
        ({"folds": np.zeros((3, 3))}, (3, 3), 0, "whole numbers"),
        ({"folds": np.zeros((2, 3, 3), int)}, (3, 3), 2, "2 divisions"),
        ({"folds": np.zeros((3, 3), int)}, (4, 4), 0, "one a pixel"),
        ({"folds": np.zeros(3, int), "X": np.ones((3, 4))}, (9, 9), 0, "other spectra"),
    ],
)
def test_bad_maps_are_refused(tmp_path, content, shape, division, message):
    np.savez(tmp_path / "folds.npz", **content)
    with pytest.raises(SplitError, match=message):
        read_fold_map(tmp_path / "folds.npz", shape, division)


def test_a_missing_or_damaged_map_is_refused(tmp_path):
    with pytest.raises(SplitError, match="cannot read"):
        read_fold_map(tmp_path / "none.npz", (3, 3))
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    with pytest.raises(SplitError, match="no map of folds"):
        read_fold_map(tmp_path / "bad.npz", (3, 3))


@pytest.mark.parametrize(
    "options", [{"recipe": "folds"}, {"fold_map": "f.npz"}, {"fold_set": 1}, {"recipe": "regions", "fold_map": "f.npz"}]
)
def test_options_that_contradict_each_other_are_refused(options):
    with pytest.raises(ConfigError, match="fold"):
        SplitOptions(**options)
