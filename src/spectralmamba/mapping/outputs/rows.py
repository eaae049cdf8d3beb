"""Reading arrays that are larger than memory by blocks of rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.mapping.stored import Rows

BLOCK_BYTES = 32 * 2**20
"""Most that a block of rows takes, unless a single row takes more."""

MOST_ROWS = 256
"""Rows of a block, where they take no more than that: the height of a row of blocks of the files."""

Raster = Rows | NDArray[Any]
"""Values (height, width) or (K, height, width), in memory or in a file."""


def read_rows(raster: Raster, top: int, bottom: int) -> NDArray[Any]:
    """Read rows top..bottom-1, of every plane."""
    rows = raster[..., top:bottom, :] if isinstance(raster, np.ndarray) else raster[top:bottom]
    return np.ascontiguousarray(rows)


def row_blocks(raster: Raster) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield blocks of whole rows of every plane, from top to bottom, each with the number of its first row."""
    height, rows = raster.shape[-2], block_rows(raster)
    for top in range(0, height, rows):
        yield top, read_rows(raster, top, min(top + rows, height))


def block_rows(raster: Raster) -> int:
    """Return how many rows are read at once, a power of two."""
    row = int(np.prod(raster.shape)) // raster.shape[-2] * raster.dtype.itemsize
    rows = MOST_ROWS
    while rows > 1 and rows * row > BLOCK_BYTES:
        rows //= 2
    return rows


def count_classes(classes: Raster) -> dict[int, int]:
    """Count the pixels of each class number that occurs, 0 (no data) included.

    Parameters
    ----------
    classes : array of uint8 or uint16, shape (height, width)
    """
    counts = np.zeros(1 + np.iinfo(classes.dtype).max, np.int64)
    for _, block in row_blocks(classes):
        counts += np.bincount(block.ravel(), minlength=counts.size)
    return {int(number): int(counts[number]) for number in np.flatnonzero(counts)}
