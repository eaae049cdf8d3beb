"""Masks: pixels that the user wants left out, from a raster on the scene's grid."""

import os
from pathlib import Path

import numpy as np
import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.grid import Grid, GridMismatch, grid_of
from spectralmamba.scenes.quality import exclude
from spectralmamba.scenes.raster import is_tiff, open_tiff, require_complete, transform_of


def with_mask(scene: xr.DataArray, mask: str | os.PathLike[str] | xr.DataArray) -> xr.DataArray:
    """Attach the coordinate ``excluded`` (y, x), True where the mask is not zero.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; pixels that it excludes already stay excluded.
    mask : path or xarray.DataArray, shape (height, width)
        A GeoTIFF with one band, or an array with dims ``(y, x)``, on the scene's grid. Without georeferencing on
        either side only the size is compared. Every value but 0 excludes, NaN and the file's nodata too.

    Returns
    -------
    xarray.DataArray
        The scene, as lazy as before, with ``coords["excluded"]`` (bool), see :func:`exclude`.

    Raises
    ------
    SceneError
        The mask cannot be read, or lies on another grid.
    """
    if isinstance(mask, xr.DataArray):
        values, grid, name = _from_array(mask)
    else:
        values, grid, name = _from_file(Path(mask).expanduser())
    _require_same_grid(grid_of(scene), grid, name)
    return exclude(scene, {"mask": values != 0})


def _from_array(mask: xr.DataArray) -> tuple[np.ndarray, Grid, str]:
    if set(mask.dims) != {"y", "x"}:
        raise SceneError(f"the mask has dims {mask.dims}; pass an array with dims ('y', 'x')")
    return mask.transpose("y", "x").values, grid_of(mask), "the mask"


def _from_file(path: Path) -> tuple[np.ndarray, Grid, str]:
    if not path.exists():
        raise SceneError(f"there is no mask {path}; check the path")
    if not _readable_tiff(path):
        raise SceneError(f"the mask {path} is not a GeoTIFF; write it as one, with one band on the scene's grid")
    with open_tiff(path) as dataset:
        if dataset.count != 1:
            raise SceneError(f"the mask {path} has {dataset.count} bands; pass a raster with one")
        require_complete(dataset, path)
        grid = Grid(dataset.crs, transform_of(dataset), dataset.height, dataset.width)
        return dataset.read(1), grid, f"the mask {path}"


def _readable_tiff(path: Path) -> bool:
    try:
        return is_tiff(path)
    except OSError as error:
        raise SceneError(f"the mask {path} cannot be read ({error.strerror or error}); check its rights") from error


def _require_same_grid(scene: Grid, mask: Grid, name: str) -> None:
    if scene.shape != mask.shape:
        raise SceneError(
            f"{name} has {mask.height} × {mask.width} pixels but the scene {scene.height} × {scene.width}; "
            "pass a mask on the scene's grid"
        )
    if scene.transform is None or mask.transform is None:
        return
    try:
        row, col = scene.offset_of(mask)
    except GridMismatch as error:
        raise SceneError(f"{name} and the scene differ in {error}; warp the mask onto the scene's grid") from error
    if (row, col) != (0, 0):
        raise SceneError(
            f"{name} begins {row} rows and {col} columns from the scene's corner; warp it onto the scene's grid"
        )
