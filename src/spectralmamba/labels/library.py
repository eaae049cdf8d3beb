"""Classes of a spectral library, each at its spectrum's pixel; see :mod:`spectralmamba.scenes.libraries`."""

from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster, as_label_error, plain_raster
from spectralmamba.scenes.libraries import reader

recognises = reader.recognises


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read the classes; names are numbered from 1 in alphabetical order, whole numbers stay what they are.

    Parameters
    ----------
    path : pathlib.Path
        A spectral library of ENVI, or a CSV of spectra.
    variable : str, optional
        The attribute with the class, see :meth:`spectralmamba.scenes.libraries.library.Library.classes`.

    Raises
    ------
    LabelError
        The library is damaged, gives no classes, or has no such attribute.
    """
    with as_label_error():
        library = reader.load(path)
        classes = library.classes(variable)
    labelled = sorted(set(classes) - {""})
    if not labelled:
        raise LabelError(f"{path}: no spectrum has a class; name another attribute, or fill in this one")
    is_numbered = all(name.isdecimal() for name in labelled)
    numbers = {name: int(name) if is_numbered else i for i, name in enumerate(labelled, start=1)}
    pixels = reader.pixels_of(library)
    values = np.zeros(pixels.shape, np.int64)
    values[pixels.rows, pixels.columns] = [numbers.get(name, 0) for name in classes]
    raster = plain_raster(path, values)
    names = {} if is_numbered else {number: name for name, number in numbers.items()}
    return LabelRaster(path, raster.values, raster.grid, names)
