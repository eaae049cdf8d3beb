"""Where, in any scene, the pixels lie that a run has learned from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from rasterio.warp import transform as reproject

from spectralmamba.sampling.split import Split
from spectralmamba.scenes.grid import Grid, GridMismatch, grid_of


@dataclass(frozen=True, eq=False)
class SeenPixels:
    """Masks (height, width) over a scene.

    Attributes
    ----------
    trained : ndarray of bool
        Training pixels of the run.
    learned : ndarray of bool
        Training and validation pixels.
    tested : ndarray of bool
        Its test pixels.
    """

    trained: NDArray[np.bool_]
    learned: NDArray[np.bool_]
    tested: NDArray[np.bool_]


def seen_pixels(split: Split, scene: xr.DataArray) -> SeenPixels:
    """Find a run's pixels in a scene by their coordinates.

    A scene without georeferencing cannot be located. One of the same size as a scene of the run is taken to be that
    scene: rather too few pixels evaluated than pixels that were trained on.

    Parameters
    ----------
    split : Split
    scene : DataArray (band, y, x)
    """
    grid = grid_of(scene)
    masks = {part: np.zeros(grid.shape, bool) for part in ("train", "validation", "test")}
    for own in split.scenes.values():
        for part, mask in masks.items():
            rows, columns = np.nonzero(own.part(part).values)
            for r, c in _locate(grid_of(own.part(part)), grid, rows, columns):
                mask[r, c] = True
    return SeenPixels(masks["train"], masks["train"] | masks["validation"], masks["test"])


def _locate(
    source: Grid, target: Grid, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Find pixels of one grid on another, those outside it left out."""
    if source.transform is None or target.transform is None:
        if source.transform is None and target.transform is None and source.shape == target.shape:
            yield rows, columns
        return
    try:
        row, column = target.offset_of(source)
        rows, columns = rows + row, columns + column
    except GridMismatch:
        if source.crs is None or target.crs is None or not rows.size:
            return
        rows, columns = _reprojected(source, target, rows, columns)
    inside = (rows >= 0) & (rows < target.height) & (columns >= 0) & (columns < target.width)
    yield rows[inside], columns[inside]


def _reprojected(
    source: Grid, target: Grid, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    assert source.transform is not None  # noqa: S101 - narrows the type
    assert target.transform is not None  # noqa: S101
    a, b, c, d, e, f = source.transform[:6]
    x, y = a * (columns + 0.5) + b * (rows + 0.5) + c, d * (columns + 0.5) + e * (rows + 0.5) + f
    x, y = (np.asarray(v) for v in reproject(source.crs, target.crs, x, y))
    a, b, c, d, e, f = (~target.transform)[:6]
    return np.floor(d * x + e * y + f).astype(np.intp), np.floor(a * x + b * y + c).astype(np.intp)
