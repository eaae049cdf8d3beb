"""Vector files, told by their content; apart from what reads them, which is slow to import."""

import re
from pathlib import Path

_START = 4096
"""Bytes of a text format that are looked at."""

_SQLITE, _FLATGEOBUF, _SHAPEFILE = b"SQLite format 3\0", b"fgb", b"\x00\x00\x27\x0a"

_TEXT = re.compile(rb'"(Feature|FeatureCollection|Topology)"|<kml\b|<(\w+:)?FeatureCollection\b', re.IGNORECASE)
"""GeoJSON and its kin, KML, GML."""


def recognises(path: Path) -> bool:
    """Whether ``path`` begins as a file of vector data does; a folder only where it is a file geodatabase."""
    if path.is_dir():
        return path.suffix.lower() == ".gdb"
    if not path.is_file() or path.suffix.lower() == ".shx":  # begins as its .shp does
        return False
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith((_SQLITE, _FLATGEOBUF, _SHAPEFILE)):
        return True
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text[:1] in (b"{", b"<") and _TEXT.search(text) is not None
