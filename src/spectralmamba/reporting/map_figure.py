"""The picture of a map that lies on disk, beside its scene."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.labels import ClassTable
from spectralmamba.reporting.maps import figure_scene
from spectralmamba.scenes.raster import open_tiff


def draw_map(
    scene: xr.DataArray,
    table: ClassTable,
    path: Path,
    *,
    map_file: Path,
    confidence_file: Path | None = None,
    labels: xr.DataArray | None = None,
    truth: xr.DataArray | None = None,
) -> None:
    """Draw false colour, labels or dense truth, map and confidence in one picture.

    Parameters
    ----------
    scene : DataArray (band, y, x)
        What was mapped.
    table : ClassTable
        Classes of the map.
    path : Path
        The picture, PNG.
    map_file, confidence_file : Path
        What :func:`spectralmamba.mapping.map_scene` wrote.
    labels, truth : DataArray (y, x), optional
        Labels, or the class of every pixel where that is known.
    """
    figure_scene(
        scene,
        None if labels is None else labels.values,
        _read(map_file),
        None if confidence_file is None else _read(confidence_file),
        table if labels is None or "classes" not in labels.attrs else _named(table, labels.attrs["classes"]),
        path,
        truth=None if truth is None else truth.values,
    )


def _named(table: ClassTable, labels: ClassTable) -> ClassTable:
    """Add the classes that only the labels have, so that they are drawn too."""
    extra = labels.without(table.numbers)
    names = [f"{name} (labels)" if name in table.names else name for name in extra.names]
    return ClassTable((*table.classes, *zip(extra.numbers, names, extra.colours, strict=True)))


def _read(path: Path) -> NDArray[Any]:
    if path.suffix.lower() == ".zarr":
        with xr.open_zarr(path) as dataset:
            return np.asarray(dataset["classes"].values)
    with open_tiff(path) as file:
        return np.asarray(file.read(1))
