"""Vector files, told by their content; apart from what reads them, which is slow to import."""

import re
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

_START = 4096
"""Bytes of a text format that are looked at."""

_SQLITE, _FLATGEOBUF, _SHAPEFILE = b"SQLite format 3\0", b"fgb", b"\x00\x00\x27\x0a"
_ZIP = b"PK\x03\x04"

_ZIPPED = (".shp", ".gpkg", ".fgb", ".geojson", ".gml")
"""Suffixes of vector files that are looked for in an archive; GDAL does not read KML from one."""

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
    if start.startswith(_ZIP):
        return bool(zipped(path))
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return text[:1] in (b"{", b"<") and _TEXT.search(text) is not None


def zipped(path: Path) -> list[PurePosixPath]:
    """List the vector files in a zip archive, as shapefiles are handed on, and the file geodatabases.

    None where the archive is damaged, or the file no archive.
    """
    try:
        with ZipFile(path) as archive:
            names = [PurePosixPath(name) for name in archive.namelist()]
    except (BadZipFile, OSError, ValueError, RuntimeError):  # RuntimeError: of a later version of the format
        return []
    geodatabases = {folder for name in names for folder in name.parents if folder.suffix.lower() == ".gdb"}
    files = [name for name in names if name.suffix.lower() in _ZIPPED]
    return [name for name in (*files, *sorted(geodatabases)) if "__MACOSX" not in name.parts]
