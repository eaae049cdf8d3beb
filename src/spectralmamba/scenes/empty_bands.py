"""Bands that hold nothing, found in a few windows of a scene, so that opening one stays quick."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.derived import Source

SIDE = 16  # pixels of a window's side
WINDOWS = 5  # along each axis, evenly spread
ENOUGH = 64  # equal values that make a band constant; fewer may be chance


def empty_in_sample(scene: xr.DataArray, bands: NDArray[np.intp] | None = None) -> NDArray[np.bool_]:
    """Tell which bands have no value, or one and the same everywhere, where other bands have data.

    Up to 25 windows of 16×16 pixels are read, the middle one first, and of each only the bands that have not shown two
    different values yet: one window of a scene whose bands all hold something.

    Parameters
    ----------
    scene : DataArray (band, y, x)
        A scene; stays as lazy as it is.
    bands : ndarray of int, optional
        Positions of those to look at; all where not given.

    Returns
    -------
    ndarray of bool, shape (n_bands,)
        All False where no band has two different values in any window. Fewer than 64 equal values are no evidence.
    """
    n_bands, height, width = scene.shape
    source = Source(scene)
    bands = np.arange(n_bands) if bands is None else bands
    low, high, count = np.full(n_bands, np.inf), np.full(n_bands, -np.inf), np.zeros(n_bands, np.int64)
    unsettled = bands
    for rows, columns in _windows(height, width):
        values = source.read(unsettled, rows, columns)
        there = np.isfinite(values)
        count[unsettled] += there.sum(axis=(1, 2))
        low[unsettled] = np.minimum(low[unsettled], values.min(axis=(1, 2), where=there, initial=np.inf))
        high[unsettled] = np.maximum(high[unsettled], values.max(axis=(1, 2), where=there, initial=-np.inf))
        unsettled = bands[~(high[bands] > low[bands])]
        if unsettled.size == 0:
            break
    empty = np.zeros(n_bands, bool)
    if unsettled.size < bands.size:
        empty[unsettled] = (count[unsettled] == 0) | (count[unsettled] >= ENOUGH)
    return empty


def _windows(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Windows over a scene, the middle one first."""
    tops, lefts = _starts(height), _starts(width)
    middle = (len(tops) // 2, len(lefts) // 2)
    places = [(i, j) for i in range(len(tops)) for j in range(len(lefts))]
    for i, j in sorted(places, key=lambda place: place != middle):
        yield slice(tops[i], min(tops[i] + SIDE, height)), slice(lefts[j], min(lefts[j] + SIDE, width))


def _starts(size: int) -> list[int]:
    last = max(size - SIDE, 0)
    return sorted({round(start) for start in np.linspace(0, last, WINDOWS)})
