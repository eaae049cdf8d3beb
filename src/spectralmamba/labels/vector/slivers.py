"""Polygons too small or thin to label a pixel: those that hold the centre of none."""

import numpy as np
import shapely  # type: ignore[import-untyped]
from numpy.typing import NDArray

_MOST_CENTRES = 64
"""Polygons about which more centres lie than this are taken to hold one of them."""


def without_centre(polygons: NDArray[np.object_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Tell which of the polygons that lie in a scene hold no pixel's centre.

    Parameters
    ----------
    polygons : numpy.ndarray of shapely Polygon or MultiPolygon, shape (n,)
        In pixels: x = column, y = row.
    shape : (int, int)
        Height and width of the scene.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
        False also where a polygon lies outside the scene.
    """
    left, top, right, bottom = shapely.bounds(polygons).reshape(-1, 4).T
    inside = (left < shape[1]) & (right > 0) & (top < shape[0]) & (bottom > 0)
    column, row = np.ceil(left - 0.5), np.ceil(top - 0.5)
    columns, rows = np.floor(right - 0.5) - column + 1, np.floor(bottom - 0.5) - row + 1
    empty = inside & (columns * rows == 0)
    for i in np.flatnonzero(inside & (columns * rows > 0) & (columns * rows <= _MOST_CENTRES)):
        x, y = np.meshgrid(column[i] + 0.5 + np.arange(columns[i]), row[i] + 0.5 + np.arange(rows[i]))
        empty[i] = not shapely.intersects_xy(polygons[i], x, y).any()
    return np.asarray(empty)
