"""One entrance for all labels: a file, a folder of tiles, or a list of files."""

import logging
import os
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.labels import array, envi, erdas, gdal, geotiff, library, matlab, roi, spectra
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.found import Found, named, table_of
from spectralmamba.labels.grid import common_grid, placed
from spectralmamba.labels.matching import require_no_case_twins
from spectralmamba.labels.merging import members_not_in, merged, parse_merges
from spectralmamba.labels.options import LabelOptions, Overlap, Radius
from spectralmamba.labels.raster import LabelRaster, as_label_error
from spectralmamba.labels.vector import recognition as vectors
from spectralmamba.scenes.contract import pixel_centres, with_grid
from spectralmamba.scenes.grid import Grid, grid_of

_log = logging.getLogger(__name__)

Source = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


class Reader(Protocol):
    """What a module has to offer to be a format: tell its files by their content, and read one."""

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as this format does."""

    def read(self, path: Path, variable: str | None) -> LabelRaster:
        """Read the file's class numbers; raises LabelError."""


READERS: tuple[Reader, ...] = (geotiff, gdal, matlab, array, spectra, library, erdas, roi, envi)
"""The raster formats, asked in this order. A later format is a module with these two functions and a place here."""

_FORMATS = (
    "a GeoTIFF, a MATLAB file, a .npy file, labelled spectra (.npz, CSV, ENVI), an ENVI classification, regions of "
    "ENVI, an ERDAS .GIS or .img, a PNG, or polygons or points of a vector format"
)


def open_labels(
    source: Source,
    like: xr.DataArray | None = None,
    attribute: str | None = None,
    layer: str | Sequence[str] | None = None,
    variable: str | None = None,
    *,
    point_radius: float | str = 0,
    overlap: Overlap = "error",
    all_touched: bool = False,
    classes: ClassTable | str | os.PathLike[str] | None = None,
    merge: str | Sequence[str] = (),
) -> xr.DataArray:
    """Open labels as a map on a scene's grid.

    Parameters
    ----------
    source : path or sequence of paths
        A file; or a folder, or a list, of georeferenced label tiles or of vector files. A folder's files of other
        formats are passed over, and so are pictures (PNG) and zip archives, which often lie beside labels.
    like : xarray.DataArray, optional
        The scene whose grid the map gets. Without it the map has the labels' own extent; vector labels need it. A
        raster on another grid is warped, nearest neighbour.
    attribute : str, optional
        For vector labels and spectral libraries: the attribute with the class, text or whole numbers. Without it there
        has to be one only that could be it. Text is numbered from 1 in alphabetical order, or by ``classes``. Features
        without a value are left out, and counted.
    layer : str or sequence of str, optional
        For vector labels: the layers to read, where a file holds several.
    variable : str, optional
        Which array, where a file holds several.
    point_radius : float or str
        For points: besides the pixel that a point lies in, label those whose centres are within this distance, in
        pixels (``1.5``) or metres (``"15m"``).
    overlap : {"error", "first", "last", "drop"}
        Where polygons, points or regions of different classes claim a pixel: refuse, take the first or the last of
        them in the order of the files, or leave the pixel unlabelled.
    all_touched : bool
        Let polygons label every pixel that they touch, in place of those whose centre they hold.
    classes : ClassTable or path, optional
        Names, numbers and colours of the classes, or a file of them, see :meth:`ClassTable.read`. Where a raster names
        its classes and the table has these names with other numbers, names decide; otherwise numbers.
    merge : str or sequence of str
        Classes to put together, each ``"roof,pavement=impervious"``, by name or number.

    Returns
    -------
    xarray.DataArray
        dims ``(y, x)``, the smallest unsigned integer type that holds the class numbers; 0 = unlabelled. Its
        :class:`ClassTable` is in ``attrs["classes"]``; ``attrs["points"]`` is there, and true, where any of the labels
        were points, ``attrs["by_name"]`` where the numbers were made up for the names of classes, and
        ``attrs["remarks"]`` where something was left out or warped.

    Raises
    ------
    LabelError
        There is no such file, it is damaged, holds no labelled pixel, or does not fit the scene.

    Examples
    --------
    >>> labels = open_labels("ground_truth.mat", like=scene)  # doctest: +SKIP
    >>> labels = open_labels("fields.gpkg", like=scene, attribute="crop", merge="rye,wheat=cereals")  # doctest: +SKIP
    >>> labels.attrs["classes"].names  # doctest: +SKIP
    """
    options = LabelOptions(
        attribute=attribute,
        layers=() if layer is None else (layer,) if isinstance(layer, str) else tuple(layer),
        variable=variable,
        point_radius=Radius.parse(point_radius),
        overlap=overlap,
        all_touched=all_touched,
        classes=classes if classes is None or isinstance(classes, ClassTable) else ClassTable.read(classes),
        merges=parse_merges(merge),
    )
    return open_labels_with(source, options, like)


def open_labels_with(source: Source, options: LabelOptions, like: xr.DataArray | None = None) -> xr.DataArray:
    """Open labels as :func:`open_labels` does, with its options in one object."""
    try:
        paths = _files(source)
        if _are_vectors(paths):
            return _open_vectors(paths, options, like, source)
        return _open_rasters(paths, options, like, source)
    except OSError as error:
        raise LabelError(f"{source} cannot be read ({error.strerror or error}); check the path and rights") from error


def labelled_places(source: Source, like: xr.DataArray, options: LabelOptions | None = None) -> np.ndarray:
    """Tell where a scene is labelled, whatever the class.

    Parameters
    ----------
    source : path or sequence of paths
        As for :func:`open_labels`; vector labels need no attribute.
    like : xarray.DataArray
        The scene.
    options : LabelOptions, optional

    Returns
    -------
    numpy.ndarray of bool, shape (height, width)
    """
    options = options or LabelOptions()
    paths = _files(source)
    if _are_vectors(paths):
        return _read_vectors(paths, like, options, any_class=True).values > 0
    kept = options if has_attributes(source) else options.for_rasters()
    return np.asarray(open_labels_with(source, kept, like).values > 0)


def has_attributes(source: Source) -> bool:
    """Whether labels are polygons, points or a spectral library: what :attr:`LabelOptions.attribute` goes with."""
    paths = _files(source)
    return _are_vectors(paths) or all(_reader_of(path) is library for path in paths)


def _open_vectors(paths: list[Path], options: LabelOptions, like: xr.DataArray | None, source: Source) -> xr.DataArray:
    if like is None:
        raise LabelError(f"{paths[0]} holds vector labels, which need a scene to be laid on; pass it as like=…")
    if options.variable is not None:
        raise LabelError(f"{paths[0]} holds vector labels; leave out variable={options.variable!r}, or name a layer")
    return _finish(_read_vectors(paths, like, options), options, grid_of(like), like, source)


def _read_vectors(paths: list[Path], like: xr.DataArray, options: LabelOptions, *, any_class: bool = False) -> Found:
    from spectralmamba.labels.vector.opening import read_vectors  # noqa: PLC0415 - slow to import

    return read_vectors(paths, grid_of(like), options, any_class=any_class)


def _open_rasters(paths: list[Path], options: LabelOptions, like: xr.DataArray | None, source: Source) -> xr.DataArray:
    have_attributes = all(_reader_of(path) is library for path in paths)
    for name, value in options.of_vectors().items():
        if not (name == "attribute" and have_attributes):
            raise LabelError(f"{name}={value!r} applies to vector labels, but {paths[0]} is a raster; leave it out")
    rasters = [_read(path, options) for path in paths]
    grid = common_grid(rasters) if like is None else grid_of(like)
    values, remarks = placed(rasters, grid)
    if not values.any():
        raise LabelError(_nothing_labelled(rasters, source))
    by_name = have_attributes and options.classes is None and any(raster.names for raster in rasters)
    found = Found(values, table_of(values, rasters), remarks=tuple(remarks), by_name=by_name)
    if options.classes is not None:
        found = named(found, options.classes, source)
    return _finish(found, options, grid, like, source)


def _files(source: Source) -> list[Path]:
    """Return the files that ``source`` stands for, at least one."""
    if not isinstance(source, str | os.PathLike):
        if not source:
            raise LabelError("the list of label tiles is empty; pass at least one file")
        return [Path(path).expanduser() for path in source]
    path = Path(source).expanduser()
    if not path.is_dir() or vectors.recognises(path):
        return [path]
    # A header of ENVI stands for the image beside it, which is listed too.
    known = [file for file in sorted(path.iterdir()) if file.suffix.lower() != ".hdr" and _is_known(file)]
    # Quicklooks and the archive that the labels came in are not labels once more.
    files = [file for file in known if not (gdal.is_picture(file) or vectors.zipped(file))]
    if not files:
        raise LabelError(f"the folder {path} holds no labels; pass one whose files are {_FORMATS}")
    return files


def _is_known(path: Path) -> bool:
    return _reader_of(path) is not None or vectors.recognises(path)


def _are_vectors(paths: Iterable[Path]) -> bool:
    """Tell vectors from rasters; LabelError where both are named, since their classes have nothing in common."""
    kinds = {path: vectors.recognises(path) for path in paths}
    if len(set(kinds.values())) > 1:
        one, other = (next(path for path, is_one in kinds.items() if is_one == kind) for kind in (True, False))
        raise LabelError(f"{one.name} holds vector labels but {other.name} does not; open them separately")
    return any(kinds.values())


def _reader_of(path: Path) -> Reader | None:
    with as_label_error():  # a damaged header beside the file
        return next((reader for reader in READERS if reader.recognises(path)), None)


def _read(path: Path, options: LabelOptions) -> LabelRaster:
    if not path.exists():
        raise LabelError(f"there is no file or folder {path}; check the path")
    reader = _reader_of(path)
    if reader is None:
        raise LabelError(f"{path} does not hold labels in a format that this version reads; pass {_FORMATS}")
    if reader is roi:
        return roi.read(path, options.variable, options.overlap)
    return reader.read(path, options.attribute if reader is library else options.variable)


def _nothing_labelled(rasters: list[LabelRaster], source: object) -> str:
    if any(raster.values.any() for raster in rasters):
        return f"{source} has no labelled pixel inside the scene; pass labels that overlap it"
    return f"{source} has no labelled pixel: every value is 0 or nodata; pass labels with class numbers from 1"


def _finish(found: Found, options: LabelOptions, grid: Grid, like: xr.DataArray | None, source: Source) -> xr.DataArray:
    """Merge classes, leave those without a pixel out of the table, and make the label map."""
    absent = members_not_in(found.table, options.merges) if options.in_common else ()
    values, table = merged(found.values, found.table, options.merges, absent=absent)
    present = Found(values, table).present
    table = table.without(set(table.numbers) - set(present))
    require_no_case_twins(table.names)
    labels = _label_map(values, table, grid, like, source)
    if absent:
        labels.attrs["not_merged"] = absent
    if found.points:
        labels.attrs["points"] = True
    if found.by_name:
        labels.attrs["by_name"] = True
    if found.remarks:
        labels.attrs["remarks"] = found.remarks
    for remark in found.remarks:
        _log.warning("%s", remark)
    return labels


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
