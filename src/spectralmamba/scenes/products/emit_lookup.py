"""EMIT's geometry lookup table: which line and column of the sensor each pixel of a grid on the ground takes.

See :mod:`spectralmamba.scenes.products.emit` for its meaning and source.
"""

from pathlib import Path

import h5py
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import CRSError

from spectralmamba.errors import SceneError
from spectralmamba.scenes.hdf5 import numbers, text


def read_lookup(file: h5py.File, path: Path, raw: tuple[int, int]) -> tuple[NDArray[np.int32], CRS, Affine]:
    """Read where each pixel of the grid is in sensor geometry.

    Parameters
    ----------
    file : h5py.File
        Open, of any of EMIT's products.
    path : pathlib.Path
        For messages.
    raw : tuple of int
        Lines and columns of the sensor.

    Returns
    -------
    glt : ndarray of int32, shape (2, height, width)
        Line and column, from 0; -1 for none.
    crs, transform
        Of the grid.

    Raises
    ------
    SceneError
        The file has no lookup table, or one that cannot be.
    """
    if "location/glt_x" not in file or "location/glt_y" not in file:
        raise SceneError(
            f"{path} has no geometry lookup table (glt_x and glt_y in the group location), without which its pixels "
            "cannot be placed; fetch the file again, or pass variable='reflectance' to open it in sensor geometry"
        )
    stored = [np.asarray(file[f"location/{name}"]) for name in ("glt_y", "glt_x")]
    if stored[0].shape != stored[1].shape or stored[0].ndim != 2:
        raise SceneError(f"{path}: glt_x and glt_y differ in shape; fetch the file again")
    glt = np.abs(np.nan_to_num(np.stack(stored))).astype(np.int32) - 1
    glt[:, (glt < 0).any(axis=0)] = -1
    beyond = [int(places.max(initial=-1)) >= size for places, size in zip(glt, raw, strict=True)]
    if any(beyond):
        raise SceneError(
            f"{path}: its geometry lookup table names pixels beyond its {raw[0]} × {raw[1]}; fetch the file again"
        )
    return glt, *_grid(file, path)


def _grid(file: h5py.File, path: Path) -> tuple[CRS, Affine]:
    coefficients = numbers(file, "geotransform", path)
    if coefficients.size != 6:
        raise SceneError(f"{path}: its geotransform has {coefficients.size} numbers instead of 6; fetch the file again")
    try:
        return CRS.from_wkt(text(file, "spatial_ref")), Affine.from_gdal(*coefficients)
    except CRSError as error:
        raise SceneError(f"{path}: its spatial_ref is no coordinate reference system; fetch the file again") from error
