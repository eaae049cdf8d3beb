"""How QGIS draws the polygons of a map: a style with one category a class.

That of the raster is :func:`spectralmamba.labels.table_qml.write_qml`. What the elements mean:
https://docs.qgis.org/latest/en/docs/user_manual/appendices/qgis_file_formats.html.
"""

from xml.etree import ElementTree as ET

from spectralmamba.labels import ClassTable


def polygon_style(table: ClassTable, attribute: str) -> str:
    """Give a class table as the text of a style (``.qml``) for polygons.

    Parameters
    ----------
    table : ClassTable
    attribute : str
        The one that holds the class numbers.
    """
    root = ET.Element("qgis", styleCategories="Symbology")
    renderer = ET.SubElement(root, "renderer-v2", type="categorizedSymbol", attr=attribute, symbollevels="0")
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    for i, (number, name, colour) in enumerate(table.classes):
        known = {"value": str(number), "type": "long", "label": name, "symbol": str(i), "render": "true"}
        ET.SubElement(categories, "category", known)
        _fill(ET.SubElement(symbols, "symbol", type="fill", name=str(i), alpha="1"), colour)
    ET.indent(root)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode") + "\n"


def _fill(symbol: ET.Element, colour: str) -> None:
    """Add a plain filling without an outline, as QGIS writes it since 3.26 (Option) and before (prop)."""
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0", "locked": "0"})
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    values = {"color": f"{red},{green},{blue},255", "style": "solid", "outline_style": "no"}
    options = ET.SubElement(layer, "Option", type="Map")
    for key, value in values.items():
        ET.SubElement(options, "Option", name=key, value=value, type="QString")
    for key, value in values.items():
        ET.SubElement(layer, "prop", k=key, v=value)
