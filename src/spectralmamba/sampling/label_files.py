"""Label maps of a split as GeoTIFFs that any GIS opens."""

from pathlib import Path

import numpy as np
import xarray as xr

from spectralmamba.errors import SceneError, SplitError
from spectralmamba.labels import ClassTable
from spectralmamba.scenes.contract import with_grid
from spectralmamba.scenes.grid import grid_of
from spectralmamba.scenes.raster import create_tiff, open_tiff, transform_of


def write_label_map(labels: xr.DataArray, path: Path) -> None:
    """Write a label map (y, x) losslessly, on its grid, with its classes' colours where it has them."""
    classes: ClassTable | None = labels.attrs.get("classes")
    coloured = classes if labels.dtype == np.uint8 else None
    options = {"nodata": 0} | ({} if coloured is None else {"photometric": "palette"})
    with create_tiff(path, grid_of(labels), 1, labels.dtype, **options) as file:
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
