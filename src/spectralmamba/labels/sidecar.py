"""Names and colours of classes from GDAL's ``.aux.xml`` beside a raster: category names, or an attribute table.

Specification: https://gdal.org/en/stable/drivers/raster/vrt.html (``CategoryNames``, ``GDALRasterAttributeTable``). A
column's ``Usage`` is a number of ``GDALRATFieldUsage``, see https://gdal.org/en/stable/api/raster_c_api.html.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

_log = logging.getLogger(__name__)

_NAME, _LEAST, _VALUE, _RGB = "2", "3", "5", ("6", "7", "8")
"""Usages: name, minimum, minimum and maximum at once, red, green and blue."""


@dataclass(frozen=True)
class Sidecar:
    """What the file knows of class numbers, 0 among them."""

    names: dict[int, str] = field(default_factory=dict)
    colours: dict[int, str] = field(default_factory=dict)


def read_sidecar(path: Path) -> Sidecar:
    """Read names and colours '#rrggbb' for a raster; nothing, with a warning, where the file beside it is damaged."""
    file = path.with_name(path.name + ".aux.xml")
    return read_description(file, "PAMRasterBand", file) if file.is_file() else Sidecar()


def read_description(file: Path, element: str, source: Path) -> Sidecar:
    """Read what GDAL's XML says of the classes of the first band; nothing, with a warning, where it is damaged.

    Parameters
    ----------
    file : pathlib.Path
    element : str
        What a band is called there: ``PAMRasterBand`` in ``.aux.xml``, ``VRTRasterBand`` in a virtual raster.
    source : pathlib.Path
        What the warning names.
    """
    try:
        band = ET.parse(file).getroot().find(f"./{element}[@band='1']")  # noqa: S314 - expat stops entity expansion
        return Sidecar() if band is None else _contents(band)
    except (ET.ParseError, OSError, ValueError, OverflowError, IndexError) as error:
        _log.warning("class names in %s are passed over: %s", source, error)
        return Sidecar()


def _contents(band: ET.Element) -> Sidecar:
    listed = {n: text for n, one in enumerate(band.findall("./CategoryNames/Category")) if (text := _text(one))}
    table = band.find("./GDALRasterAttributeTable")
    found = Sidecar() if table is None else _from_table(table)
    return Sidecar(found.names | listed, found.colours)


def _from_table(table: ET.Element) -> Sidecar:
    """Read an attribute table; without a column of values, a row's number is its value."""
    usages = [_text(one.find("Usage")) for one in table.findall("FieldDefn")]
    rows = [[_text(cell) for cell in row.findall("F")] for row in table.findall("Row")]
    value = next((usages.index(usage) for usage in (_VALUE, _LEAST) if usage in usages), None)
    numbers = [n if value is None else int(float(row[value])) for n, row in enumerate(rows)]
    names, colours = {}, {}
    if _NAME in usages:
        names = {n: row[usages.index(_NAME)] for n, row in zip(numbers, rows, strict=True)}
    if set(_RGB) <= set(usages):
        places = [usages.index(usage) for usage in _RGB]
        colours = {n: _colour([row[place] for place in places]) for n, row in zip(numbers, rows, strict=True)}
    return Sidecar({n: name for n, name in names.items() if name}, colours)


def _colour(parts: list[str]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(min(max(int(float(part)), 0), 255) for part in parts))


def _text(element: ET.Element | None) -> str:
    return "" if element is None or element.text is None else element.text.strip()
