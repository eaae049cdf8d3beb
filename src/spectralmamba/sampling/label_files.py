"""Label maps of a split as GeoTIFFs that any GIS opens."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from rasterio.errors import NotGeoreferencedWarning

from spectralmamba.errors import SceneError, SplitError
from spectralmamba.labels import ClassTable
from spectralmamba.scenes.contract import with_grid
from spectralmamba.scenes.grid import grid_of
from spectralmamba.scenes.raster import open_tiff, transform_of


def write_label_map(labels: xr.DataArray, path: Path) -> None:
    """Write a label map (y, x) losslessly, on its grid, with its classes' colours where it has them."""
    grid = grid_of(labels)
    height, width = grid.shape
    known = {"crs": grid.crs, "transform": grid.transform}
    georeference = {key: value for key, value in known.items() if value is not None}
    classes: ClassTable | None = labels.attrs.get("classes")
    coloured = classes if labels.dtype == np.uint8 else None
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1,
        "nodata": 0,
        "compress": "deflate",
    }
    if coloured is not None:
        profile["photometric"] = "palette"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        file = rasterio.open(path, "w", dtype=labels.dtype, **profile, **georeference)
    with file:
        if coloured is not None:
            file.write_colormap(1, colour_entries(coloured.numbers, coloured.colours))
        if classes is not None:
            file.update_tags(1, **class_tags(classes))
        file.write(labels.values, 1)


def colour_entries(numbers: tuple[int, ...], colours: tuple[str, ...]) -> dict[int, tuple[int, int, int, int]]:
    """Turn '#rrggbb' into the RGBA entries of a colour table; 0 is transparent."""
    entries = {0: (0, 0, 0, 0)}
    for number, colour in zip(numbers, colours, strict=True):
        red, green, blue = bytes.fromhex(colour.removeprefix("#"))
        entries[number] = (red, green, blue, 255)
    return entries


def class_tags(classes: ClassTable) -> dict[str, str]:
    """Name the classes in band tags ``CLASS_<number>``, which :func:`spectralmamba.open_labels` reads."""
    return {f"CLASS_{number}": name for number, name, _ in classes.classes}


def read_label_map(path: Path) -> xr.DataArray:
    """Read a label map that :func:`write_label_map` wrote.

    Raises
    ------
    SplitError
        The file is missing or damaged.
    """
    try:
        with open_tiff(path) as file:
            labels = xr.DataArray(file.read(1), dims=("y", "x"))
            return with_grid(labels, file.crs, transform_of(file))
    except SceneError as error:
        raise SplitError(f"cannot read the label map {path} of a split ({error}); train again") from error
