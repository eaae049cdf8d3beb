"""Where a store says that its cube lies: CRS, transform, and which way its rows run."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from pyproj.exceptions import CRSError as ProjError
from rasterio.crs import CRS
from rasterio.errors import CRSError

from spectralmamba.errors import SceneError
from spectralmamba.scenes.cf.cube import Cube
from spectralmamba.scenes.cf.store import Store
from spectralmamba.scenes.grid import Grid, grid_of

logger = logging.getLogger(__name__)

_UNEVEN = 1e-2
"""Share of a pixel by which centres may be off an even spacing: coordinates in float32 are."""

_DEGREES = {"y": ("degrees_north", "degree_north", "degrees_n"), "x": ("degrees_east", "degree_east", "degrees_e")}


@dataclass(frozen=True)
class Place:
    """Where the cube lies.

    Attributes
    ----------
    grid : Grid
        Rows run as they do in the scene.
    flipped : bool
        Whether they run the other way in the store, from south to north.
    """

    grid: Grid
    flipped: bool


def place_of(store: Store, cube: Cube) -> Place:
    """Read the place of a cube; without even coordinates of both axes it has none.

    Raises
    ------
    SceneError
        The CRS cannot be understood.
    """
    mapping = _grid_mapping(store, cube)
    axes = {axis: _coordinate(store, cube, axis) for axis in ("y", "x")}
    crs = _crs(store, mapping, axes)
    stored = None if mapping is None else mapping.attrs.get("GeoTransform")
    flipped = axes["y"] is not None and axes["x"] is not None and _rises(axes["y"].values) and not _runs_north(stored)
    coords: dict[str, Any] = {axis: (axis, one.values) for axis, one in axes.items() if one is not None}
    if flipped:
        coords["y"] = ("y", coords["y"][1][::-1])
    if len(coords) < 2:
        coords = _counted(store, cube)
    if stored is not None:
        coords["spatial_ref"] = ((), 0, {"GeoTransform": str(stored)})
    frame = xr.DataArray(np.broadcast_to(np.uint8(0), cube.shape[1:]), dims=("y", "x"), coords=coords)
    return Place(Grid(crs, grid_of(frame).transform, *cube.shape[1:]), flipped)


def _coordinate(store: Store, cube: Cube, axis: str) -> xr.Variable | None:
    """Return the even coordinates of pixel centres along an axis; None, with a warning, for uneven ones."""
    dim, size = (cube.y, cube.shape[1]) if axis == "y" else (cube.x, cube.shape[2])
    found = store.near(cube.place, dim)
    if found is None or found.dims != (dim,) or found.dtype.kind not in "iuf":
        return None
    values = np.asarray(found.values, np.float64)
    steps = np.diff(values)
    if size > 1 and not np.allclose(steps, steps.mean(), rtol=0, atol=_UNEVEN * abs(steps.mean())):
        logger.warning("%s: its coordinates %s are not even, so the scene has no georeferencing", store.path, dim)
        return None
    return xr.Variable(dim, values, found.attrs)


def _runs_north(stored: object) -> bool:
    """Whether a GeoTransform says that rows run from south to north: a scene of that kind is read back as it was."""
    try:
        return stored is not None and Affine.from_gdal(*map(float, str(stored).split())).e > 0
    except (TypeError, ValueError):
        return False


def _rises(centres: NDArray[Any]) -> bool:
    return bool(centres.size > 1 and centres[-1] > centres[0])


def _counted(store: Store, cube: Cube) -> dict[str, Any]:
    """Rows and columns of a part of a rotated scene, as ``pixel_centres`` of the contract has them."""
    found = {name: store.near(cube.place, name) for name in ("row", "col")}
    dims = {"row": "y", "col": "x"}
    return {name: (dims[name], one.values) for name, one in found.items() if one is not None and one.ndim == 1}


def _grid_mapping(store: Store, cube: Cube) -> xr.Variable | None:
    attrs = cube.variable.attrs | cube.variable.encoding
    words = str(attrs.get("grid_mapping", "")).split()
    for name in (*(word.rstrip(":") for word in words[:1]), "spatial_ref", "crs"):
        found = store.near(cube.place, name)
        if found is not None:
            return found
    scalars = (one for _, one in store.variables() if one.ndim == 0 and "grid_mapping_name" in one.attrs)
    return next(scalars, None)


def _crs(store: Store, mapping: xr.Variable | None, axes: dict[str, xr.Variable | None]) -> CRS | None:
    attrs = {} if mapping is None else mapping.attrs
    text = next((str(attrs[key]) for key in ("crs_wkt", "spatial_ref") if attrs.get(key)), None)
    try:
        if text is not None:
            return CRS.from_user_input(text)
        if "grid_mapping_name" in attrs:
            return CRS.from_wkt(pyproj.CRS.from_cf(attrs).to_wkt())
    except (CRSError, ProjError, KeyError, ValueError) as error:
        raise SceneError(
            f"{store.path}: its grid mapping names no coordinate reference system that is known "
            f"({' '.join(str(error).split())}); correct its attribute crs_wkt"
        ) from error
    # CF: coordinates in degrees without a grid mapping are longitude and latitude, of WGS 84 for want of anything else.
    units = {axis: "" if one is None else str(one.attrs.get("units", "")).lower() for axis, one in axes.items()}
    return CRS.from_epsg(4326) if all(units[axis] in _DEGREES[axis] for axis in units) else None
