"""Grids: where a raster's pixels lie, and whether two rasters share one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rioxarray  # noqa: F401 - registers the ``rio`` accessor
import xarray as xr
from affine import Affine
from rasterio.crs import CRS

_TOLERANCE = 1e-3
"""Pixels by which two grids may be out of step and still count as the same."""


class GridMismatch(ValueError):  # noqa: N818 - says what differs; callers turn it into an error that names the files
    """Two rasters are not on one grid. The message is what differs, to be put into a sentence."""


@dataclass(frozen=True)
class Grid:
    """Where the pixels of a raster lie: CRS, transform (None without georeferencing), height and width in pixels."""

    crs: CRS | None
    transform: Affine | None
    height: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.height, self.width

    def offset_of(self, other: "Grid") -> tuple[int, int]:
        """Return row and column, in this grid's pixels, of the other grid's upper left pixel (may be negative).

        Raises
        ------
        GridMismatch
            One is not georeferenced, or CRS, resolution or alignment differ.
        """
        if self.transform is None or other.transform is None:
            raise GridMismatch("georeferencing (one has none)")
        if self.crs != other.crs:
            raise GridMismatch(f"CRS ({_name(self.crs)} and {_name(other.crs)})")
        # The other's corners, in pixels of this grid: whole numbers, and a pixel apart, where both are one grid.
        to_pixels = ~self.transform
        col, row = _apply(to_pixels, _apply(other.transform, (0, 0)))
        far_col, far_row = _apply(to_pixels, _apply(other.transform, (other.width, other.height)))
        if max(abs(far_col - col - other.width), abs(far_row - row - other.height)) > _TOLERANCE:
            raise GridMismatch(f"resolution ({_resolution(self.transform)} and {_resolution(other.transform)})")
        if max(abs(col - round(col)), abs(row - round(row))) > _TOLERANCE:
            raise GridMismatch(f"alignment (shifted by {row % 1:.3g} of a pixel down and {col % 1:.3g} to the right)")
        return round(row), round(col)


def grid_of(array: xr.DataArray) -> Grid:
    """Return the grid of a scene or label map; without ``x`` and ``y`` or a transform it has no georeferencing."""
    return Grid(array.rio.crs, _transform_of(array), array.sizes["y"], array.sizes["x"])


def _transform_of(array: xr.DataArray) -> Affine | None:
    """Return the transform, from the coordinates where they are there: those follow ``isel``."""
    written = array.coords["spatial_ref"].attrs.get("GeoTransform") if "spatial_ref" in array.coords else None
    stored = None if written is None else Affine.from_gdal(*map(float, written.split()))
    if stored is not None and {"row", "col"} <= set(array.coords):
        return _moved(stored, int(array.coords["row"][0]), int(array.coords["col"][0]))
    if not {"x", "y"} <= set(array.coords):
        return stored
    x, y = (np.asarray(array.coords[axis].values, np.float64) for axis in ("x", "y"))
    width = _step(x, None if stored is None else stored.a)
    height = _step(y, None if stored is None else stored.e)
    if width is None or height is None:
        return stored
    return Affine(width, 0.0, float(x[0]) - width / 2, 0.0, height, float(y[0]) - height / 2)


def _step(centres: np.ndarray, stored: float | None) -> float | None:
    """Size of a pixel along one axis: as stored where the coordinates agree with it or there is only one."""
    if centres.size < 2:
        return stored if centres.size else None
    measured = float(centres[-1] - centres[0]) / (centres.size - 1)
    if stored is not None and abs(measured - stored) * centres.size < _TOLERANCE * abs(stored):
        return stored
    return measured


def union_of(grids: Sequence[Grid]) -> tuple[Grid, list[tuple[int, int]]]:
    """Return the smallest grid that covers all of ``grids``, and the row and column of each in it.

    Parameters
    ----------
    grids : sequence of Grid
        At least one.

    Raises
    ------
    GridMismatch
        One is not in step with the first (see :meth:`Grid.offset_of`).
    """
    first = grids[0]
    if first.transform is None:
        raise GridMismatch("georeferencing (the first has none)")
    offsets = [first.offset_of(grid) for grid in grids]
    top, left = (min(offset[axis] for offset in offsets) for axis in (0, 1))
    offsets = [(row - top, col - left) for row, col in offsets]
    union = Grid(
        crs=first.crs,
        transform=_moved(first.transform, top, left),
        height=max(row + grid.height for (row, _), grid in zip(offsets, grids, strict=True)),
        width=max(col + grid.width for (_, col), grid in zip(offsets, grids, strict=True)),
    )
    return union, offsets


# Affine's operator for both is ``*`` before version 3 and ``@`` from it on; written out, they work with either.
def _apply(transform: Affine, point: tuple[float, float]) -> tuple[float, float]:
    x, y = point
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def _moved(transform: Affine, rows: int, cols: int) -> Affine:
    """Return the transform of the grid whose upper left pixel lies at these rows and columns."""
    x, y = _apply(transform, (cols, rows))
    return Affine(transform.a, transform.b, x, transform.d, transform.e, y)


def _name(crs: CRS | None) -> str:
    return "none" if crs is None else str(crs.to_string())


def _resolution(transform: Affine) -> str:
    return f"{abs(transform.a):g} × {abs(transform.e):g}"
