"""Temperature scaling: one number that makes confidences honest (Guo et al. 2017, arXiv 1706.04599)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

COLDEST, HOTTEST = 0.05, 20.0


def fit_temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """Find the temperature with the least cross-entropy.

    Parameters
    ----------
    logits : ndarray, shape (n, K)
        Of pixels that were not trained on.
    targets : ndarray of int, shape (n,)
        Their class indices.

    Returns
    -------
    float
        Between 0.05 and 20; logits divided by it give calibrated probabilities.
    """
    wide, index = logits.astype(np.float64), np.arange(len(targets))

    def loss(log_temperature: float) -> float:
        return float(-log_softmax(wide / np.exp(log_temperature), axis=1)[index, targets].mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))
