"""Label GeoTIFF: class numbers in one band, names and colours from its metadata or GDAL's file beside it."""

import re
from pathlib import Path
from typing import Any

from spectralmamba.errors import LabelError
from spectralmamba.labels.raster import LabelRaster, as_label_error, class_numbers, without_repetition
from spectralmamba.labels.sidecar import read_sidecar
from spectralmamba.scenes.grid import Grid
from spectralmamba.scenes.raster import is_tiff, open_tiff, require_complete, transform_of

_CLASS_TAG = re.compile(r"CLASS_(\d+)", re.IGNORECASE)
"""Band tag in which this package's maps keep the name of a class."""


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like a TIFF."""
    return is_tiff(path)


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read a label raster with its georeferencing, class names and colour table.

    Parameters
    ----------
    path : pathlib.Path
        A GeoTIFF with one band of whole numbers, stored in any real type. Its nodata value counts as unlabelled.
    variable : str, optional
        Must be None: a GeoTIFF holds one array.

    Raises
    ------
    LabelError
        The file is damaged, has several bands, or values that are no class numbers.
    """
    if variable is not None:
        raise LabelError(f"{path} is a GeoTIFF, which holds one array; leave out variable={variable!r}")
    with as_label_error(), open_tiff(path) as dataset:
        if dataset.count != 1:
            raise LabelError(f"{path} is not a label raster: it has {dataset.count} bands; pass a raster with one")
        require_complete(dataset, path)
        beside = read_sidecar(path)
        return LabelRaster(
            path=path,
            values=class_numbers(dataset.read(1), path, dataset.nodata),
            grid=Grid(dataset.crs, transform_of(dataset), dataset.height, dataset.width),
            names=without_repetition(beside.names | _tag_names(dataset)),
            colours=beside.colours | colours_of(dataset),
        )


def _tag_names(dataset: Any) -> dict[int, str]:  # noqa: ANN401 - rasterio is untyped
    matches = ((_CLASS_TAG.fullmatch(key), value) for key, value in dataset.tags(1).items())
    return {int(match[1]): value for match, value in matches if match and value.strip()}


def colours_of(dataset: Any) -> dict[int, str]:  # noqa: ANN401 - rasterio is untyped
    """Give the colours '#rrggbb' of class numbers that a raster's colour table has.

    A TIFF's table always has an entry for every value, black where none was set, so black says nothing.
    """
    try:
        table = dataset.colormap(1)
    except ValueError:  # no colour table
        return {}
    return {number: "#{:02x}{:02x}{:02x}".format(*rgba) for number, rgba in table.items() if any(rgba[:3])}
