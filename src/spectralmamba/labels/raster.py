"""What every label reader returns, and the check that its values are class numbers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.scenes.grid import Grid


@dataclass(frozen=True)
class LabelRaster:
    """A label raster as its file has it, before it is placed on the scene's grid.

    Parameters
    ----------
    path : pathlib.Path
        Where it came from, for messages.
    values : numpy.ndarray of uint32, shape (height, width)
        Class numbers, 0 = unlabelled.
    grid : Grid
        Its place; without transform for formats that have none.
    names, colours : dict
        From class number, as far as the file knows them; may have more classes than ``values``.
    """

    path: Path
    values: np.ndarray
    grid: Grid
    names: dict[int, str] = field(default_factory=dict)
    colours: dict[int, str] = field(default_factory=dict)


def plain_raster(path: Path, values: np.ndarray) -> LabelRaster:
    """Make a raster without georeferencing, names and colours from values of shape (height, width)."""
    return LabelRaster(path, class_numbers(values, path), Grid(None, None, *values.shape))


def class_numbers(values: np.ndarray, path: Path, nodata: float | None = None) -> np.ndarray:
    """Turn stored values into class numbers.

    Parameters
    ----------
    values : numpy.ndarray, shape (height, width)
        Any real type; NaN counts as unlabelled.
    path : pathlib.Path
        For messages.
    nodata : float, optional
        The file's value for unlabelled, beside 0.

    Returns
    -------
    numpy.ndarray of uint32, shape (height, width)

    Raises
    ------
    LabelError
        A value is fractional, negative or too large, or no number at all.
    """
    if values.dtype.kind not in "biuf":
        raise LabelError(f"{path} holds {values.dtype} values; labels are whole numbers, 0 for unlabelled")
    missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    if nodata is not None:
        missing |= values == nodata
    numbers = np.where(missing, 0, values)
    bad = ~is_class_number(numbers)
    if bad.any():
        raise LabelError(
            f"{path} holds the value {numbers[bad][0]}, which is not a class number; "
            "labels are whole numbers from 1 to 4294967295, 0 for unlabelled"
        )
    return numbers.astype(np.uint32)


def without_repetition(names: dict[int, str]) -> dict[int, str]:
    """Give a name that several classes have to the first, and number the others; without class 0 and empty names."""
    unique: dict[int, str] = {}
    for number, name in sorted((number, name.strip()) for number, name in names.items() if number > 0 and name.strip()):
        unique[number] = f"{name} ({number})" if name in unique.values() else name
    return unique


def is_class_number(values: np.ndarray) -> np.ndarray:
    """Tell which values are whole and within 0 .. 2³² − 1; the same shape, bool."""
    if values.dtype.kind == "f":
        values = values.astype(np.float64)  # float32 would round the limit up to 2³²
    inside = (values >= 0) & (values <= np.iinfo(np.uint32).max)
    if values.dtype.kind == "f":
        inside &= np.trunc(values) == values
    return np.asarray(inside)


@contextmanager
def as_label_error() -> Iterator[None]:
    """Let errors of the containers that labels share with scenes come out as LabelError."""
    try:
        yield
    except SceneError as error:
        raise LabelError(str(error)) from error
