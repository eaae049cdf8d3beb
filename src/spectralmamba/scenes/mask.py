"""Masks: pixels that the user wants left out, from a raster or from polygons."""

import logging
import os
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError

from spectralmamba.errors import SceneError
from spectralmamba.scenes.grid import Grid, GridMismatch, grid_of
from spectralmamba.scenes.layers import is_tiff_or_envi, read_layers
from spectralmamba.scenes.polygons import burn_polygons
from spectralmamba.scenes.products import emit_mask
from spectralmamba.scenes.project import can_project, project
from spectralmamba.scenes.quality import exclude
from spectralmamba.scenes.raster import is_raster

logger = logging.getLogger(__name__)


def with_mask(scene: xr.DataArray, mask: str | os.PathLike[str] | xr.DataArray) -> xr.DataArray:
    """Attach the coordinate ``excluded`` (y, x), True where the mask is not zero, or where a polygon lies.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; pixels that it excludes already stay excluded.
    mask : path or xarray.DataArray, shape (height, width)
        A raster with one band (GeoTIFF, ENVI, or another that GDAL reads), an array with dims ``(y, x)``, a vector file
        with polygons, or the mask file of an EMIT granule. Of a raster every value but 0 excludes, NaN and the file's
        nodata too. One on another grid is brought onto the scene's, a pixel taking the value at its centre, with a
        warning; beyond its extent nothing is excluded. Without georeferencing on either side the sizes have to agree.
        Polygons are reprojected and exclude the pixels whose centres they hold.

    Returns
    -------
    xarray.DataArray
        The scene, as lazy as before, with ``coords["excluded"]`` (bool), see :func:`exclude`.

    Raises
    ------
    SceneError
        The mask cannot be read, or it is not known where it lies.
    """
    if isinstance(mask, xr.DataArray):
        name, excluded = "the mask", _on_grid(*_from_array(mask), grid_of(scene), "the mask")
    else:
        path = Path(mask).expanduser()
        if emit_mask.recognises(path):
            return emit_mask.exclude_flags(scene, path)
        name, excluded = f"the mask {path}", _from_file(path, grid_of(scene))
    if not excluded.any():
        logger.warning("%s leaves no pixel of scene %s out", name, scene.name)
    return exclude(scene, {"mask": excluded})


def _is_raster(path: Path) -> bool:
    if not path.exists():
        raise SceneError(f"there is no mask {path}; check the path")
    try:
        return is_tiff_or_envi(path) or (path.is_file() and is_raster(path))
    except OSError as error:
        raise SceneError(f"the mask {path} cannot be read ({error.strerror or error}); check its rights") from error


def _from_array(mask: xr.DataArray) -> tuple[NDArray[np.bool_], Grid]:
    if set(mask.dims) != {"y", "x"}:
        raise SceneError(f"the mask has dims {mask.dims}; pass an array with dims ('y', 'x')")
    return mask.transpose("y", "x").values != 0, grid_of(mask)


def _from_file(path: Path, scene: Grid) -> NDArray[np.bool_]:
    if not _is_raster(path):
        return burn_polygons(path, scene)
    values, grid = read_layers(path)
    if len(values) != 1:
        raise SceneError(f"the mask {path} has {len(values)} bands; pass a raster with one")
    return _on_grid(values[0] != 0, grid, scene, f"the mask {path}")


def _on_grid(marked: NDArray[np.bool_], mask: Grid, scene: Grid, name: str) -> NDArray[np.bool_]:
    """Bring a mask onto the scene's grid; said where it is not on it already."""
    if mask.transform is None or scene.transform is None:
        _require_same_size(mask, scene, name)
        return marked
    try:
        offset = scene.offset_of(mask)
    except GridMismatch as error:
        if not can_project(mask, scene):
            raise SceneError(f"{name} and the scene differ in {error}; give both a CRS") from error
        logger.warning("%s and the scene differ in %s: each pixel takes the mask's value at its centre", name, error)
    else:
        if offset == (0, 0) and mask.shape == scene.shape:
            return marked
    try:
        return project(marked, mask, scene, Resampling.nearest)
    except RasterioError as error:
        raise SceneError(f"{name} cannot be brought into the scene's CRS ({error}); warp it first") from error


def _require_same_size(mask: Grid, scene: Grid, name: str) -> None:
    if scene.shape != mask.shape:
        raise SceneError(
            f"{name} has {mask.height} × {mask.width} pixels but the scene {scene.height} × {scene.width}; "
            "without georeferencing only the sizes can be compared, so pass a mask of the scene's size"
        )
