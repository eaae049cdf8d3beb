import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectralmamba.sampling.buffers import within
from spectralmamba.sampling.groups import (
    assign_groups,
    block_groups,
    compact,
    count_classes,
    region_groups,
    tile_groups,
)


def test_regions_are_eight_connected_areas_of_one_class():
    labels = np.array(
        [
            [1, 0, 2, 2],
            [0, 1, 0, 2],
            [0, 0, 1, 3],
            [1, 0, 0, 3],
        ]
    )
    groups = region_groups(labels)
    assert ((groups > 0) == (labels > 0)).all()
    assert len(np.unique(groups[groups > 0])) == 4
    assert groups[0, 0] == groups[1, 1] == groups[2, 2]  # by their corners
    assert groups[3, 0] != groups[0, 0]
    assert groups[0, 2] != groups[2, 3]
    assert sorted(np.unique(groups)) == list(range(5))


def test_regions_of_large_class_numbers():
    labels = np.array([[70_000, 0, 70_000], [300, 300, 0]], np.uint32)
    assert region_groups(labels).max() == 3


def test_blocks():
    labels = np.ones((5, 7), int)
    labels[:2, :2] = 0
    groups = block_groups(labels, 3)
    assert ((groups > 0) == (labels > 0)).all()
    assert groups.max() == 2 * 3
    for top, left in [(0, 3), (0, 6), (3, 0), (3, 3), (3, 6)]:
        assert len(np.unique(groups[top : top + 3, left : left + 3])) == 1
    labels[:3, :3] = 0
    assert block_groups(labels, 3).max() == 5  # a block without a label does not count


def test_tiles():
    labels = np.ones((4, 6), int)
    labels[0, 0] = 0
    tiles = [{"row": 0, "col": 0, "height": 4, "width": 3}, {"row": 0, "col": 2, "height": 3, "width": 4}]
    groups = tile_groups(labels, tiles)
    assert groups[0, 0] == 0
    assert (groups[1:, :3] == 1).all()  # the first has the say where they overlap
    assert (groups[:3, 3:] == 2).all()
    assert (groups[3, 3:] == 0).all()
    assert set(np.unique(tile_groups(labels, ()))) == {0, 1}


def test_compact_and_count():
    groups = compact(np.array([[0, 7], [9, 7]]))
    np.testing.assert_array_equal(groups, [[0, 1], [2, 1]])
    counts = count_classes(groups, np.array([[0, 1], [0, -1]]), 2, 3)
    np.testing.assert_array_equal(counts, [[0, 1, 0], [1, 0, 0]])
    assert count_classes(np.zeros((2, 2), np.int64), np.zeros((2, 2), int), 0, 3).shape == (0, 3)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_classes=st.integers(1, 6),
    fractions=st.sampled_from([(0.48, 0.12, 0.4), (0.8, 0.2, 0.0), (0.5, 0.0, 0.5), (0.1, 0.1, 0.8)]),
)
def test_fractions_are_met_nearly(seed, n_classes, fractions):
    rng = np.random.default_rng(seed)
    counts = np.zeros((60 * n_classes, n_classes), np.int64)
    counts[np.arange(len(counts)), np.arange(len(counts)) % n_classes] = rng.integers(5, 50, len(counts))
    parts = assign_groups(counts, fractions, rng)
    for part, fraction in enumerate(fractions):
        share = counts[parts == part].sum(axis=0) / counts.sum(axis=0)
        assert (np.abs(share - fraction) < 0.06).all()
        assert fraction > 0 or not (parts == part).any()


def test_three_groups_of_a_class_go_to_three_parts():
    counts = np.full((3, 1), 10)
    for seed in range(10):
        assert sorted(assign_groups(counts, (0.4, 0.3, 0.3), np.random.default_rng(seed))) == [0, 1, 2]


@pytest.mark.parametrize("distance", [0, 1, 2, 5, 20])
def test_within(distance):
    mask = np.random.default_rng(0).random((15, 11)) < 0.03
    mask[0, 0] = True
    rows, columns = np.nonzero(mask)
    y, x = np.mgrid[:15, :11]
    apart = np.maximum(np.abs(y[..., None] - rows), np.abs(x[..., None] - columns)).min(axis=-1)
    np.testing.assert_array_equal(within(mask, distance), apart <= distance)
    assert not within(np.zeros((4, 4), bool), distance).any()
