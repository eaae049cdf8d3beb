"""Labels of an ``.npz`` of labelled spectra, each at its pixel's place; see :mod:`spectralmamba.scenes.spectra`."""

from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster, as_label_error, plain_raster
from spectralmamba.scenes import spectra

recognises = spectra.recognises


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read the class numbers ``y``, or those of another array of one number a spectrum.

    Parameters
    ----------
    path : pathlib.Path
        An ``.npz`` with ``X`` (n, bands) and ``y`` (n,); 0 = unlabelled. ``class_names`` (K,), where it is there, names
        the classes that occur, in the order of their numbers.
    variable : str, optional
        In place of ``y``.

    Raises
    ------
    LabelError
        There is no such array, or it holds values that are no class numbers.
    """
    with as_label_error():
        file = spectra.load(path)
    name = variable or "y"
    numbers = file.arrays.get(name)
    if numbers is None or numbers.shape != file.rows.shape:
        raise LabelError(f"{path} has no array {name!r} of one class number a spectrum; add it or name another")
    values = np.zeros(file.shape, numbers.dtype)
    values[file.rows, file.columns] = numbers
    raster = plain_raster(path, values)
    names = file.arrays.get("class_names")
    if names is None:
        return raster
    present = np.unique(raster.values[raster.values > 0]).tolist()
    if names.shape != (len(present),):
        raise LabelError(f"{path} has {names.size} class_names for {len(present)} classes; give one each")
    return LabelRaster(path, raster.values, raster.grid, dict(zip(present, map(str, names), strict=True)))
