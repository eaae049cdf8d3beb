"""Polygons of a vector file as a mask on a scene's grid."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize

from spectralmamba.errors import SceneError
from spectralmamba.scenes.grid import Grid


def burn_polygons(path: Path, grid: Grid) -> NDArray[np.bool_]:
    """Mark the pixels whose centres lie in a polygon of a vector file.

    Parameters
    ----------
    path : Path
        Any vector file that GDAL reads; all its layers with polygons count.
    grid : Grid
        The scene's, with a transform.

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    SceneError
        The file is no vector file or has no polygons, or the scene has no georeferencing or no CRS to bring them to.
    """
    if grid.transform is None:
        raise SceneError(f"the scene has no georeferencing to lay the polygons of {path} on; pass a mask of its size")
    geometries = [geometry for layer in _layers(path) for geometry in _polygons(path, layer, grid)]
    if not geometries:
        raise SceneError(f"the mask {path} holds no polygons; pass polygons, or a raster with one band")
    burned = rasterize(geometries, grid.shape, fill=0, default_value=1, transform=grid.transform, dtype=np.uint8)
    return np.asarray(burned > 0)


def _layers(path: Path) -> list[str]:
    """Name the layers with a geometry; a table of styles is none."""
    import pyogrio  # type: ignore[import-untyped] # noqa: PLC0415 - slow to import, and masks are seldom polygons
    from pyogrio.errors import DataSourceError  # type: ignore[import-untyped] # noqa: PLC0415

    try:
        return [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except DataSourceError as error:
        raise SceneError(
            f"the mask {path} is neither a raster nor a vector file that GDAL reads; pass one of these"
        ) from error


def _polygons(path: Path, layer: str, grid: Grid) -> list[Any]:
    """Read the polygons of a layer, in the grid's CRS."""
    import geopandas  # noqa: PLC0415 - see _layers

    frame = geopandas.read_file(path, layer=layer, columns=[])
    if not isinstance(frame, geopandas.GeoDataFrame):
        return []
    frame = frame[frame.geom_type.isin(("Polygon", "MultiPolygon")) & ~frame.is_empty]
    if frame.empty:
        return []
    if (frame.crs is None) != (grid.crs is None):
        without = "the scene" if grid.crs is None else f"the mask {path}"
        raise SceneError(f"{without} has no CRS, so it is not known where the polygons lie; assign it one")
    try:
        placed = frame if grid.crs is None else frame.to_crs(grid.crs.to_wkt())
    except Exception as error:  # pyproj and PROJ raise what they meet
        raise SceneError(
            f"the polygons of {path} cannot be brought into the scene's CRS ({error}); reproject them"
        ) from error
    return list(placed.geometry[np.isfinite(placed.bounds).all(axis=1)])
