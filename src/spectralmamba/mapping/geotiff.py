"""Maps as files that a GIS opens: tiled, compressed GeoTIFFs with colours and class names."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import xarray as xr
from rasterio.windows import Window

from spectralmamba.files import write_bytes
from spectralmamba.labels import ClassTable
from spectralmamba.mapping.stored import Rows
from spectralmamba.sampling.label_files import class_tags, colour_entries
from spectralmamba.scenes.grid import grid_of
from spectralmamba.scenes.raster import create_tiff

BLOCK = 256  # pixels a side; GDAL's usual size for tiled files
LAYOUT: dict[str, Any] = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "BIGTIFF": "IF_SAFER"}


def write_class_map(classes: Rows, scene: xr.DataArray, table: ClassTable, path: Path) -> None:
    """Write class numbers with a colour table and names.

    A TIFF has no place of its own for class names, so they go where GDAL looks for them: ``<name>.aux.xml``. Band tags
    ``CLASS_<number>`` hold them too, for when the file travels alone.

    Parameters
    ----------
    classes : array of uint8 or uint16, shape (height, width)
        In memory or in a file; 0 = no data.
    scene : DataArray
        Whose grid it is.
    table : ClassTable
    path : Path
    """
    with create_tiff(path, grid_of(scene), 1, classes.dtype, nodata=0, photometric="palette", **LAYOUT) as file:
        file.write_colormap(1, colour_entries(table.numbers, table.colours))
        file.update_tags(1, **class_tags(table))
        file.set_band_description(1, "class")
        _write_rows(file, classes)
    write_bytes(path.with_name(path.name + ".aux.xml"), _category_names(table))


def write_confidence(confidence: Rows, scene: xr.DataArray, path: Path) -> None:
    """Write confidences, float32 between 0 and 1, NaN = no data."""
    with create_tiff(path, grid_of(scene), 1, confidence.dtype, nodata=np.nan, predictor=3, **LAYOUT) as file:
        file.set_band_description(1, "confidence")
        _write_rows(file, confidence)


def _write_rows(file: Any, values: Rows) -> None:  # noqa: ANN401 - rasterio is untyped
    """Write whole rows of blocks, in order."""
    height, width = values.shape
    for top in range(0, height, BLOCK):
        rows = values[top : top + BLOCK]
        file.write(np.ascontiguousarray(rows), 1, window=Window(0, top, width, len(rows)))


def _category_names(table: ClassTable) -> bytes:
    """GDAL's auxiliary XML: one name for each number from 0 to the largest."""
    root = ET.Element("PAMDataset")
    names = ET.SubElement(ET.SubElement(root, "PAMRasterBand", band="1"), "CategoryNames")
    known = dict(zip(table.numbers, table.names, strict=True))
    for number in range(max(table.numbers) + 1):
        ET.SubElement(names, "Category").text = "no data" if number == 0 else known.get(number, "")
    return ET.tostring(root)
