"""Maps as files that a GIS opens: tiled, compressed GeoTIFFs with colours and class names."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from spectralmamba.errors import OutputError
from spectralmamba.files import replacing, write_bytes
from spectralmamba.labels import ClassTable
from spectralmamba.sampling.label_files import class_tags, colour_entries
from spectralmamba.scenes.grid import grid_of

BLOCK = 256  # pixels a side; GDAL's usual size for tiled files


def write_class_map(classes: NDArray[np.integer], scene: xr.DataArray, table: ClassTable, path: Path) -> None:
    """Write class numbers with a colour table and names.

    A TIFF has no place of its own for class names, so they go where GDAL looks for them: ``<name>.aux.xml``. Band tags
    ``CLASS_<number>`` hold them too, for when the file travels alone.

    Parameters
    ----------
    classes : ndarray of uint8 or uint16, shape (height, width)
        0 = no data.
    scene : DataArray
        Whose grid it is.
    table : ClassTable
    path : Path
    """
    with _create(path, scene, classes.dtype, nodata=0, photometric="palette") as file:
        file.write_colormap(1, colour_entries(table.numbers, table.colours))
        file.update_tags(1, **class_tags(table))
        file.set_band_description(1, "class")
        _write_rows(file, classes)
    write_bytes(path.with_name(path.name + ".aux.xml"), _category_names(table))


def write_confidence(confidence: NDArray[np.float32], scene: xr.DataArray, path: Path) -> None:
    """Write confidences, float32 between 0 and 1, NaN = no data."""
    with _create(path, scene, confidence.dtype, nodata=np.nan, predictor=3) as file:
        file.set_band_description(1, "confidence")
        _write_rows(file, confidence)


@contextmanager
def _create(path: Path, scene: xr.DataArray, dtype: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401
    """Open a GeoTIFF on the scene's grid under a temporary name, renamed when the block ends well."""
    grid = grid_of(scene)
    height, width = grid.shape
    if grid.crs is not None:
        options["crs"] = grid.crs
    if grid.transform is not None:
        options["transform"] = grid.transform
    layout = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "deflate", "BIGTIFF": "IF_SAFER"}
    with replacing(path) as partial:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                file = rasterio.open(
                    partial, "w", driver="GTiff", height=height, width=width, count=1, dtype=dtype, **layout, **options
                )
            with file:
                yield file
        except RasterioError as error:
            raise OutputError(f"cannot write {path} ({error}); free some space or name another") from error


def _write_rows(file: Any, values: NDArray[Any]) -> None:  # noqa: ANN401 - rasterio is untyped
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
