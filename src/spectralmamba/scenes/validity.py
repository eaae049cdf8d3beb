"""Which pixels of a window can be used."""

import numpy as np


def valid_pixels(window: np.ndarray, nodata: float | None = None) -> np.ndarray:
    """Tell the pixels whose every band is finite and not nodata.

    Parameters
    ----------
    window : numpy.ndarray, shape (n_bands, height, width)
        The bands that are kept, and no others: one empty band makes a pixel invalid.
    nodata : float, optional
        A value that stands for missing. Scenes from ``open_scene`` have NaN there and need none.

    Returns
    -------
    numpy.ndarray of bool, shape (height, width)
        True where the pixel is valid.
    """
    valid = np.isfinite(window).all(axis=0)
    if nodata is not None:
        valid &= (window != nodata).all(axis=0)
    return np.asarray(valid)
