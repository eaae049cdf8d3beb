"""Maps of folds: which part of a cross-validation each labelled pixel belongs to."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SplitError
from spectralmamba.scenes import spectra

NO_FOLD = -1


def read_fold_map(path: Path, shape: tuple[int, int], division: int = 0) -> NDArray[np.int64]:
    """Read the fold of each pixel of a scene.

    Parameters
    ----------
    path : Path
        An ``.npz`` with ``folds``: of shape (height, width), or (n,) where it holds spectra ``X`` (n, bands), too; or
        several such divisions stacked along a first axis. Negative where a pixel is in no fold.
    shape : (int, int)
        Height and width of the scene.
    division : int
        Which, where there are several.

    Returns
    -------
    ndarray of int64, shape (height, width)
        -1 where a pixel is in no fold.

    Raises
    ------
    SplitError
        The file is missing or holds no such array, or not so many divisions.
    """
    folds = _load(path)
    result = np.full(shape, NO_FOLD, np.int64)
    if folds.shape[-2:] == shape:
        result[:] = _pick(path, folds, division, 2)
        return np.maximum(result, NO_FOLD)
    if not spectra.recognises(path):
        raise SplitError(f"{path} has folds of shape {folds.shape} for a scene of {shape}; give one a pixel")
    file = spectra.load(path)
    if folds.shape[-1] != len(file.rows) or file.shape != shape:
        raise SplitError(f"{path} has folds of shape {folds.shape} for other spectra than the scene; name its own file")
    result[file.rows, file.columns] = _pick(path, folds, division, 1)
    return np.maximum(result, NO_FOLD)


def count_divisions(path: Path) -> int:
    """Count the divisions into folds that a file holds; SplitError as :func:`read_fold_map`."""
    return len(_divisions(path))


def count_folds(path: Path, division: int = 0) -> int:
    """Count the folds of one division, which are numbered from 0; SplitError as :func:`read_fold_map`."""
    return int(_divisions(path)[division].max()) + 1


def _divisions(path: Path) -> NDArray[Any]:
    """All divisions, along a first axis; (n,) is one, and so is (height, width) without spectra beside it."""
    folds = _load(path)
    return folds if folds.ndim == 3 or (folds.ndim == 2 and spectra.recognises(path)) else folds[None]


def _load(path: Path) -> NDArray[Any]:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            folds: NDArray[Any] = file["folds"]
    except OSError as error:
        raise SplitError(
            f"cannot read the map of folds {path} ({error.strerror or error}); name an .npz file"
        ) from error
    except (KeyError, ValueError, EOFError, TypeError, AttributeError) as error:
        raise SplitError(f"{path} is no map of folds; it needs an array 'folds' of whole numbers in an .npz") from error
    if folds.dtype.kind not in "iu" or folds.ndim not in (1, 2, 3) or folds.size == 0:
        raise SplitError(f"{path} is no map of folds; its array 'folds' has to be whole numbers, one a pixel")
    return folds


def _pick(path: Path, folds: NDArray[Any], division: int, dimensions: int) -> NDArray[Any]:
    if folds.ndim == dimensions:
        folds = folds[None]
    if division >= len(folds):
        raise SplitError(
            f"{path} holds {len(folds)} divisions into folds, so there is no number {division}; use a smaller"
        )
    one: NDArray[Any] = folds[division]
    return one
