"""The patches of a map as polygons of a GeoPackage."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pyogrio  # type: ignore[import-untyped]
import shapely  # type: ignore[import-untyped]
from affine import Affine
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError  # type: ignore[import-untyped]
from rasterio import features
from rasterio.crs import CRS

from spectralmamba.errors import OutputError
from spectralmamba.files import replacing
from spectralmamba.labels import ClassTable
from spectralmamba.mapping.outputs.style import polygon_style
from spectralmamba.scenes.grid import Grid

LAYER = "map"
"""Name of the layer."""

CHUNK = 20_000
"""Polygons that are in memory as objects at once."""

_GEOMETRY = "geom"
_DATE = "OGR_CURRENT_DATE"
_UPSIDE_DOWN = Affine(1, 0, 0, 0, -1, 0)
"""Columns to the right and rows downwards: where a GIS shows an image without georeferencing."""


def write_polygons(classes: NDArray[np.unsignedinteger], grid: Grid, table: ClassTable, path: Path) -> int:
    """Write each patch (pixels of one class that share sides) as a polygon; no data has none.

    The layer ``map`` has the attributes ``class`` (number), ``name``, ``pixels``, and ``area_m2`` where the CRS is
    projected. It lies in the scene's CRS; without georeferencing x counts columns, and y rows as negative numbers. The
    colours are in the file, as its default style for QGIS. The same map is the same file to the byte, so its time of
    last change is a fixed one.

    All outlines are traced before the first is written, so the memory taken grows with them: sieve a noisy map.

    Parameters
    ----------
    classes : ndarray of uint8 or uint16, shape (height, width)
        0 = no data; a memmap will do.
    grid : Grid
    table : ClassTable
    path : Path
        A ``.gpkg``.

    Returns
    -------
    int
        Number of polygons.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    written = 0
    with (
        replacing(path) as partial,
        tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder,
        _dateless(),
    ):
        whole = Path(folder) / "map.gpkg"  # GDAL warns of another suffix
        try:
            for chunk in _frames(classes, grid, table):
                _append(chunk, whole)
                written += len(chunk)
            _append_style(table, whole)
        except (DataSourceError, RuntimeError) as error:
            raise OutputError(f"cannot write {path} ({error}); free some space or name another") from error
        whole.replace(partial)
    return written


def _frames(classes: NDArray[np.unsignedinteger], grid: Grid, table: ClassTable) -> Iterator[gpd.GeoDataFrame]:
    """Yield polygons with their attributes, some thousands at a time."""
    names = dict(zip(table.numbers, table.names, strict=True))
    transform = grid.transform or _UPSIDE_DOWN
    square_metres = _square_metres(grid.crs, transform)
    shapes = features.shapes(classes, mask=classes > 0, connectivity=4)
    while rows := list(islice(shapes, CHUNK)):
        numbers = [int(number) for _, number in rows]
        frame = gpd.GeoDataFrame(
            {"class": np.array(numbers, np.int32), "name": [names[number] for number in numbers]},
            geometry=[shapely.geometry.shape(outline) for outline, _ in rows],
        )
        frame = valid_polygons(frame)
        frame["pixels"] = np.rint(frame.area).astype(np.int64)  # a pixel is 1 × 1 here
        if square_metres is not None:
            frame["area_m2"] = frame["pixels"] * square_metres
        placed = frame.affine_transform([transform.a, transform.b, transform.d, transform.e, transform.c, transform.f])
        crs = None if grid.crs is None else grid.crs.to_wkt()
        yield frame.set_geometry(gpd.GeoSeries(placed)).set_crs(crs).rename_geometry(_GEOMETRY)


@contextmanager
def _dateless() -> Iterator[None]:
    """Have GDAL write a fixed time of last change into the file, so that the same map is the same file."""
    before = pyogrio.get_gdal_config_option(_DATE)
    pyogrio.set_gdal_config_options({_DATE: "1970-01-01T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_DATE: before})


def valid_polygons(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Mend outlines that touch themselves, as older GDALs trace some; one that falls apart becomes several rows."""
    if frame.is_valid.all():
        return frame
    return frame.set_geometry(frame.make_valid()).explode(ignore_index=True)


def _square_metres(crs: CRS | None, transform: Affine) -> float | None:
    """Area of a pixel in m², None where the CRS has no length."""
    if crs is None or not crs.is_projected:
        return None
    metres = float(crs.linear_units_factor[1])
    return abs(transform.a * transform.e - transform.b * transform.d) * metres**2


def _append(frame: gpd.GeoDataFrame, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.write_dataframe(frame, path, layer=LAYER, driver="GPKG", append=path.exists())


def _append_style(table: ClassTable, path: Path) -> None:
    """Put the style where QGIS keeps and looks for those of a GeoPackage."""
    style = {
        "f_table_catalog": "",
        "f_table_schema": "",
        "f_table_name": LAYER,
        "f_geometry_column": _GEOMETRY,
        "styleName": LAYER,
        "styleQML": polygon_style(table, "class"),
        "styleSLD": "",
        "useAsDefault": True,
        "description": "colours of the classes",
        "owner": "",
    }
    pyogrio.write_dataframe(pd.DataFrame([style]), path, layer="layer_styles", driver="GPKG", append=True)
