"""Estimators of scikit-learn in files of skops: no pickle, and a fixed list of the types that are read."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile
from zlib import error as ZlibError  # noqa: N812 - zlib's own name says too little here

from sklearn.exceptions import InconsistentVersionWarning
from skops.io import dumps, load
from skops.io.exceptions import UntrustedTypesFoundException

from spectralmamba.errors import RunError
from spectralmamba.models.classical.model import ClassicalModel

logger = logging.getLogger(__name__)

TRUSTED = ("sklearn.tree._tree.Tree",)
"""Types that are read besides those that skops takes from anyone: NumPy's arrays and scikit-learn's estimators."""

_DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, ImportError, LookupError, OSError),
    *(RuntimeError, TypeError, ValueError, ZlibError),
)


def dump_estimator(model: ClassicalModel) -> bytes:
    """Write a fitted model's estimator into bytes.

    Raises
    ------
    RunError
        The model has not been trained yet.
    """
    if model.estimator is None:
        raise RunError("the model has not been trained yet; train it before it is saved")
    content: bytes = dumps(model.estimator, compression=ZIP_DEFLATED)
    return content


def read_estimator(model: ClassicalModel, path: Path, made_with: str | None) -> None:
    """Read an estimator into a model.

    Parameters
    ----------
    model : ClassicalModel
        Of the kind and options that the estimator was fitted with.
    path : Path
    made_with : str, optional
        Version of scikit-learn that it was fitted with, where known.

    Raises
    ------
    RunError
        The file is missing, damaged, of another version of scikit-learn, or holds anything but such an estimator.
    """
    try:
        content = path.read_bytes()
        with _version_warnings_logged(path):
            estimator = load(io.BytesIO(content), trusted=TRUSTED)
        _check_classes(estimator, model)
        model.check_estimator(estimator)
    except UntrustedTypesFoundException as error:
        raise RunError(
            f"{path} holds types that are not trusted ({_line(error)}), so nothing of it was run; "
            "use a run that this package wrote"
        ) from error
    except _DAMAGE as error:
        ours = version("scikit-learn")
        if made_with is not None and made_with != ours:
            raise RunError(
                f"{path} was made with scikit-learn {made_with} and cannot be read with {ours} ({_line(error)}); "
                f"install scikit-learn {made_with}, or train again"
            ) from error
        raise RunError(f"{path} holds a damaged model ({_line(error)}); train again or name another run") from error
    model.estimator = estimator


def _check_classes(estimator: Any, model: ClassicalModel) -> None:  # noqa: ANN401 - anything may be in the file
    classes = estimator.classes_
    known = classes.dtype.kind == "i" and classes.ndim == 1 and len(set(classes.tolist())) == classes.size > 1
    if not known or classes.min() < 0 or classes.max() >= model.n_classes:
        raise ValueError(f"classes that are no indices below {model.n_classes}")
    if estimator.n_features_in_ != model.n_features:
        raise ValueError(f"{estimator.n_features_in_} features in place of {model.n_features}")


@contextmanager
def _version_warnings_logged(path: Path) -> Iterator[None]:
    """Say once, in the log, that an estimator is of another version of scikit-learn, where it says so for each tree."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", InconsistentVersionWarning)
        yield
    if caught:
        logger.warning("%s: %s", path, _line(caught[0].message))


def _line(error: object) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
