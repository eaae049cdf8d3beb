"""MATLAB scenes: the one cube of a ``.mat`` file, loaded at once.

Specification: MAT-File Format (version 5 to 7), https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf;
version 7.3 is HDF5, https://www.mathworks.com/help/matlab/import_export/mat-file-versions.html.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes import matfile
from spectralmamba.scenes.contract import make_scene

FORMAT = "MATLAB"
_CUBE = "3-D numeric array (rows, columns, bands)"


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like a MATLAB file."""
    return matfile.is_matfile(path)


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Read a cube (rows, columns, bands), or a matrix (bands, pixels) with ``nRow`` and ``nCol`` beside it.

    Parameters
    ----------
    path : pathlib.Path
        A MATLAB file, version 5 to 7.3.
    variable : str, optional
        Which array, where there are several.

    Returns
    -------
    xarray.DataArray
        A scene in memory, without georeferencing.

    Raises
    ------
    SceneError
        The file is damaged, has no cube, several and no choice, or not the one asked for.
    """
    arrays = matfile.list_arrays(path)
    cubes = {name: shape for name, shape in arrays.items() if len(shape) == 3}
    size = _stated_size(path, arrays)
    # A file with a cube is not searched further: its matrices are endmembers or abundances.
    matrices = {} if size is None or cubes else _matrices(arrays, size)
    name = matfile.choose(path, cubes | matrices, variable, _CUBE)
    values = matfile.load_array(path, name)
    cube = _unfolded(values, size) if size is not None and values.ndim == 2 else values.transpose(2, 0, 1)
    if cube.shape[0] < 2:
        raise SceneError(f"{path} is not a hyperspectral scene: {name!r} has 1 band; pass rows × columns × bands")
    return make_scene(np.ascontiguousarray(cube, dtype=np.float32), name=path.stem, source=str(path))


def _stated_size(path: Path, arrays: dict[str, tuple[int, ...]]) -> tuple[int, int] | None:
    """Return rows and columns as the variables ``nRow`` and ``nCol`` state them; None where they are not there."""
    if not {"nRow", "nCol"} <= arrays.keys():
        return None
    rows, cols = (matfile.load_array(path, name) for name in ("nRow", "nCol"))
    return (int(rows.item()), int(cols.item())) if rows.size == cols.size == 1 else None


def _matrices(arrays: dict[str, tuple[int, ...]], size: tuple[int, int]) -> dict[str, tuple[int, ...]]:
    """Pick the arrays (bands, pixels) with as many pixels as ``size`` has."""
    return {
        n: shape for n, shape in arrays.items() if len(shape) == 2 and shape[1] == size[0] * size[1] and shape[0] > 1
    }


def _unfolded(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(bands, pixels), pixels in MATLAB's column-major order -> (bands, rows, cols)."""
    rows, cols = size
    return values.reshape(-1, cols, rows).transpose(0, 2, 1)
