"""Which of two detectors is used where both look at the same wavelengths."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Overlap = Literal["middle", "vnir", "swir", "both"]


def seen_once(
    wavelength: NDArray[np.float64], vnir: NDArray[np.bool_], swir: NDArray[np.bool_], rule: Overlap = "middle"
) -> NDArray[np.bool_]:
    """Tell the bands to use, so that no wavelength is seen by both detectors.

    Two detectors never agree quite, and a spectrum that jumps to and fro between them would show their difference as if
    it were the ground's.

    Parameters
    ----------
    wavelength : ndarray of float, shape (n_bands,)
        In nm, in any order.
    vnir, swir : ndarray of bool, shape (n_bands,)
        The bands of either detector that can be used; the range that both cover is that of these.
    rule : str
        ``middle``: each detector up to the middle of that range, since both grow noisy towards their ends. ``vnir`` or
        ``swir``: that one throughout. ``both``: all bands.

    Returns
    -------
    ndarray of bool, shape (n_bands,)
    """
    low = float(np.min(wavelength[swir], initial=np.inf))
    high = float(np.max(wavelength[vnir], initial=-np.inf))
    if rule == "both" or low > high:
        return np.asarray(vnir | swir)
    if rule == "swir":
        return np.asarray((vnir & (wavelength < low)) | swir)
    limit = high if rule == "vnir" else (low + high) / 2
    return np.asarray((vnir & (wavelength <= limit)) | (swir & (wavelength > limit)))
