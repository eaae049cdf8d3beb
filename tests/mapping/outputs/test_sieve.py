"""Small patches go to their surroundings; no data stays where it is."""

import numpy as np
import pytest
from scipy import ndimage

from spectralmamba.errors import ConfigError
from spectralmamba.mapping.outputs import sieve_classes
from tests.mapping.outputs.fakes import made_map


def patch_sizes(classes):
    """Size of the 4-connected patch of each pixel, 0 in no data."""
    sizes = np.zeros(classes.shape, np.int64)
    for number in np.unique(classes[classes > 0]):
        labels, _ = ndimage.label(classes == number)
        sizes += np.where(labels > 0, np.bincount(labels.ravel())[labels], 0)
    return sizes


def test_a_small_patch_takes_the_class_of_its_largest_neighbour():
    classes = np.full((8, 9), 5, np.uint8)
    classes[:, 6:] = 9
    classes[3:5, 5:7] = 2  # four pixels, half in 5 and half in 9; more of 5 is there
    assert np.array_equal(sieve_classes(classes, 4), classes)  # not fewer than four
    sieved = sieve_classes(classes, 5)
    assert np.unique(sieved[3:5, 5:7]).tolist() == [5]
    assert np.array_equal(np.delete(sieved, [5, 6], axis=1), np.delete(classes, [5, 6], axis=1))


def test_pixels_that_touch_at_a_corner_are_patches_of_their_own():
    classes = np.full((6, 6), 5, np.uint8)
    classes[[1, 2, 3], [1, 2, 3]] = 9
    assert np.unique(sieve_classes(classes, 2)).tolist() == [5]


def test_no_data_is_neither_filled_nor_grown_into():
    classes = np.full((9, 9), 5, np.uint8)
    classes[4, 4] = 0  # a hole of one pixel
    classes[:, 6:] = 0
    classes[2, 7] = 9  # alone in no data: there is nothing to go to
    assert np.array_equal(sieve_classes(classes, 4), classes)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (1, 60), (60, 1), (70, 80)])
@pytest.mark.parametrize("size", [1, 2, 5, 20, 100_000])
def test_small_patches_stay_only_where_all_around_is_no_data(shape, size, dtype):
    rng = np.random.default_rng(0)
    classes = rng.integers(1, 4, shape).astype(dtype) * (1 if dtype == np.uint8 else 20_000)
    classes[rng.random(shape) < 0.2] = 0
    before = classes.copy()
    sieved = sieve_classes(classes, size)
    assert np.array_equal(classes, before)
    assert sieved.dtype == dtype
    assert np.array_equal(sieved == 0, classes == 0)
    areas, _ = ndimage.label(classes > 0)
    extent = np.bincount(areas.ravel())[areas]
    small = (classes > 0) & (patch_sizes(sieved) < size)
    assert np.array_equal(patch_sizes(sieved)[small], extent[small])  # alone in its area, which is small itself
    if size == 1:
        assert np.array_equal(sieved, classes)


def test_an_area_of_small_patches_only_is_sieved_too():
    """GDAL's filter joins small patches to large ones, and finds none here."""
    classes = np.array([[1, 1, 2, 2, 2, 0, 3], [1, 1, 4, 2, 2, 0, 3]], np.uint8)
    assert sieve_classes(classes, 2).tolist() == [[1, 1, 2, 2, 2, 0, 3], [1, 1, 2, 2, 2, 0, 3]]
    assert sieve_classes(classes, 6).tolist() == [[2, 2, 2, 2, 2, 0, 3], [2, 2, 2, 2, 2, 0, 3]]


def test_a_chessboard_is_sieved_too():
    classes = (np.indices((20, 30)).sum(axis=0) % 2 + 1).astype(np.uint8)
    sieved = sieve_classes(classes, 9)
    assert patch_sizes(sieved).min() >= 9


def test_a_memmap_into_a_memmap(tmp_path):
    classes = made_map(60, 50)[0]
    source = np.memmap(tmp_path / "a", np.uint8, "w+", shape=classes.shape)
    out = np.memmap(tmp_path / "b", np.uint8, "w+", shape=classes.shape)
    source[:] = classes
    assert sieve_classes(source, 130, out) is out
    assert np.array_equal(out, sieve_classes(classes, 130))
    assert not np.array_equal(out, classes)


def test_sizes_below_one_are_refused():
    with pytest.raises(ConfigError, match="fewer than 0 pixels"):
        sieve_classes(np.ones((2, 2), np.uint8), 0)
