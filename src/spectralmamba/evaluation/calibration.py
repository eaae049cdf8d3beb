"""Whether a confidence of 80 % is right in 80 % of cases."""

import numpy as np
from numpy.typing import NDArray

N_BINS = 15  # as in Guo et al. 2017


def expected_calibration_error(confidence: NDArray[np.floating], correct: NDArray[np.bool_]) -> float:
    """Mean distance between confidence and accuracy over equal bins (Guo et al. 2017, arXiv 1706.04599).

    Parameters
    ----------
    confidence : ndarray, shape (n,)
        Between 0 and 1.
    correct : ndarray of bool, shape (n,)

    Returns
    -------
    float
        0 is perfect; NaN without samples.
    """
    if confidence.size == 0:
        return float("nan")
    bins = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    gap = np.bincount(bins, confidence.astype(np.float64) - correct, minlength=N_BINS)
    return float(np.abs(gap).sum() / confidence.size)
