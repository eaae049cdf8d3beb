"""MATLAB labels: the one 2-D array of class numbers in a ``.mat`` file."""

from pathlib import Path

import numpy as np

from spectralmamba.labels.raster import LabelRaster, as_label_error, is_class_number, plain_raster
from spectralmamba.scenes import matfile

_MAP = "2-D array of class numbers"


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like a MATLAB file."""
    return matfile.is_matfile(path)


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read a label map (rows, columns).

    Parameters
    ----------
    path : pathlib.Path
        A MATLAB file, version 5 to 7.3.
    variable : str, optional
        Which array, where several hold whole numbers.

    Raises
    ------
    LabelError
        The file is damaged, has no such array, several and no choice, or values that are no class numbers.
    """
    with as_label_error():
        arrays = matfile.list_arrays(path).items()
        candidates = dict(item for item in arrays if len(item[1]) == 2 and item[1] != (1, 1))
        if variable is None:
            candidates = _label_maps(path, candidates)
        return plain_raster(path, matfile.load_array(path, matfile.choose(path, candidates, variable, _MAP)))


def _label_maps(path: Path, shapes: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Leave out arrays of other numbers (coordinates, spectra), unless there is but one, whose values are the error."""
    if len(shapes) < 2:
        return shapes
    return {name: shape for name, shape in shapes.items() if _is_label_map(matfile.load_array(path, name))}


def _is_label_map(values: np.ndarray) -> bool:
    return bool((is_class_number(values) | (values != values)).all())  # noqa: PLR0124 - NaN is unlabelled
