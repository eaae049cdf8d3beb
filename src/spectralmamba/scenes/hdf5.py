"""HDF5 containers: opening one with a clear error, and reading its attributes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"

_CHUNK_CACHE_BYTES = 32 * 2**20
"""Kept of decompressed chunks while a window is read: parts of it often share chunks, which hold megabytes each."""


def is_hdf5(path: Path) -> bool:
    """Whether ``path`` is a file that begins like HDF5 (NetCDF-4 and HDF-EOS5 do)."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SIGNATURE)) == _SIGNATURE


def holds(path: Path, name: str) -> bool:
    """Whether ``path`` is an HDF5 file with a group or data set of this name; False for a damaged one."""
    if not is_hdf5(path):
        return False
    try:
        with h5py.File(path, "r") as file:
            return name in file
    except (OSError, RuntimeError):  # the reader of NetCDF, who takes all HDF5, says what is wrong with it
        return False


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """Open a file for the length of a ``with`` block.

    HDF5 files are opened for every window that is read (about a millisecond): a handle can be neither pickled nor
    carried into another process.

    Raises
    ------
    SceneError
        The file went away, is cut off, or cannot be read inside the block.
    """
    if not path.exists():
        raise SceneError(f"{path} is no longer there; put it back, or open the scene from its new place")
    try:
        with h5py.File(path, "r", rdcc_nbytes=_CHUNK_CACHE_BYTES) as file:
            yield file
    except (OSError, RuntimeError) as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> SceneError:
    """Make the error of a file that the library cannot read."""
    reason = " ".join(str(error).split())
    return SceneError(f"{path} cannot be read as HDF5 ({reason}); it is damaged or was cut off, so fetch it again")


def numbers(holder: Any, name: str, path: Path) -> NDArray[np.float64]:  # noqa: ANN401 - h5py is untyped
    """Read an attribute of numbers as a vector.

    Raises
    ------
    SceneError
        It is not there, or does not consist of numbers.
    """
    if name not in holder.attrs:
        raise SceneError(f"{path} lacks the attribute {name}, which its product has; fetch the file again")
    try:
        return np.atleast_1d(np.asarray(holder.attrs[name])).astype(np.float64).ravel()
    except ValueError as error:
        raise SceneError(f"{path}: the attribute {name} is no number ({error}); fetch the file again") from error


def number(holder: Any, name: str, path: Path) -> float:  # noqa: ANN401 - h5py is untyped
    """Read an attribute that is one number; raises SceneError as :func:`numbers` does."""
    return float(numbers(holder, name, path)[0])


def text(holder: Any, name: str) -> str:  # noqa: ANN401 - h5py is untyped
    """Read an attribute as text; empty where it is not there."""
    value = holder.attrs.get(name, "")
    value = value.flat[0] if isinstance(value, np.ndarray) and value.size else value
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
