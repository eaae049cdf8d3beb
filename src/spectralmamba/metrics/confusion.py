"""Every accuracy figure of the package, computed from one confusion matrix.

Definitions after Congalton & Green, *Assessing the Accuracy of Remotely Sensed Data* (3rd ed., 2019): rows are the
reference (what is on the ground), columns the prediction (what the map says).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """Counts of (reference class, predicted class).

    Attributes
    ----------
    counts : ndarray of int64, shape (n_classes, n_classes)
        ``counts[i, j]`` pixels of reference class i were predicted as class j.
    names : tuple of str
        The classes, in the order of the rows and columns.
    """

    counts: NDArray[np.int64]
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        counts = np.asarray(self.counts)
        n = len(self.names)
        if counts.shape != (n, n):
            raise ValueError(f"counts has shape {counts.shape}; expected {(n, n)} for {n} class names")
        if not np.issubdtype(counts.dtype, np.integer) or (counts < 0).any():
            raise ValueError("counts must be whole numbers of pixels, none negative")
        object.__setattr__(self, "counts", counts.astype(np.int64))

    @classmethod
    def from_indices(
        cls, reference: NDArray[np.integer], predicted: NDArray[np.integer], names: Sequence[str]
    ) -> "ConfusionMatrix":
        """Count pairs of class indices 0..K-1.

        Parameters
        ----------
        reference, predicted : ndarray of int, shape (n,)
            Class index of each pixel on the ground and in the prediction.
        names : sequence of str
            The K classes.

        Raises
        ------
        ValueError
            Different lengths, or an index that is not a whole number of 0..K-1.
        """
        reference, predicted = np.asarray(reference).ravel(), np.asarray(predicted).ravel()
        n = len(names)
        if reference.shape != predicted.shape:
            raise ValueError(f"{reference.size} reference labels but {predicted.size} predictions")
        for values in (reference, predicted):
            if values.size and not np.issubdtype(values.dtype, np.integer):
                raise ValueError(f"class indices must be whole numbers, not {values.dtype}")
            if values.size and (values.min() < 0 or values.max() >= n):
                raise ValueError(f"class indices must lie in 0..{n - 1}")
        flat = np.bincount(reference.astype(np.int64) * n + predicted.astype(np.int64), minlength=n * n)
        return cls(flat.reshape(n, n), tuple(names))

    def __add__(self, other: "ConfusionMatrix") -> "ConfusionMatrix":
        if self.names != other.names:
            raise ValueError("only matrices of the same classes can be added")
        return ConfusionMatrix(self.counts + other.counts, self.names)

    @property
    def total(self) -> int:
        """Number of pixels."""
        return int(self.counts.sum())

    @property
    def support(self) -> NDArray[np.int64]:
        """Reference pixels of each class, shape (K,)."""
        sums: NDArray[np.int64] = self.counts.sum(axis=1)
        return sums

    @property
    def absent(self) -> tuple[str, ...]:
        """Classes without a reference pixel; they count neither in AA nor in the macro F1."""
        return tuple(name for name, n in zip(self.names, self.support, strict=True) if n == 0)

    @property
    def producers_accuracy(self) -> NDArray[np.float64]:
        """Share of each class's reference pixels found (recall), shape (K,); NaN where the class is absent."""
        return _ratio(np.diag(self.counts), self.support)

    @property
    def users_accuracy(self) -> NDArray[np.float64]:
        """Share of each class's predictions that are right (precision), shape (K,); NaN where never predicted."""
        return _ratio(np.diag(self.counts), self.counts.sum(axis=0))

    @property
    def f1(self) -> NDArray[np.float64]:
        """2 TP / (reference + predicted) of each class, shape (K,); NaN where neither occurs."""
        return _ratio(2 * np.diag(self.counts), self.support + self.counts.sum(axis=0))

    @property
    def overall_accuracy(self) -> float:
        """OA: share of pixels that are right; NaN without pixels."""
        return float(_ratio(np.trace(self.counts), self.total))

    @property
    def average_accuracy(self) -> float:
        """AA: mean producer's accuracy over the classes that have reference pixels; NaN without any."""
        return _mean_where(self.producers_accuracy, self.support > 0)

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that have reference pixels."""
        return _mean_where(self.f1, self.support > 0)

    @property
    def kappa(self) -> float:
        """Cohen's kappa (Cohen 1960); NaN where chance agreement is already complete."""
        total = float(self.total)  # whole numbers would overflow beyond 3·10⁹ pixels
        expected = float(self.support.astype(np.float64) @ self.counts.sum(axis=0))
        return float(_ratio(np.trace(self.counts) * total - expected, total**2 - expected))

    def overall_accuracy_interval(self) -> tuple[float, float]:
        """95 % Wilson score interval of OA (Wilson 1927).

        It takes pixels as independent draws. Neighbouring pixels are not, so for a map it is a lower bound of the
        uncertainty.
        """
        if self.total == 0:
            return float("nan"), float("nan")
        p, n, z2 = self.overall_accuracy, self.total, Z_95**2
        centre = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = Z_95 * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, float(centre - half)), min(1.0, float(centre + half))

    def to_json(self) -> dict[str, Any]:
        """Everything above as JSON-able values; undefined figures are null."""
        columns = (self.support, self.producers_accuracy, self.users_accuracy, self.f1)
        return {
            "overall_accuracy": _number(self.overall_accuracy),
            "overall_accuracy_interval_95": [_number(v) for v in self.overall_accuracy_interval()],
            "average_accuracy": _number(self.average_accuracy),
            "kappa": _number(self.kappa),
            "macro_f1": _number(self.macro_f1),
            "n_pixels": self.total,
            "absent_classes": list(self.absent),
            "per_class": [
                {
                    "name": name,
                    "n_reference": int(n),
                    "producers_accuracy": _number(producers),
                    "users_accuracy": _number(users),
                    "f1": _number(f1),
                }
                for name, n, producers, users, f1 in zip(self.names, *columns, strict=True)
            ],
            "confusion_matrix": {
                "rows": "reference",
                "columns": "predicted",
                "classes": list(self.names),
                "counts": self.counts.tolist(),
            },
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ConfusionMatrix":
        """Read back what :meth:`to_json` wrote."""
        matrix = data["confusion_matrix"]
        return cls(np.array(matrix["counts"], dtype=np.int64), tuple(matrix["classes"]))


def _ratio(numerator: ArrayLike, denominator: ArrayLike) -> NDArray[np.float64]:
    """Divide, with NaN where the denominator is 0."""
    above, below = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below != 0))


def _mean_where(values: NDArray[np.float64], keep: NDArray[np.bool_]) -> float:
    return float(values[keep].mean()) if keep.any() else float("nan")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
