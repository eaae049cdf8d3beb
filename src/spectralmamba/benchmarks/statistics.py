"""Statistics over repeated runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation (n − 1) of n values; the latter NaN for fewer than two."""

    mean: float
    std: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Summarise values, NaN ones left out."""
        known = [value for value in values if not math.isnan(value)]
        if not known:
            return cls(math.nan, math.nan, 0)
        return cls(float(np.mean(known)), float(np.std(known, ddof=1)) if len(known) > 1 else math.nan, len(known))


@dataclass(frozen=True)
class Comparison:
    """A corrected resampled t-test.

    Attributes
    ----------
    difference : float
        Mean of the paired differences.
    t, p : float
        Statistic and two-sided probability; NaN where there are too few pairs.
    pairs : int
    """

    difference: float
    t: float
    p: float
    pairs: int


def corrected_t_test(differences: Sequence[float], test_share: float) -> Comparison:
    """Compare two models over repeated divisions of the same pixels.

    Training parts of different divisions overlap, so the variance of the mean is taken as (1/J + n_test/n_train) s² in
    place of s²/J (Nadeau & Bengio, Machine Learning 52, 2003, section 3).

    Parameters
    ----------
    differences : sequence of float
        Accuracy of one model minus that of the other on each of J divisions.
    test_share : float
        n_test / n_train.
    """
    pairs = len(differences)
    mean = float(np.mean(differences)) if pairs else math.nan
    if pairs < 2:
        return Comparison(mean, math.nan, math.nan, pairs)
    variance = float(np.var(differences, ddof=1))
    if variance == 0:
        return Comparison(mean, math.inf if mean else 0.0, 0.0 if mean else 1.0, pairs)
    t = mean / math.sqrt((1 / pairs + test_share) * variance)
    return Comparison(mean, t, float(2 * stats.t.sf(abs(t), pairs - 1)), pairs)
