"""Class tables as QGIS style files (``.qml``): palettes of rasters, categories of vector layers.

QGIS writes a raster's palette as ``paletteEntry`` elements (value, label, color) and a vector layer's as ``category``
elements (value, label, symbol), whose colours are those of the symbols of the same name; see
https://docs.qgis.org/latest/en/docs/user_manual/appendices/qgis_file_formats.html.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")
_RGB = re.compile(r"(\d+),(\d+),(\d+)")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")

_Row = tuple[str, str, str]
"""Value, label and colour ('' where there is none), as the file has them."""


def read_qml(path: Path) -> ClassTable:
    """Read a class table from a style of QGIS.

    Parameters
    ----------
    path : pathlib.Path
        The style of a raster with a palette, or of a vector layer with categories. Values that are numbers are class
        numbers, and labels their names, but for labels that only repeat the number. Other values are names, numbered in
        the order of the file; the values of one category of several are a class each, of one colour. The category for
        all other values, or for none, and numbers below 1 are passed over.

    Raises
    ------
    LabelError
        The file is missing or no style, or its style has no classes.
    """
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - expat itself stops entity expansion since 2.4.1
    except (OSError, ET.ParseError) as error:
        raise LabelError(f"cannot read the style {path} ({error}); save it again in QGIS") from error
    rows = [row for row in (*_palette(root), *_categories(root)) if row[0]]
    if all(map(_is_number, (value for value, _, _ in rows))):
        rows = [row for row in rows if float(row[0]) >= 1]
    if not rows:
        raise LabelError(
            f"{path} holds no classes; save the style of a raster with a palette, or of a vector layer with categories"
        )
    try:
        return _numbered(rows)
    except LabelError as error:
        raise LabelError(f"{path}: {error}") from error


def write_qml(table: ClassTable) -> str:
    """Give a class table as the text of a raster's style, which QGIS loads beside a map of the same name."""
    root = ET.Element("qgis", styleCategories="Symbology")
    renderer = ET.SubElement(ET.SubElement(root, "pipe"), "rasterrenderer", type="paletted", band="1", opacity="1")
    palette = ET.SubElement(renderer, "colorPalette")
    for number, name, colour in table.classes:
        ET.SubElement(palette, "paletteEntry", value=str(number), color=colour, alpha="255", label=name)
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"


def _palette(root: ET.Element) -> Iterable[_Row]:
    for entry in root.iter("paletteEntry"):
        colour = entry.get("color", "")
        yield entry.get("value", "").strip(), entry.get("label", "").strip(), colour if _HEX.fullmatch(colour) else ""


def _categories(root: ET.Element) -> Iterable[_Row]:
    # A style has further symbols of the same names, of labels and diagrams.
    colours = {symbol.get("name"): _symbol_colour(symbol) for symbol in root.iterfind(".//renderer-v2/symbols/symbol")}
    for category in root.iterfind(".//renderer-v2/categories/category"):
        value, label = category.get("value", "").strip(), category.get("label", "").strip()
        colour = colours.get(category.get("symbol"), "")
        listed = [one.get("value", "").strip() for one in category.findall("val")]
        if listed:
            yield from ((one, "", colour) for one in listed)
        elif category.get("type") != "NULL":
            yield value, label, colour


def _symbol_colour(symbol: ET.Element) -> str:
    """Colour of a symbol's first layer, as QGIS 3 writes it (Option) or did before 3.26 (prop), '#rrggbb'."""
    for element in symbol.iter():
        if element.tag == "Option" and element.get("name") == "color":
            text = element.get("value", "")
        elif element.tag == "prop" and element.get("k") == "color":
            text = element.get("v", "")
        else:
            continue
        if hexadecimal := _HEX.match(text):
            return hexadecimal[0]
        found = _RGB.match(text)
        return "#{:02x}{:02x}{:02x}".format(*(min(int(part), 255) for part in found.groups())) if found else ""
    return ""


def _numbered(rows: list[_Row]) -> ClassTable:
    if all(_is_number(value) for value, _, _ in rows):
        numbers = [_whole(value) for value, _, _ in rows]
        names = {n: label for n, (value, label, _) in zip(numbers, rows, strict=True) if label not in ("", value)}
    else:
        numbers = list(range(1, len(rows) + 1))
        names = {number: value for number, (value, _, _) in zip(numbers, rows, strict=True)}
    colours = {number: colour for number, (_, _, colour) in zip(numbers, rows, strict=True) if colour}
    return ClassTable.from_numbers(numbers, names, colours)


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value) is not None


def _whole(value: str) -> int:
    if float(value) != int(float(value)):
        raise LabelError(f"the value {value} is not a class number; use whole numbers from 1, or text")
    return int(float(value))
