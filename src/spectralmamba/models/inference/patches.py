"""A window of a scene, patch by patch, for every model that is not evaluated densely."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spectralmamba.sampling.standardise import Standardiser
from spectralmamba.scenes.validity import valid_pixels

Floats = NDArray[np.float32]
Compute = Callable[[Callable[[slice], Floats], int], Floats]

STRIP_PIXELS = 16384
"""A window is standardised in strips of about so many pixels: beside it, memory holds no more than a few strips."""


def patch_logits(window: Floats, standardiser: Standardiser, radius: int, n_classes: int, compute: Compute) -> Floats:
    """Classify the inside of a window.

    Parameters
    ----------
    window : ndarray, shape (C, h + 2·radius, w + 2·radius)
        In the scene's units; a pixel is invalid where a band is not finite.
    standardiser : Standardiser
    radius : int
    n_classes : int
        K.
    compute : callable
        Gives the logits (n, K) of n samples (n, C) or (n, C, S, S), of which a function gives those of a slice.

    Returns
    -------
    ndarray of float32, shape (K, h, w)
        NaN where the pixel is invalid.
    """
    height, width = (size - 2 * radius for size in window.shape[1:])
    result = np.full((n_classes, height, width), np.nan, np.float32)
    rows = max(1, STRIP_PIXELS // max(width, 1))
    for top in range(0, height, rows):
        strip = window[:, top : min(top + rows, height) + 2 * radius]
        _classify_strip(strip, standardiser, radius, compute, result[:, top : top + rows])
    return result


def _classify_strip(strip: Floats, standardiser: Standardiser, radius: int, compute: Compute, result: Floats) -> None:
    size = 2 * radius + 1
    with np.errstate(over="ignore"):  # a value too large to be standardised is as good as missing
        values = standardiser(strip, band_axis=0)
    valid = valid_pixels(strip) & valid_pixels(values)
    values[:, ~valid] = np.nan
    patches = np.lib.stride_tricks.sliding_window_view(values, (size, size), axis=(1, 2))  # (C, h, w, S, S)
    inside = valid[radius : valid.shape[0] - radius, radius : valid.shape[1] - radius]
    rows, columns = np.nonzero(inside)

    def take(chosen: slice) -> Floats:
        some = patches[:, rows[chosen], columns[chosen]].swapaxes(0, 1)  # (b, C, S, S)
        return some if size > 1 else some[:, :, 0, 0]

    result[:, inside] = compute(take, rows.size).T
