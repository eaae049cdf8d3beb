"""Reading a layer of vector labels: the features about a scene, in the scene's coordinates."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio  # type: ignore[import-untyped]
import pyproj
import shapely  # type: ignore[import-untyped]
from pyproj.exceptions import ProjError

from spectralmamba.errors import LabelError
from spectralmamba.labels.vector.attributes import choose_attribute, class_values
from spectralmamba.labels.vector.layers import describe, readable, source_of
from spectralmamba.scenes.grid import Grid

_KINDS = {0: "points", 4: "points", 3: "polygons", 6: "polygons", 1: "lines", 2: "lines", 5: "lines", 7: "collections"}
"""By Shapely's number of the geometry type."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The features of one layer that may lie in a scene.

    Attributes
    ----------
    path : pathlib.Path
    name : str
    geometries : numpy.ndarray of shapely.Geometry, shape (n,)
        All polygons, or all points, in pixels of the scene: x = column, y = row, corners at whole numbers.
    values : numpy.ndarray of object, shape (n,)
        The class of each, a name or a number.
    known : numpy.ndarray of object, shape (m,)
        Those of all features of the layer, None where a feature has none.
    points : bool
    """

    path: Path
    name: str
    geometries: np.ndarray
    values: np.ndarray
    known: np.ndarray
    points: bool

    @property
    def without_class(self) -> int:
        """How many features of the layer have no class."""
        return sum(value is None for value in self.known)


def read_layer(path: Path, name: str, attribute: str | None, grid: Grid, margin: float, *, any_class: bool) -> Layer:
    """Read the features of a layer near a scene.

    Parameters
    ----------
    path : pathlib.Path
    name : str
        Of the layer.
    attribute : str, optional
        With the class; see :func:`.attributes.choose_attribute`.
    grid : Grid
        The scene's; it has to have a transform.
    margin : float
        Pixels around the scene that features may lie in and still matter: the radius of points.
    any_class : bool
        Whether the features' places are all that is asked for; they then have the class 1.

    Raises
    ------
    LabelError
        The layer is empty, has no CRS or one without a way to the scene's, no such attribute, or lines or mixed
        geometries.
    """
    info = describe(path, name)
    if info["features"] == 0:
        raise LabelError(f"layer {name} of {path} is empty; pass one with polygons or points")
    crs = _require_crs(path, info["crs"], grid)
    column = None if any_class else choose_attribute(path, info, attribute)
    columns, near = [] if column is None else [column], _bounds(path, grid, crs, margin)
    with readable(path):
        frame = pyogrio.read_dataframe(source_of(path), layer=name, columns=columns, bbox=near, force_2d=True)
        everywhere = None if column is None else _column(path, name, column)
    located = _in_pixels(path, frame, crs, grid)
    points = _require_one_kind(path, located) == "points"
    values = np.ones(len(frame), object) if column is None else class_values(path, column, frame[column])
    known = values if column is None else class_values(path, column, everywhere)
    layer = Layer(path, name, located, values, known, points)
    return _with_class(layer)


def _column(path: Path, name: str, column: str) -> Any:  # noqa: ANN401 - a pandas Series
    """Read one attribute of all features, so that classes are numbered alike whatever part of them a scene shows."""
    return pyogrio.read_dataframe(source_of(path), layer=name, columns=[column], read_geometry=False)[column]


def _with_class(layer: Layer) -> Layer:
    """Leave out what has no class or no geometry."""
    usable = np.array([value is not None for value in layer.values], bool) & ~shapely.is_empty(layer.geometries)
    usable &= ~shapely.is_missing(layer.geometries)
    return Layer(layer.path, layer.name, layer.geometries[usable], layer.values[usable], layer.known, layer.points)


def _require_crs(path: Path, crs: str | None, grid: Grid) -> pyproj.CRS | None:
    """Give the layer's CRS; None where neither it nor the scene has one."""
    if crs is None and grid.crs is not None:
        raise LabelError(f"{path} has no CRS but the scene has one; assign it to the layer (a .prj file, or in QGIS)")
    if crs is not None and grid.crs is None:
        raise LabelError(f"the scene has no CRS, so {path} cannot be placed on it; assign one to the scene")
    return None if crs is None else pyproj.CRS.from_user_input(crs)


def _bounds(path: Path, grid: Grid, crs: pyproj.CRS | None, margin: float) -> tuple[float, float, float, float] | None:
    """Bounds of the scene and a margin in a layer's CRS; None where they have none there, and all has to be read."""
    corners = shapely.box(-margin, -margin, grid.width + margin, grid.height + margin)
    bounds: tuple[float, float, float, float] = shapely.transform(corners, _from_pixels(grid)).bounds
    if crs is None:
        return bounds
    try:
        way = pyproj.Transformer.from_crs(grid.crs, crs, always_xy=True)
        west, south, east, north = way.transform_bounds(*bounds, densify_pts=21)
    except ProjError as error:
        raise _no_way(path, crs, grid) from error
    return (west, south, east, north) if np.isfinite((west, south, east, north)).all() and west <= east else None


def _in_pixels(path: Path, frame: gpd.GeoDataFrame, crs: pyproj.CRS | None, grid: Grid) -> np.ndarray:
    """Carry geometries into the scene's CRS and then into its pixels."""
    if crs is None:
        placed = np.asarray(frame.geometry.values)
    else:
        try:
            placed = np.asarray(frame.geometry.to_crs(pyproj.CRS.from_user_input(grid.crs)).values)
        except ProjError as error:
            raise _no_way(path, crs, grid) from error
    if not np.isfinite(shapely.get_coordinates(placed)).all():
        raise _no_way(path, crs, grid)
    return np.asarray(shapely.transform(placed, _to_pixels(grid)))


def _no_way(path: Path, crs: pyproj.CRS | None, grid: Grid) -> LabelError:
    name = "none" if crs is None else crs.name
    return LabelError(
        f"there is no transformation from the CRS of {path} ({name}) to the scene's ({grid.crs}); "
        "write the labels in the scene's CRS"
    )


def _to_pixels(grid: Grid) -> Callable[[np.ndarray], np.ndarray]:
    return _as_function(~_transform(grid))


def _from_pixels(grid: Grid) -> Callable[[np.ndarray], np.ndarray]:
    return _as_function(_transform(grid))


def _as_function(t: Any) -> Callable[[np.ndarray], np.ndarray]:  # noqa: ANN401 - affine is untyped
    return lambda xy: np.stack([t.a * xy[:, 0] + t.b * xy[:, 1] + t.c, t.d * xy[:, 0] + t.e * xy[:, 1] + t.f], axis=1)


def _transform(grid: Grid) -> Any:  # noqa: ANN401 - affine is untyped
    assert grid.transform is not None  # noqa: S101 - open_labels has looked
    return grid.transform


def _require_one_kind(path: Path, geometries: np.ndarray) -> str:
    """Tell whether these are points or polygons."""
    present = geometries[~shapely.is_missing(geometries) & ~shapely.is_empty(geometries)]
    kinds = Counter(_KINDS[int(number)] for number in shapely.get_type_id(present))
    others = [kind for kind in kinds if kind not in ("points", "polygons")]
    if others:
        raise LabelError(f"{path} holds {others[0]}, which label no area; pass polygons or points")
    if len(kinds) > 1:
        raise LabelError(f"{path} holds points and polygons in one layer; put them into a layer each")
    return next(iter(kinds), "polygons")
