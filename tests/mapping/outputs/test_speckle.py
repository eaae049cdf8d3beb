"""Areas of small patches only: where they are, and how their patches are united."""

import numpy as np
import pytest

from spectralmamba.mapping.outputs.speckle import speckled_areas, unite_patches
from tests.mapping.outputs.test_sieve import patch_sizes


def test_areas_with_a_large_patch_or_of_a_single_one_are_left_out():
    classes = np.array([[1, 1, 1, 2, 0, 3, 4, 0, 5], [0, 0, 0, 0, 0, 4, 3, 0, 5]], np.uint8)
    areas = list(speckled_areas(classes, 3))
    assert len(areas) == 1
    window, inside = areas[0]
    assert classes[window].tolist() == [[3, 4], [4, 3]]
    assert inside.all()
    assert not list(speckled_areas(np.zeros((3, 4), np.uint8), 3))


def test_the_smallest_goes_first_and_to_its_largest_neighbour():
    classes = np.array([[1, 2, 2, 2, 3, 3]], np.uint8)
    unite_patches(classes, 3)
    assert classes.tolist() == [[2, 2, 2, 2, 2, 2]]
    classes = np.array([[1, 2, 2, 3, 3, 3]], np.uint8)
    unite_patches(classes, 3)  # 1 goes to 2, which is large enough then
    assert classes.tolist() == [[2, 2, 2, 3, 3, 3]]


def test_patches_of_one_class_become_one_where_what_parted_them_joins():
    classes = np.array([[7, 7, 1, 7, 7, 0, 1]], np.uint16)
    unite_patches(classes, 5)
    assert classes.tolist() == [[7, 7, 7, 7, 7, 0, 1]]


@pytest.mark.parametrize("seed", range(5))
def test_none_is_left_that_has_a_neighbour(seed):
    rng = np.random.default_rng(seed)
    classes = rng.integers(1, 5, (17, 23)).astype(np.uint8)
    unite_patches(classes, 12)
    assert patch_sizes(classes).min() >= 12
