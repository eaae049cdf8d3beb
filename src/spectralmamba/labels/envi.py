"""ENVI classification files: class numbers, with names and colours in the header beside them.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html (``file type``, ``classes``,
``class names``, ``class lookup``).
"""

from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster, as_label_error, class_numbers, without_repetition
from spectralmamba.scenes.envi.array import require_complete
from spectralmamba.scenes.envi.files import header_beside, pair_of
from spectralmamba.scenes.envi.grid import georeferencing
from spectralmamba.scenes.envi.header import Header
from spectralmamba.scenes.envi.layout import layout_of
from spectralmamba.scenes.envi.spectral import ignored_value
from spectralmamba.scenes.grid import Grid


def recognises(path: Path) -> bool:
    """Whether ``path`` is an ENVI header, or has one beside it."""
    return header_beside(path) is not None


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read a classification, or any ENVI image of one band that holds class numbers.

    Parameters
    ----------
    path : pathlib.Path
        The image or its header. Class 0 is unlabelled, as ENVI has it.
    variable : str, optional
        Must be None: an ENVI image holds one array.

    Raises
    ------
    LabelError
        Header or image is missing, damaged or at odds with the other, or holds several bands, or no class numbers.
    """
    if variable is not None:
        raise LabelError(f"{path} is an ENVI image, which holds one array; leave out variable={variable!r}")
    with as_label_error():
        header, image = pair_of(path)
        layout = layout_of(header)
        if layout.shape[0] != 1:
            raise LabelError(f"{image} is not a label raster: it has {layout.shape[0]} bands; pass one with one band")
        require_complete(image, layout)
        grid = Grid(*georeferencing(header), *layout.shape[1:])
        values = class_numbers(np.asarray(layout.view(image)[0]), image, ignored_value(header))
        names = without_repetition(dict(enumerate(header.items("class names"))))
        return LabelRaster(image, values, grid, names, _colours(header))


def _colours(header: Header) -> dict[int, str]:
    """Colours '#rrggbb' of the classes from 1: red, green and blue of each in turn."""
    table = header.numbers("class lookup")
    if table is None:
        return {}
    rgb = np.clip(table[: table.size // 3 * 3], 0, 255).astype(int).reshape(-1, 3).tolist()
    return {number: "#{:02x}{:02x}{:02x}".format(*colour) for number, colour in enumerate(rgb) if number > 0}
