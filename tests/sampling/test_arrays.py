"""Holding out groups of arrays."""

import numpy as np
import pytest

from spectralmamba.sampling.arrays import hold_out


@pytest.mark.parametrize("seed", range(4))
def test_groups_are_held_out_as_a_whole_and_every_class_is_left(seed):
    groups = np.random.default_rng(seed).integers(30, size=600)
    targets = groups % 3
    held = hold_out(targets, 0.2, seed, groups)
    assert not set(groups[held]) & set(groups[~held])
    for index in range(3):
        assert 0.05 < held[targets == index].mean() < 0.4
    assert np.array_equal(held, hold_out(targets, 0.2, seed, groups))


def test_a_class_of_one_group_is_not_held_out():
    groups = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    targets = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    for seed in range(5):
        held = hold_out(targets, 0.5, seed, groups)
        assert not held[6:].any()
        assert set(targets[~held]) == {0, 1}


def test_nothing_is_held_out_of_nothing():
    assert not hold_out(np.array([0, 1, 0, 1]), 0.0, 0, np.array([0, 1, 2, 3])).any()
