"""Temperature scaling: one number that makes confidences honest (Guo et al. 2017, arXiv 1706.04599)."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

COLDEST, HOTTEST = 0.05, 20.0


def fit_temperature(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """Find the temperature with the least cross-entropy.

    Where every pixel is right, the plain cross-entropy would fall for ever as the temperature goes to 0, and every
    confidence to 1. As Platt (1999) does for support vector machines, the target of the true class is therefore not 1
    but (n + 1) / (n + 2), which is what n right answers in n allow to be believed.

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
    n, n_classes = logits.shape
    wide = logits.astype(np.float64)
    soft = np.full((n, n_classes), 1 / (n + 2) / (n_classes - 1))
    soft[np.arange(n), targets] = (n + 1) / (n + 2)

    def loss(log_temperature: float) -> float:
        return float(-(soft * log_softmax(wide / np.exp(log_temperature), axis=1)).sum(axis=1).mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    return float(np.exp(found.x))
