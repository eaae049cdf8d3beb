"""Where a scene lies: its corners on the ground."""

import math
from dataclasses import dataclass
from typing import Any

import xarray as xr
from rasterio.errors import RasterioError
from rasterio.warp import transform as warp

from spectralmamba.scenes.grid import grid_of

Corners = tuple[tuple[float, float], ...]
LEAST_ROTATION = 1e-6  # degrees; below it a scene counts as north up


@dataclass(frozen=True)
class Footprint:
    """The outer corners of a scene.

    Attributes
    ----------
    corners : tuple of (float, float)
        Upper left, upper right, lower right, lower left as the image is stored; x and y in units of the CRS.
    longitude_latitude : tuple of (float, float), optional
        The same in degrees (WGS 84); None without a CRS.
    pixel_size : (float, float)
        Width and height in units of the CRS.
    rotation : float
        Degrees by which the rows are turned counterclockwise from west-east; 0 is north up.
    """

    corners: Corners
    longitude_latitude: Corners | None
    pixel_size: tuple[float, float]
    rotation: float

    def to_json(self) -> dict[str, Any]:
        """Give the attributes as JSON-able values, under their names."""
        lonlat = self.longitude_latitude
        return {
            "corners": [list(corner) for corner in self.corners],
            "longitude_latitude": None if lonlat is None else [list(corner) for corner in lonlat],
            "pixel_size": list(self.pixel_size),
            "rotation": self.rotation,
        }


def footprint_of(scene: xr.DataArray) -> Footprint | None:
    """Give the footprint of a scene, also of one that is rotated; None without georeferencing."""
    grid = grid_of(scene)
    t = grid.transform
    if t is None:
        return None
    places = ((0, 0), (grid.width, 0), (grid.width, grid.height), (0, grid.height))
    corners = tuple((t.a * col + t.b * row + t.c, t.d * col + t.e * row + t.f) for col, row in places)
    lonlat = None
    if grid.crs is not None:
        try:
            longitude, latitude = warp(grid.crs, "EPSG:4326", *zip(*corners, strict=True))
            lonlat = tuple(zip(longitude, latitude, strict=True))
        except RasterioError:  # a CRS of a drawing board has no place on the globe
            lonlat = None
    rotation = math.degrees(math.atan2(t.d, t.a))
    return Footprint(
        corners,
        lonlat,
        (math.hypot(t.a, t.d), math.hypot(t.b, t.e)),
        rotation if abs(rotation) > LEAST_ROTATION else 0.0,
    )
