"""Checking arrays as scikit-learn does, with its wording, which its own checks and users know; our kinds of error."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.scenes.contract import DIMS

_BAND_COORDINATES = ("wavelength", "fwhm", "good")


def as_scene(X: Any) -> xr.DataArray | None:  # noqa: ANN401 - anything
    """Take a DataArray of dims band, y and x, in any order, for a scene; None for all else.

    Raises
    ------
    SceneError
        It lacks the coordinates that tell its bands, so that it is not known what they are nor what is missing.
    """
    if not (isinstance(X, xr.DataArray) and set(X.dims) == set(DIMS)):
        return None
    missing = [name for name in _BAND_COORDINATES if name not in X.coords]
    if missing:
        raise SceneError(f"the DataArray has no coordinate {missing[0]!r} and is no scene; open its file by open_scene")
    return X.transpose(*DIMS)


def checked_samples(estimator: BaseEstimator, X: Any, *, fitting: bool) -> NDArray[Any]:  # noqa: ANN401 - array-likes
    """Take samples as a numeric array; missing values may be in it.

    Parameters
    ----------
    estimator : BaseEstimator
        In fitting it is told the number of features, and their names; later these are compared.
    X : array_like
        Spectra or patches.
    fitting : bool

    Raises
    ------
    SceneError
        Not numbers, sparse, of no feature or too few samples, or of other features than in fitting.
    """
    try:
        samples: NDArray[Any] = validate_data(
            estimator,
            X,
            reset=fitting,
            allow_nd=True,
            ensure_all_finite=False,
            ensure_min_samples=2 if fitting else 1,
        )
    except (ValueError, TypeError) as error:
        raise SceneError(f"{_one_line(error)}; give spectra (n, bands) or patches (n, bands, size, size)") from error
    return samples


def checked_labels(estimator: BaseEstimator, y: Any) -> NDArray[Any]:  # noqa: ANN401 - array-likes
    """Take class labels as an array of one dimension.

    Raises
    ------
    LabelError
        There are none, they have another shape, or are no classes but quantities.
    """
    name = type(estimator).__name__
    if y is None:
        raise LabelError(f"{name} requires y to be passed, but the target y is None; give one class label a sample")
    try:
        labels = np.asarray(column_or_1d(y, warn=True))
        check_classification_targets(labels)
    except ValueError as error:
        raise LabelError(f"{_one_line(error)}; give one class label a sample") from error
    return labels


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
