"""MATLAB containers, version 5 to 7 (SciPy) and 7.3 (HDF5): which arrays are there, and one of them by name."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.io

from spectralmamba.errors import SceneError

_MATLAB_HEADER = b"MATLAB "
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_USER_BLOCK = 512
"""Bytes of text that MATLAB writes before the HDF5 part of a version 7.3 file."""

_NUMERIC_CLASSES = {"double", "single", "logical"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}


def is_matfile(path: Path) -> bool:
    """Whether ``path`` begins like a MATLAB file.

    Plain HDF5 without MATLAB's header counts where it is called ``.mat``: Python programs write such files, and
    their content alone does not tell them from other HDF5 products.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(len(_HDF5_SIGNATURE))
    return start.startswith(_MATLAB_HEADER) or (start == _HDF5_SIGNATURE and path.suffix.lower() == ".mat")


def list_arrays(path: Path) -> dict[str, tuple[int, ...]]:
    """Return names and shapes, in MATLAB's order of axes, of the numeric arrays at the top level of a file.

    Raises
    ------
    SceneError
        The file is damaged.
    """
    try:
        return _list_hdf5(path) if _is_hdf5(path) else _list_v5(path)
    except Exception as error:  # SciPy and h5py raise whatever the damage provokes in them
        raise _damaged(path, error) from error


def load_array(path: Path, name: str) -> np.ndarray:
    """Load one array that :func:`list_arrays` names; its shape is the one given there.

    Raises
    ------
    SceneError
        The file is damaged, or the array is not of real numbers.
    """
    try:
        array = _load_hdf5(path, name) if _is_hdf5(path) else scipy.io.loadmat(path, variable_names=[name])[name]
    except Exception as error:  # see list_arrays
        raise _damaged(path, error) from error
    values = np.asarray(array)
    if values.dtype.kind not in "biuf":
        raise SceneError(f"{path} holds {values.dtype} values in {name!r}; pass an array of real numbers")
    return values


def choose(path: Path, candidates: dict[str, tuple[int, ...]], variable: str | None, wanted: str) -> str:
    """Pick the array to read.

    Parameters
    ----------
    path : pathlib.Path
        For messages.
    candidates : dict
        Name to shape of the arrays that would do.
    variable : str, optional
        The user's choice among them. Without it there has to be exactly one.
    wanted : str
        What the candidates are, in words ("3-D numeric array (rows, columns, bands)").

    Raises
    ------
    SceneError
        There is none, there are several and no choice, or the choice is not among them.
    """
    found = ", ".join(f"{name} {' × '.join(map(str, shape))}" for name, shape in candidates.items())
    if not candidates:
        raise SceneError(f"{path} holds no {wanted}; pass a file that does")
    if variable is not None and variable not in candidates:
        raise SceneError(f"{path} has no {wanted} called {variable!r}; choose one of: {found}")
    if variable is None and len(candidates) > 1:
        raise SceneError(f"{path} holds more than one {wanted}; pass variable=… with one of: {found}")
    return variable or next(iter(candidates))


def _damaged(path: Path, error: Exception) -> SceneError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return SceneError(f"{path} cannot be read as a MATLAB file ({reason}); it is damaged or cut off, so fetch it again")


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_USER_BLOCK + len(_HDF5_SIGNATURE))
    return start.startswith(_HDF5_SIGNATURE) or start[_USER_BLOCK:] == _HDF5_SIGNATURE or b"MATLAB 7.3" in start[:20]


def _list_v5(path: Path) -> dict[str, tuple[int, ...]]:
    return {name: tuple(shape) for name, shape, kind in scipy.io.whosmat(path) if kind in _NUMERIC_CLASSES}


def _list_hdf5(path: Path) -> dict[str, tuple[int, ...]]:
    # HDF5 stores the last MATLAB axis first.
    with h5py.File(path, "r") as file:
        return {name: tuple(item.shape[::-1]) for name, item in file.items() if _is_numeric(item)}


def _is_numeric(item: Any) -> bool:  # noqa: ANN401 - h5py is untyped
    if not isinstance(item, h5py.Dataset) or item.dtype.kind not in "biuf":
        return False
    kind = item.attrs.get("MATLAB_class", b"double")
    return (kind.decode() if isinstance(kind, bytes) else str(kind)) in _NUMERIC_CLASSES


def _load_hdf5(path: Path, name: str) -> np.ndarray:
    with h5py.File(path, "r") as file:
        return np.asarray(file[name]).T
