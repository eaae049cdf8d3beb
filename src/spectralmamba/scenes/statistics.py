"""Figures about a whole scene, read strip by strip so that memory does not grow with it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.derived import Floats, Source

STRIP_BYTES = 16 << 20  # of a strip's values; a strip has one row at least


@dataclass(frozen=True, eq=False)
class BandStatistics:
    """What the bands of a scene hold, over the pixels that are not excluded.

    Attributes
    ----------
    minimum, maximum, mean : ndarray of float64, shape (n_bands,)
        Of the values that are there; NaN for a band that has none.
    """

    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Bands without two different values, shape (n_bands,)."""
        return np.asarray(~(self.maximum > self.minimum))


def iterate_strips(scene: xr.DataArray) -> Iterator[tuple[slice, Floats]]:
    """Read a scene from top to bottom: rows, and their values (n_bands, n_rows, width), NaN where missing."""
    n_bands, height, width = scene.shape
    source, bands = Source(scene), np.arange(n_bands)
    n_rows = max(STRIP_BYTES // max(4 * n_bands * width, 1), 1)
    for top in range(0, height, n_rows):
        rows = slice(top, min(top + n_rows, height))
        yield rows, source.read(bands, rows, slice(0, width))


def band_statistics(scene: xr.DataArray) -> BandStatistics:
    """Read a scene once for the figures of its bands."""
    n_bands = scene.shape[0]
    low, high = np.full(n_bands, np.inf), np.full(n_bands, -np.inf)
    total, count = np.zeros(n_bands), np.zeros(n_bands, np.int64)
    excluded = excluded_pixels(scene)
    for rows, values in iterate_strips(scene):
        finite = np.isfinite(values) & ~excluded[rows]
        low = np.minimum(low, np.where(finite, values, np.inf).min(axis=(1, 2)))
        high = np.maximum(high, np.where(finite, values, -np.inf).max(axis=(1, 2)))
        total += np.where(finite, values, 0).sum(axis=(1, 2), dtype=np.float64)
        count += finite.sum(axis=(1, 2))
    known = np.where(count > 0, count, np.nan)
    there = np.where(count > 0, 0.0, np.nan)
    return BandStatistics(low + there, high + there, total / known)


def excluded_pixels(scene: xr.DataArray) -> NDArray[np.bool_]:
    """Pixels (height, width) that masks and quality layers leave out."""
    if "excluded" not in scene.coords:
        return np.zeros(scene.shape[1:], bool)
    return np.asarray(scene.coords["excluded"].values, bool)
