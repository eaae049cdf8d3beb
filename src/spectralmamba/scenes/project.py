"""Carrying a mask from one grid to another."""

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.warp import Resampling, reproject

from spectralmamba.scenes.grid import Grid, GridMismatch


def can_project(source: Grid, target: Grid) -> bool:
    """Whether it is known how the two grids lie to each other."""
    try:
        target.offset_of(source)
    except GridMismatch:
        placed = source.transform is not None and target.transform is not None
        return placed and source.crs is not None and target.crs is not None
    return True


def project(
    mask: NDArray[np.bool_], source: Grid, target: Grid, resampling: Resampling = Resampling.max
) -> NDArray[np.bool_]:
    """Carry a mask from one grid to another.

    Parameters
    ----------
    mask : ndarray of bool, shape of ``source``
    source, target : Grid
        For which :func:`can_project` holds.
    resampling : Resampling
        Between grids that are not in step: ``max`` marks every pixel that a marked one touches, ``nearest`` those
        whose centre lies in one.

    Returns
    -------
    ndarray of bool, shape of ``target``
    """
    try:
        row, column = target.offset_of(source)
    except GridMismatch:
        return _warped(mask, source, target, resampling)
    marked = np.zeros(target.shape, bool)
    rows, columns = np.nonzero(mask)
    rows, columns = rows + row, columns + column
    inside = (rows >= 0) & (rows < target.height) & (columns >= 0) & (columns < target.width)
    marked[rows[inside], columns[inside]] = True
    return marked


def grown(mask: NDArray[np.bool_], grid: Grid, by: int) -> tuple[NDArray[np.bool_], Grid]:
    """Add ``by`` unmarked pixels on every side, so that what is marked can spread beyond the edge."""
    transform = None if grid.transform is None else grid.transform @ Affine.translation(-by, -by)
    return np.pad(mask, by), Grid(grid.crs, transform, grid.height + 2 * by, grid.width + 2 * by)


def _warped(mask: NDArray[np.bool_], source: Grid, target: Grid, resampling: Resampling) -> NDArray[np.bool_]:
    marked = np.zeros(target.shape, np.uint8)
    reproject(
        mask.astype(np.uint8),
        marked,
        src_transform=source.transform,
        src_crs=source.crs,
        dst_transform=target.transform,
        dst_crs=target.crs,
        resampling=resampling,
    )
    return marked > 0
