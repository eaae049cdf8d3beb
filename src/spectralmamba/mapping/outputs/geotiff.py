"""Maps, confidences and probabilities as GeoTIFFs that any GIS opens, with class names and colours."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from spectralmamba.files import write_bytes, write_text
from spectralmamba.labels import ClassTable
from spectralmamba.labels.table_qml import write_qml
from spectralmamba.mapping.outputs.cog import write_cog
from spectralmamba.mapping.outputs.made_by import DOMAIN, JOB, companions
from spectralmamba.mapping.outputs.rows import Raster
from spectralmamba.sampling.label_files import class_tags, colour_entries
from spectralmamba.scenes.grid import Grid


def write_class_map(classes: Raster, grid: Grid, table: ClassTable, path: Path, job: str | None = None) -> None:
    """Write class numbers with a colour table and names; overviews show the most frequent class.

    A TIFF has no place of its own for class names, and neither has GDAL's driver, so they go where GDAL looks for
    them: ``<name>.aux.xml``. Band tags ``CLASS_<number>`` hold them too, for when the file travels alone, and a style
    that QGIS loads by itself stands beside the map (see :func:`companions`).

    Parameters
    ----------
    classes : array of uint8 or uint16, shape (height, width)
        In memory or in a file; 0 = no data.
    grid : Grid
    table : ClassTable
    path : Path
    job : str, optional
        What :func:`.made_by.job_of` is to give again; it lies with the names.

    Raises
    ------
    OutputError
        It cannot be written.
    """

    def describe(file: Any) -> None:  # noqa: ANN401 - rasterio is untyped
        file.write_colormap(1, colour_entries(table.numbers, table.colours))
        file.update_tags(1, **class_tags(table))
        file.set_band_description(1, "class")

    write_cog(classes, grid, path, nodata=0, overviews="mode", describe=describe, photometric="palette")
    names, style = companions(path)
    write_bytes(names, _auxiliary(table, job))
    write_text(style, write_qml(table))


def write_confidence(confidence: Raster, grid: Grid, path: Path) -> None:
    """Write confidences, float32 between 0 and 1, NaN = no data; overviews show the mean of the pixels with data.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    write_cog(
        confidence,
        grid,
        path,
        nodata=np.nan,
        overviews="average",
        describe=lambda file: file.set_band_description(1, "confidence"),
    )


def write_probabilities(probabilities: Raster, grid: Grid, table: ClassTable, path: Path) -> None:
    """Write one band a class, named after it, with its number in the band tag ``CLASS``; NaN = no data.

    Parameters
    ----------
    probabilities : array of float32, shape (K, height, width)
        In memory or in a file, in the order of the class table.
    grid : Grid
    table : ClassTable
    path : Path

    Raises
    ------
    OutputError
        It cannot be written.
    """

    def describe(file: Any) -> None:  # noqa: ANN401 - rasterio is untyped
        for band, (number, name, _) in enumerate(table.classes, start=1):
            file.set_band_description(band, name)
            file.update_tags(band, CLASS=str(number))

    write_cog(probabilities, grid, path, nodata=np.nan, overviews="average", describe=describe)


def _auxiliary(table: ClassTable, job: str | None) -> bytes:
    """GDAL's auxiliary XML: one name for each number from 0 to the largest."""
    root = ET.Element("PAMDataset")
    if job is not None:
        ET.SubElement(ET.SubElement(root, "Metadata", domain=DOMAIN), "MDI", key=JOB).text = job
    names = ET.SubElement(ET.SubElement(root, "PAMRasterBand", band="1"), "CategoryNames")
    known = dict(zip(table.numbers, table.names, strict=True))
    for number in range(max(table.numbers) + 1):
        ET.SubElement(names, "Category").text = "no data" if number == 0 else known.get(number, "")
    return ET.tostring(root)
