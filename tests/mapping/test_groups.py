"""How many tiles go to a worker at once."""

import pytest

from spectralmamba.mapping.computing import TileResult
from spectralmamba.mapping.groups import GROUP_BYTES, Groups
from spectralmamba.mapping.tiles import iterate_tiles

TILES = list(iterate_tiles(100, 100, 1))


def took(seconds: float) -> list[TileResult]:
    return [TileResult(TILES[0], {}, reading=seconds / 2, inference=seconds / 2)]


def test_every_tile_is_taken_once_and_in_order():
    groups, taken = Groups(TILES, 1), []
    while groups:
        taken += groups.take(3)
        groups.learn(took(0.01))
    assert taken == TILES


@pytest.mark.parametrize(("seconds", "size"), [(None, 1), (0.01, 100), (0.4, 2), (3.0, 1), (0.0, 2500)])
def test_a_group_takes_about_a_second_and_leaves_work_for_others(seconds, size):
    groups = Groups(TILES, 1)
    groups.learn([] if seconds is None else took(seconds))
    assert len(groups.take(2)) == size


def test_one_dear_tile_does_not_make_groups_small_for_ever():
    groups = Groups(TILES, 1)
    groups.learn(took(5.0))  # the first one waits for compiled code
    for _ in range(30):
        groups.learn(took(0.01))
    assert len(groups.take(2)) > 80


def test_results_of_a_group_fit_into_memory():
    groups = Groups(TILES, GROUP_BYTES // 3)
    groups.learn(took(0.001))
    assert len(groups.take(1)) == 3


def test_groups_shrink_towards_the_end():
    groups, sizes = Groups(TILES, 1), []
    groups.learn(took(1e-4))
    while groups:
        sizes.append(len(groups.take(4)))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1
