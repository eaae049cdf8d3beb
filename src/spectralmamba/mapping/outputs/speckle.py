"""Areas of a class map that consist of small patches only, which a filter that joins small to large leaves alone."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Classes = NDArray[np.unsignedinteger]

ROWS = 256


def speckled_areas(classes: Classes, size: int) -> Iterator[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    """Yield areas, enclosed by no data, of several patches none of which has ``size`` pixels.

    Parameters
    ----------
    classes : ndarray of uint8 or uint16, shape (height, width)
        0 = no data.
    size : int

    Yields
    ------
    window : (slice, slice)
        Where the area lies.
    inside : ndarray of bool
        Which pixels of the window are of it.
    """
    areas, _ = ndimage.label(classes > 0)
    without = _sizes(areas) > 0  # areas in which no large patch was found so far
    may_have = _sizes(areas) >= size
    for number in np.unique(classes[classes > 0]):
        if not (without & may_have).any():
            break
        patches, _ = ndimage.label(classes == number)
        is_large = _sizes(patches) >= size
        for rows in _rows(classes):
            without[areas[rows][is_large[patches[rows]]]] = False
    for area, window in enumerate(ndimage.find_objects(areas), start=1):
        if without[area]:
            inside = areas[window] == area
            if np.unique(classes[window][inside]).size > 1:
                yield window, inside


def _sizes(labels: NDArray[np.int32]) -> NDArray[np.int64]:
    """Pixels of each label; those of 0, no data, count as none."""
    sizes = np.zeros(int(labels.max()) + 1, np.int64)
    for rows in _rows(labels):
        sizes += np.bincount(labels[rows].ravel(), minlength=sizes.size)
    sizes[0] = 0
    return sizes


def _rows(array: NDArray[np.generic]) -> Iterator[slice]:
    """Cut into some rows at a time: indexing takes 8 bytes a pixel."""
    for top in range(0, array.shape[0], ROWS):
        yield slice(top, top + ROWS)


def unite_patches(classes: Classes, size: int) -> None:
    """Give patches of fewer than ``size`` pixels to their largest neighbour, the smallest first, until none is left.

    Of equals the one of the lower class number counts first, then the one that comes first in reading order.

    Parameters
    ----------
    classes : ndarray of uint8 or uint16, shape (height, width)
        0 = no data. It is changed in place.
    size : int
    """
    patches, numbers = _number_patches(classes)
    united = _Patches(np.bincount(patches.ravel(), minlength=len(numbers)).tolist(), _neighbours(patches, len(numbers)))
    queue = [(united.sizes[patch], patch) for patch in range(1, len(numbers)) if united.sizes[patch] < size]
    heapify(queue)
    while queue:
        had, patch = heappop(queue)
        neighbours = united.neighbours[patch]
        if had != united.sizes[patch] or not neighbours:
            continue  # it is part of another by now, or has grown; or it is alone
        largest = max(neighbours, key=lambda other: (united.sizes[other], -other))
        whole = united.unite({patch} | {other for other in neighbours if numbers[other] == numbers[largest]}, largest)
        if united.sizes[whole] < size:
            heappush(queue, (united.sizes[whole], whole))
    classes[:] = numbers[united.ends()][patches]


class _Patches:
    """Sizes and neighbours of numbered patches that become parts of one another."""

    def __init__(self, sizes: list[int], neighbours: list[set[int]]) -> None:
        self.sizes, self.neighbours = sizes, neighbours
        self._goes_to = list(range(len(sizes)))

    def unite(self, parts: set[int], whole: int) -> int:
        """Make patches parts of one of them."""
        around = set().union(*(self.neighbours[part] for part in parts)) - parts
        for part in parts - {whole}:
            self._goes_to[part] = whole
            self.sizes[whole] += self.sizes[part]
            self.sizes[part], self.neighbours[part] = 0, set()
        for other in around:
            self.neighbours[other] = (self.neighbours[other] - parts) | {whole}
        self.neighbours[whole] = around
        return whole

    def ends(self) -> list[int]:
        """Give the patch that each is part of in the end."""
        ends = []
        for patch in self._goes_to:
            end = patch
            while self._goes_to[end] != end:
                end = self._goes_to[end]
            ends.append(end)
        return ends


def _number_patches(classes: Classes) -> tuple[NDArray[np.intp], Classes]:
    """Number the patches from 1, those of the lowest class first, 0 in no data; also the class of each number."""
    patches, numbers = np.zeros(classes.shape, np.intp), [0]
    for number in np.unique(classes[classes > 0]).tolist():
        found, n = ndimage.label(classes == number)
        patches += np.where(found > 0, found + (len(numbers) - 1), 0)
        numbers += [number] * n
    return patches, np.array(numbers, classes.dtype)


def _neighbours(patches: NDArray[np.intp], n: int) -> list[set[int]]:
    """Patches that share a side with each."""
    sides = [(patches[:, 1:], patches[:, :-1]), (patches[1:], patches[:-1])]
    borders = [(one, other, (one != other) & (one > 0) & (other > 0)) for one, other in sides]
    pairs = np.unique(np.concatenate([np.stack([one[at], other[at]], axis=1) for one, other, at in borders]), axis=0)
    found: list[set[int]] = [set() for _ in range(n)]
    for one, other in pairs.tolist():
        found[one].add(other)
        found[other].add(one)
    return found
