"""Placing label rasters on a scene's grid."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyproj
import xarray as xr
from rasterio.warp import Resampling, reproject

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster
from spectralmamba.scenes.grid import Grid, GridMismatch, grid_of, union_of
from spectralmamba.scenes.project import can_project


def require_on_scene(labels: xr.DataArray, scene: xr.DataArray) -> None:
    """Refuse a label map (y, x) that is not on a scene's grid: of another size, or, as far as it is known, place.

    Where only one of them has a CRS, coordinates are taken to be in that; those that only number rows and columns say
    nothing of a place.

    Raises
    ------
    LabelError
    """
    here, there = grid_of(labels), grid_of(scene)
    if here.shape != there.shape:
        sizes = f"{here.height}×{here.width} pixels but the scene is {there.height}×{there.width}"
        raise LabelError(f"labels are {sizes}; open them with like=scene")
    if here.transform is None or there.transform is None:
        return
    if (here.crs is None) != (there.crs is None):
        if _numbers_pixels(here if here.crs is None else there):
            return
        here, there = (replace(grid, crs=None) for grid in (here, there))
    try:
        offset = there.offset_of(here)
    except GridMismatch as error:
        raise LabelError(f"labels and scene differ in {error}; open the labels with like=scene") from error
    if offset != (0, 0):
        raise LabelError("the labels lie elsewhere than the scene; open them with like=scene")


def _numbers_pixels(grid: Grid) -> bool:
    """Whether a grid's coordinates are numbers of rows and columns: a pixel is 1 × 1, and rows count downwards."""
    t = grid.transform
    return t is not None and (t.a, t.b, t.d, t.e) == (1, 0, 0, 1)


def common_grid(rasters: Sequence[LabelRaster]) -> Grid:
    """Return the smallest grid that covers all rasters: that of a single one is its own.

    Raises
    ------
    LabelError
        Several rasters are not on one grid.
    """
    if len(rasters) == 1:
        return rasters[0].grid
    for raster in rasters:
        _require_georeferenced(raster)
        _offset(rasters[0].grid, raster, str(rasters[0].path))
    return union_of([raster.grid for raster in rasters])[0]


def placed(rasters: Sequence[LabelRaster], grid: Grid) -> tuple[np.ndarray, list[str]]:
    """Lay rasters on a grid.

    Parameters
    ----------
    rasters : sequence of LabelRaster
        The first listed wins where several label a pixel. A single one without georeferencing (on either side) has
        to have the grid's size; all others go where their transform says and are cut at the grid's edges. One on
        another grid, of a CRS from which there is a way to this grid's, is warped: each pixel takes the label of the
        source pixel that its centre lies in, to within the eighth of a source pixel that GDAL allows itself.
    grid : Grid
        The scene's.

    Returns
    -------
    labels : numpy.ndarray of uint32, shape (grid.height, grid.width)
        0 where no raster lies.
    remarks : list of str
        Which rasters were warped.

    Raises
    ------
    LabelError
        A raster cannot be brought onto the grid, or has another size where only sizes can be compared.
    """
    labels = np.zeros(grid.shape, np.uint32)
    remarks = []
    for raster in rasters:
        if _needs_warp(grid, raster):
            remarks.append(f"{raster.path.name} lies on another grid and was warped to the scene's, nearest neighbour")
            np.copyto(labels, _warped(grid, raster), where=labels == 0)
            continue
        row, col = _place(grid, raster, alone=len(rasters) == 1)
        rows, source_rows = _overlap(row, raster.grid.height, grid.height)
        cols, source_cols = _overlap(col, raster.grid.width, grid.width)
        target = labels[rows, cols]
        np.copyto(target, raster.values[source_rows, source_cols], where=target == 0)
    return labels, remarks


def _needs_warp(grid: Grid, raster: LabelRaster) -> bool:
    """Whether a raster is on another grid that a warp can bring onto this one."""
    try:
        grid.offset_of(raster.grid)
    except GridMismatch:
        return can_project(raster.grid, grid)
    return False


def _warped(grid: Grid, raster: LabelRaster) -> np.ndarray:
    labels = np.zeros(grid.shape, np.uint32)
    try:
        reproject(
            raster.values,
            labels,
            src_transform=raster.grid.transform,
            src_crs=raster.grid.crs,
            dst_transform=grid.transform,
            dst_crs=grid.crs,
            src_nodata=0,
            resampling=Resampling.nearest,
        )
    except Exception as error:  # GDAL and PROJ raise what they meet
        raise LabelError(
            f"there is no transformation from the CRS of {raster.path} ({_crs_name(raster.grid)}) to the scene's "
            f"({_crs_name(grid)}); write the labels in the scene's CRS"
        ) from error
    return labels


def _place(grid: Grid, raster: LabelRaster, *, alone: bool) -> tuple[int, int]:
    if not alone:
        _require_georeferenced(raster)
    if not alone or (grid.transform is not None and raster.grid.transform is not None):
        return _offset(grid, raster, "the scene")
    if raster.grid.shape == grid.shape:
        return 0, 0
    transposed = raster.grid.shape == grid.shape[::-1]
    raise LabelError(
        f"{raster.path} has {_size(raster.grid)} pixels but the scene {_size(grid)}, and without georeferencing only "
        + ("the sizes can be compared; it is transposed, so save it with rows and columns exchanged" if transposed else
           "the sizes can be compared; pass labels of the scene's size")
    )  # fmt: skip


def _require_georeferenced(raster: LabelRaster) -> None:
    if raster.grid.transform is None:
        raise LabelError(f"{raster.path} has no georeferencing, which label tiles need; open it on its own")


def _offset(grid: Grid, raster: LabelRaster, other: str) -> tuple[int, int]:
    try:
        return grid.offset_of(raster.grid)
    except GridMismatch as error:
        if (grid.crs is None) != (raster.grid.crs is None):
            bare, placed = (raster.path, other) if raster.grid.crs is None else (other, raster.path)
            raise LabelError(f"{bare} has no CRS but {placed} has one; assign it in QGIS or with GDAL") from error
        raise LabelError(f"{raster.path} and {other} differ in {error}; warp the labels onto the same grid") from error


def _crs_name(grid: Grid) -> str:
    return str(pyproj.CRS.from_user_input(grid.crs).name)


def _size(grid: Grid) -> str:
    return f"{grid.height} × {grid.width}"


def _overlap(start: int, size: int, limit: int) -> tuple[slice, slice]:
    """Return where a piece of ``size`` pixels from ``start`` lies within 0 .. limit, there and in the piece itself."""
    low = min(max(start, 0), limit)
    high = max(min(start + size, limit), low)
    return slice(low, high), slice(low - start, high - start)
