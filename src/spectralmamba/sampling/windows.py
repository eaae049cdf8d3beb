"""Reading a window of a scene with its surroundings: the one place that decides edges and validity."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.validity import valid_pixels


def reflect_indices(start: int, stop: int, size: int) -> NDArray[np.intp]:
    """Map positions start..stop-1 of an axis onto the axis, reflected at both ends without repeating them.

    Works however far the positions lie outside, so that scenes smaller than the radius are reflected repeatedly; an
    axis of one pixel repeats it.

    Parameters
    ----------
    start, stop : int
        Positions, possibly negative or beyond the axis.
    size : int
        Length of the axis.
    """
    period = max(2 * (size - 1), 1)
    folded = np.arange(start, stop) % period
    return np.where(folded < size, folded, period - folded)


def read_window(
    scene: xr.DataArray,
    rows: tuple[int, int],
    columns: tuple[int, int],
    radius: int = 0,
    bands: NDArray[np.intp] | None = None,
) -> NDArray[np.float32]:
    """Read rows × columns of a scene and ``radius`` pixels around them.

    Inside the scene the surroundings are its true pixels; beyond its edge the scene is reflected (DESIGN, Semantics 3).

    Parameters
    ----------
    scene : DataArray (band, y, x)
        A scene as :func:`spectralmamba.open_scene` returns it.
    rows, columns : (int, int)
        First and one past the last.
    radius : int
        Pixels around the window.
    bands : ndarray of int, optional
        Positions of the bands to read; all where not given.

    Returns
    -------
    ndarray of float32, shape (n_bands, n_rows + 2·radius, n_columns + 2·radius)
        NaN in every band where the pixel is invalid: a value missing or nodata in any of these bands, or the pixel
        excluded by the user's mask.
    """
    _, height, width = scene.shape
    y = reflect_indices(rows[0] - radius, rows[1] + radius, height)
    x = reflect_indices(columns[0] - radius, columns[1] + radius, width)
    values = read_box(scene, (y.min(), y.max() + 1), (x.min(), x.max() + 1), bands)
    values[:, ~valid_pixels(values, None)] = np.nan
    if values.shape[1:] == (y.size, x.size):
        return values
    # The part inside the scene as one block; of what lies beyond its edge there are only a few rows and columns.
    top, left = max(radius - rows[0], 0), max(radius - columns[0], 0)
    window = np.empty((len(values), y.size, x.size), np.float32)
    inner = window[:, top : top + values.shape[1]]
    inner[:, :, left : left + values.shape[2]] = values
    for j in (*range(left), *range(left + values.shape[2], x.size)):
        inner[:, :, j] = values[:, :, x[j] - x.min()]
    for i in (*range(top), *range(top + values.shape[1], y.size)):
        window[:, i] = inner[:, y[i] - y.min()]
    return window


def read_box(
    scene: xr.DataArray, rows: tuple[int, int], columns: tuple[int, int], bands: NDArray[np.intp] | None = None
) -> NDArray[np.float32]:
    """Read a box inside the scene, (n_bands, n_rows, n_columns), NaN wherever a single value is missing.

    Nodata becomes NaN, and so does every band of a pixel that the user's mask excludes.
    """
    box = scene.isel(y=slice(*rows), x=slice(*columns))  # first, or the bands of all of the scene would be copied
    if bands is not None and not np.array_equal(bands, np.arange(scene.shape[0])):
        box = box.isel(band=bands)
    values = np.array(box.values, np.float32)
    nodata = scene.rio.nodata
    if nodata is not None and not np.isnan(nodata):
        values[values == np.float32(nodata)] = np.nan
    if "excluded" in box.coords:
        values[:, box.coords["excluded"].values] = np.nan
    return values
