"""The recipes as functions."""

import numpy as np
import pytest

import spectralmamba as sm
from spectralmamba.errors import ConfigError
from spectralmamba.sampling import make_split
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.problem import Problem

from .problems import distances, label_map, patchwork


def test_each_recipe_keeps_its_promise():
    labels = label_map(patchwork(60, seed=0))
    for make, buffer in ((sm.split_regions, 4), (sm.split_blocks, 4), (sm.split_random, 0)):
        split = make(labels, radius=2, seed=1)
        own = split.scenes["scene"]
        assert split.buffer == buffer
        assert split.total("test") > 0
        if buffer:
            assert distances(own.test.values > 0, own.train.values > 0).min() > buffer


def test_auto_falls_back_on_blocks_where_regions_lie_too_close():
    """Fields of 4 × 4 pixels side by side: a buffer of 4 leaves nothing of any, but larger blocks keep some."""
    i, j = np.indices((12, 12))
    fields = (i + 2 * j) % 5 + 1  # no two of a class touch
    labels = label_map(np.kron(fields, np.ones((4, 4), int)).astype(np.uint8))
    table = sm.ClassTable.from_numbers(range(1, 6))
    split = make_split(Problem({"a": labels}, table, SplitOptions(), radius=2, patch_size=3))
    assert split.recipe == "blocks"
    assert split.total("train") > 0


def test_tiles_and_folds():
    labels = label_map(patchwork(60, seed=0))
    tiles = [{"name": n, "row": 0, "col": 20 * i, "height": 60, "width": 20} for i, n in enumerate("abc")]
    split = sm.split_tiles(
        labels, radius=0, tiles={"scene": tiles}, folds={"a": 0, "b": 1, "c": 2}, test_fold=1, validation_fraction=0
    )
    test = split.scenes["scene"].test.values > 0
    assert test[:, 20:40].any()
    assert not test[:, :20].any()
    assert not test[:, 40:].any()


def test_fixed_maps():
    values = patchwork(40, seed=0)
    train, test = (np.where(np.arange(40)[:, None] % 2 == k, values, 0) for k in (0, 1))
    split = sm.split_fixed(label_map(train), label_map(test), radius=1, validation_fraction=0)
    assert np.array_equal(split.scenes["scene"].train.values, train)
    assert np.array_equal(split.scenes["scene"].test.values, test)


def test_an_unknown_option_is_found_at_once():
    labels = label_map(patchwork(60, seed=0))
    with pytest.raises(TypeError, match="colour"):
        sm.split_regions(labels, radius=1, colour="red")
    with pytest.raises(ConfigError, match="fraction"):
        sm.split_regions(labels, radius=1, train_fraction=2.0)
