"""Points as pixels: the one that a point lies in, and the discs about it."""

import numpy as np
import pyproj
import shapely  # type: ignore[import-untyped]
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.labels.options import Radius
from spectralmamba.scenes.grid import Grid

_TRIED = 2**20
"""Pixels about points that are tried at once: a million, some 50 MiB."""


def metric(grid: Grid, radius: Radius) -> NDArray[np.float64]:
    """Give the matrix that turns an offset (columns, rows) into one in the radius's unit.

    Parameters
    ----------
    grid : Grid
        The scene's. Where its CRS counts in degrees, a metre is measured at the middle of the scene, on the ellipsoid.
    radius : Radius

    Returns
    -------
    numpy.ndarray of float64, shape (2, 2)

    Raises
    ------
    LabelError
        The radius is in metres and the scene has no CRS.
    """
    if radius.unit == "px" or radius.length == 0:
        return np.eye(2)
    transform = grid.transform
    assert transform is not None  # noqa: S101 - open_labels has looked
    if grid.crs is None:
        raise LabelError("the scene has no CRS, so a point radius in metres has no meaning; give it in pixels")
    linear = np.array([[transform.a, transform.b], [transform.d, transform.e]], np.float64)
    if grid.crs.is_geographic:
        x = transform.c + transform.a * grid.width / 2 + transform.b * grid.height / 2
        y = transform.f + transform.d * grid.width / 2 + transform.e * grid.height / 2
        return np.array(_degree(grid, x, y))[:, None] * linear
    return float(grid.crs.linear_units_factor[1]) * linear


def _degree(grid: Grid, x: float, y: float) -> tuple[float, float]:
    """Metres of a degree of longitude and one of latitude, at a place; measured over a hundredth of one."""
    geod = pyproj.CRS.from_user_input(grid.crs).get_geod() or pyproj.Geod(ellps="WGS84")
    east = geod.inv(x, y, x + 0.01, y)[2]
    north = geod.inv(x, y - 0.005, x, y + 0.005)[2]
    return 100 * east, 100 * north


def reach(to_unit: NDArray[np.float64], radius: Radius) -> float:
    """Most columns or rows that a disc extends from its point."""
    return radius.length * float(np.linalg.norm(np.linalg.inv(to_unit), 2)) if radius.length else 0.0


def disc_pixels(
    points: NDArray[np.object_], to_unit: NDArray[np.float64], radius: Radius, shape: tuple[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Name the pixels that points label: where a point lies, and where a centre lies within the radius of it.

    Parameters
    ----------
    points : numpy.ndarray of shapely Point or MultiPoint, shape (n,)
        In pixels: x = column, y = row.
    to_unit : numpy.ndarray, shape (2, 2)
        See :func:`metric`.
    radius : Radius
    shape : (int, int)
        Height and width of the scene.

    Returns
    -------
    rows, columns, owner : numpy.ndarray of int64, shape (m,)
        Pixels of the scene, and which of the points has each.
    """
    places, owner = shapely.get_coordinates(points, return_index=True)
    far = int(np.ceil(reach(to_unit, radius))) + 1 if radius.length else 0
    steps = np.stack(np.meshgrid(np.arange(-far, far + 1), np.arange(-far, far + 1)), axis=-1).reshape(-1, 2)
    at_once = max(1, _TRIED // len(steps))
    found = [
        _inside(places[start : start + at_once], owner[start : start + at_once], steps, to_unit, radius, shape)
        for start in range(0, len(places), at_once)
    ]
    rows, columns, which = np.concatenate([np.empty((3, 0), np.int64), *found], axis=1)
    return rows, columns, which


def _inside(
    places: NDArray[np.float64],
    owner: NDArray[np.int64],
    steps: NDArray[np.int64],
    to_unit: NDArray[np.float64],
    radius: Radius,
    shape: tuple[int, int],
) -> NDArray[np.int64]:
    """Rows, columns and owners of the pixels, among those some steps away from each place, that it labels."""
    pixels = np.floor(places)[:, None, :] + steps  # (n, steps, 2): column, row
    offset = (pixels + 0.5 - places[:, None, :]) @ to_unit.T
    labelled = (np.linalg.norm(offset, axis=-1) <= radius.length) | (steps == 0).all(axis=1)
    labelled &= (pixels >= 0).all(axis=-1) & (pixels < [shape[1], shape[0]]).all(axis=-1)
    columns, rows = pixels[labelled].astype(np.int64).T
    return np.stack([rows, columns, owner[np.nonzero(labelled)[0]].astype(np.int64)])
