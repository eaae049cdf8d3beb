"""NumPy labels: a 2-D ``.npy`` file."""

from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster, plain_raster

_MAGIC = b"\x93NUMPY"


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like a ``.npy`` file."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read a label map (rows, columns); pickled objects are refused.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    variable : str, optional
        Must be None: the file holds one array.

    Raises
    ------
    LabelError
        The file is damaged, not 2-D, or holds values that are no class numbers.
    """
    if variable is not None:
        raise LabelError(f"{path} is a .npy file, which holds one array; leave out variable={variable!r}")
    try:
        values = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, SyntaxError) as error:
        reason = " ".join(str(error).split())
        raise LabelError(f"{path} cannot be read as a .npy file ({reason}); save it again with numpy.save") from error
    if values.ndim != 2:
        raise LabelError(f"{path} has shape {values.shape}; labels are a 2-D array (rows, columns)")
    return plain_raster(path, values)
