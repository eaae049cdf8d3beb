"""Distances between the parts of a split, in pixels along the longer axis (Chebyshev)."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage


def within(mask: NDArray[np.bool_], distance: int) -> NDArray[np.bool_]:
    """Mark the pixels at most ``distance`` rows and columns from a marked one, itself included."""
    if distance == 0:
        return mask
    near: NDArray[np.uint8] = ndimage.maximum_filter(mask.astype(np.uint8), size=2 * distance + 1, mode="constant")
    return near.astype(bool)
