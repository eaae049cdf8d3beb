"""Figures about a whole scene, read strip by strip."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

STRIP = 64  # rows read at a time


@dataclass(frozen=True, eq=False)
class SceneStatistics:
    """What a scene holds.

    Attributes
    ----------
    empty_bands : ndarray of int
        Positions of the bands without two different values.
    valid_pixels : int
        Pixels with data in every band that is good and not empty.
    minimum, maximum : float
        Over those bands; NaN where nothing is valid.
    """

    empty_bands: NDArray[np.intp]
    valid_pixels: int
    minimum: float
    maximum: float


def scene_statistics(scene: xr.DataArray) -> SceneStatistics:
    """Read a scene twice, strip by strip: for its empty bands, then for its valid pixels."""
    n_bands, height, _ = scene.shape
    low, high = np.full(n_bands, np.inf), np.full(n_bands, -np.inf)
    strips = [slice(top, min(top + STRIP, height)) for top in range(0, height, STRIP)]
    for rows in strips:
        values = np.asarray(scene.isel(y=rows).values)
        finite = np.isfinite(values)
        low = np.minimum(low, np.where(finite, values, np.inf).min(axis=(1, 2)))
        high = np.maximum(high, np.where(finite, values, -np.inf).max(axis=(1, 2)))
    empty = ~(high > low)
    used = ~empty & np.asarray(scene.good.values, bool)
    if not used.any():
        return SceneStatistics(np.flatnonzero(empty), 0, np.nan, np.nan)
    valid = sum(int(np.isfinite(np.asarray(scene.isel(y=rows).values)[used]).all(axis=0).sum()) for rows in strips)
    return SceneStatistics(np.flatnonzero(empty), valid, float(low[used].min()), float(high[used].max()))
