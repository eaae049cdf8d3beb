"""Polygons and points drawn on a small scene, in its pixels, and written as vector files."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
import xarray as xr

from spectralmamba.scenes import open_scene
from tests.scenes.products import CRS, TRANSFORM, cube, write_tiff


def small_scene(folder: Path, **options: Any) -> xr.DataArray:
    """8 rows, 10 columns of 30 m, UTM 33N."""
    return open_scene(write_tiff(folder / "scene.tif", cube(3, 8, 10), **options))


def box(row: float, col: float, height: float, width: float) -> shapely.Polygon:
    """A rectangle in pixels, as map coordinates."""
    (left, top), (right, bottom) = (place(row, col), place(row + height, col + width))
    return shapely.box(left, bottom, right, top)


def place(row: float, col: float) -> tuple[float, float]:
    return TRANSFORM.c + 30 * col, TRANSFORM.f - 30 * row


def point(row: float, col: float) -> shapely.Point:
    """A point in pixels: (2.5, 3.5) is the centre of row 2, column 3."""
    return shapely.Point(place(row, col))


def write(path: Path, geometries: list[Any], crs: str | None = CRS, layer: str | None = None, **columns: Any) -> Path:
    """Write features; ``crs`` is what they are reprojected to."""
    frame = gpd.GeoDataFrame(columns, geometry=geometries, crs=CRS)
    frame = frame.set_crs(None, allow_override=True) if crs is None else frame.to_crs(crs)
    frame.to_file(path, **({} if layer is None else {"layer": layer, "mode": "a" if path.exists() else "w"}))
    return path
