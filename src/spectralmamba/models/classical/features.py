"""What a classical model sees of a pixel: its spectrum and, patchwise, the mean of the 3×3 pixels around it."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def neighbourhood_features(x: Floats) -> Floats:
    """Turn samples into rows of features.

    Parameters
    ----------
    x : ndarray, shape (n, C) or (n, C, S, S), S odd and at least 3
        Spectra, or windows around them; a pixel that is NaN in any band is missing and left out of the mean.

    Returns
    -------
    ndarray of float32, shape (n, C) or (n, 2·C)
        The centre's spectrum and, of windows, the mean spectrum of the 3×3 pixels in their middle, centre included.
    """
    if x.ndim == 2:
        return x
    middle = x.shape[-1] // 2
    inner = x[:, :, middle - 1 : middle + 2, middle - 1 : middle + 2]
    total, count = np.zeros(x.shape[:2], np.float32), np.zeros(len(x), np.float32)
    # One pixel after the other, so that the order of the sum depends neither on the window's width nor on its layout.
    for row, column in np.ndindex(3, 3):
        spectrum = inner[:, :, row, column]
        valid = np.asarray(np.isfinite(spectrum).all(axis=1))
        total += np.where(valid[:, None], spectrum, 0)
        count += valid
    return np.concatenate([inner[:, :, 1, 1], total / np.maximum(count, 1)[:, None]], axis=1)
