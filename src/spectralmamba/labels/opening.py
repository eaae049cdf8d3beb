"""One entrance for all labels: a file, a folder of tiles, or a list of tiles."""

import os
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.labels import array, geotiff, matlab, spectra
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.grid import common_grid, placed
from spectralmamba.labels.raster import LabelRaster
from spectralmamba.scenes.contract import pixel_centres, with_grid
from spectralmamba.scenes.grid import Grid, grid_of


class Reader(Protocol):
    """What a module has to offer to be a format: tell its files by their content, and read one."""

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as this format does."""

    def read(self, path: Path, variable: str | None) -> LabelRaster:
        """Read the file's class numbers; raises LabelError."""


READERS: tuple[Reader, ...] = (geotiff, matlab, array, spectra)
"""The formats, asked in this order. A later format is a module with these two functions and a place here."""

_FORMATS = "a GeoTIFF, a MATLAB file, a .npy file or an .npz of labelled spectra"

_VECTOR_SUFFIXES = {".gpkg", ".shp", ".geojson", ".fgb", ".kml", ".gml"}


def open_labels(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    like: xr.DataArray | None = None,
    attribute: str | None = None,
    layer: str | None = None,
    variable: str | None = None,
) -> xr.DataArray:
    """Open labels as a map on a scene's grid.

    Parameters
    ----------
    source : path or sequence of paths
        A file; or a folder, or a list, of georeferenced label tiles. A folder's files of other formats are passed over.
    like : xarray.DataArray, optional
        The scene whose grid the map gets. Without it the map has the labels' own extent.
    attribute, layer : str, optional
        For vector labels: the column with the class, and the layer. Vector labels cannot be read yet.
    variable : str, optional
        Which array, where a file holds several.

    Returns
    -------
    xarray.DataArray
        dims ``(y, x)``, the smallest unsigned integer type that holds the class numbers; 0 = unlabelled. Its
        :class:`ClassTable` is in ``attrs["classes"]``, with the file's names and colours where it has any.

    Raises
    ------
    LabelError
        There is no such file, it is damaged, holds no labelled pixel, or does not fit the scene.

    Examples
    --------
    >>> labels = open_labels("ground_truth.mat", like=scene)  # doctest: +SKIP
    >>> labels.attrs["classes"].names  # doctest: +SKIP
    """
    try:
        rasters = [_read(path, attribute, layer, variable) for path in _files(source)]
    except OSError as error:
        raise LabelError(f"{source} cannot be read ({error.strerror or error}); check the path and rights") from error
    grid = common_grid(rasters) if like is None else grid_of(like)
    labels = placed(rasters, grid)
    if not labels.any():
        raise LabelError(_nothing_labelled(rasters, source))
    return _label_map(labels, _class_table(labels, rasters), grid, like, source)


def _files(source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    """Return the files that ``source`` stands for, at least one."""
    if not isinstance(source, str | os.PathLike):
        if not source:
            raise LabelError("the list of label tiles is empty; pass at least one file")
        return [Path(path).expanduser() for path in source]
    path = Path(source).expanduser()
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if _reader_of(file) is not None)
    if not files:
        raise LabelError(f"the folder {path} holds no labels; pass one whose files are {_FORMATS}")
    return files


def _reader_of(path: Path) -> Reader | None:
    return next((reader for reader in READERS if reader.recognises(path)), None)


def _read(path: Path, attribute: str | None, layer: str | None, variable: str | None) -> LabelRaster:
    if not path.exists():
        raise LabelError(f"there is no file or folder {path}; check the path")
    if path.suffix.lower() in _VECTOR_SUFFIXES:
        raise LabelError(f"{path} holds vector labels, which this version cannot read; rasterise them onto the scene")
    reader = _reader_of(path)
    if reader is None:
        raise LabelError(f"{path} does not hold labels in a format that this version reads; pass {_FORMATS}")
    for option, value in (("attribute", attribute), ("layer", layer)):
        if value is not None:
            raise LabelError(f"{option}={value!r} applies to vector labels, but {path} is a raster; leave it out")
    return reader.read(path, variable)


def _nothing_labelled(rasters: list[LabelRaster], source: object) -> str:
    if any(raster.values.any() for raster in rasters):
        return f"{source} has no labelled pixel inside the scene; pass labels that overlap it"
    return f"{source} has no labelled pixel: every value is 0 or nodata; pass labels with class numbers from 1"


def _class_table(labels: np.ndarray, rasters: list[LabelRaster]) -> ClassTable:
    """Make the table of the classes that occur; where tiles name or colour one differently, the first listed wins."""
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    for raster in reversed(rasters):
        names |= raster.names
        colours |= raster.colours
    numbers = np.unique(labels[labels > 0]).tolist()
    return ClassTable.from_numbers(numbers, names, colours)


def _label_map(
    labels: np.ndarray, classes: ClassTable, grid: Grid, like: xr.DataArray | None, source: object
) -> xr.DataArray:
    coords: dict[Hashable, Any] = pixel_centres(grid.transform, grid.shape)
    if like is not None:
        # The scene's own coordinates, to the last bit, so that xarray aligns the two.
        coords = {name: like.coords[name].variable for name in ("y", "x", "row", "col") if name in like.coords}
    label_map = xr.DataArray(
        labels.astype(np.min_scalar_type(classes.numbers[-1])),
        dims=("y", "x"),
        coords=coords,
        name="labels",
        attrs={"source": str(source), "classes": classes},
    )
    if like is not None and "spatial_ref" in like.coords:
        return label_map.assign_coords(spatial_ref=like.coords["spatial_ref"])
    return with_grid(label_map, grid.crs, grid.transform)
