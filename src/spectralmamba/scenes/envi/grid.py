"""Where an ENVI image lies: ``map info``, ``projection info`` and ``coordinate system string``.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html (``map info``).

Which projection is meant is left to GDAL (https://gdal.org/drivers/raster/envi.html), which knows ENVI's names of
projections and datums. The transform is worked out here, with degrees counted counter-clockwise: GDAL takes the
reference pixel of a rotated image as if it were not rotated, and passes over ``rotation = 30`` where there are blanks.
"""

import io
import logging
import math
import zipfile

from affine import Affine
from rasterio.crs import CRS
from rasterio.io import ZipMemoryFile

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.header import Header

logger = logging.getLogger(__name__)

_NOWHERE = ("arbitrary", "pixel")
"""Names of what ENVI calls a projection and is none: numbers of pixels, without a place on earth."""

_UPSIDE_DOWN = 180.0
"""Degrees of rotation by which GDAL writes, and reads, an image whose first row is the southernmost."""

_PER_DEGREE = {"minutes": 60.0, "seconds": 3600.0}

_LINES_OF_GDAL = ("map info", "projection info", "coordinate system string")
_TINY_HEADER = """ENVI
samples = 4
lines = 4
bands = 1
header offset = 0
file type = ENVI Standard
data type = 1
interleave = bsq
byte order = 0
"""


def georeferencing(header: Header) -> tuple[CRS | None, Affine | None]:
    """Read CRS and transform; both None for an image without a place, CRS None where GDAL does not know the projection.

    Raises
    ------
    SceneError
        ``map info`` has too few values, or one that is no number.
    """
    items = header.items("map info")
    if not items or (items[0].lower() in _NOWHERE and header.text("coordinate system string") is None):
        return None, None
    transform = _transform(header, items)
    crs = _crs(header)
    if crs is not None and crs.is_geographic:
        scale = _PER_DEGREE.get(_named(items).get("units", "").lower(), 1.0)
        transform = Affine(*(part / scale for part in transform[:6]))
    return crs, transform


def _named(items: list[str]) -> dict[str, str]:
    """Collect the items like ``units=Meters``, with or without blanks."""
    pairs = (item.partition("=") for item in items if "=" in item)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _transform(header: Header, items: list[str]) -> Affine:
    """Transform from (column, row) to coordinates; ENVI's pixel (1, 1) begins at the image's upper left corner."""
    try:
        col, row, easting, northing, width, height = (float(item) for item in items[1:7])
        degrees = float(_named(items).get("rotation", 0.0))
    except ValueError as error:
        raise SceneError(
            f"{header.path} has a map info that cannot be understood ({', '.join(items)}); it needs a projection, "
            "the reference pixel, its place and the size of a pixel"
        ) from error
    if not (width and height):
        raise SceneError(f"{header.path} gives a pixel size of 0 in its map info; correct it")
    a, b, d, e = _axes(width, height, degrees)
    c, f = easting - (col - 1) * a - (row - 1) * b, northing - (col - 1) * d - (row - 1) * e
    return Affine(a, b, c, d, e, f)


def _axes(width: float, height: float, degrees: float) -> tuple[float, float, float, float]:
    """Steps to the east and to the north of one column, and of one row: (east, row's east, north, row's north)."""
    if abs(degrees) == _UPSIDE_DOWN:
        return width, 0.0, 0.0, height
    # Rounded, so that whole turns are exact: an image turned by 360 degrees lies along its axes.
    cos, sin = (round(turn(math.radians(degrees)), 15) for turn in (math.cos, math.sin))
    return width * cos, width * sin, height * sin, -height * cos


def _crs(header: Header) -> CRS | None:
    """Let GDAL read the lines about the projection from a header in memory."""
    lines = [f"{field} = {{{header.fields[field]}}}\n" for field in _LINES_OF_GDAL if field in header.fields]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("grid.img", bytes(16))
        archive.writestr("grid.hdr", _TINY_HEADER + "".join(" ".join(line.split()) + "\n" for line in lines))
    with ZipMemoryFile(content.getvalue()) as memory, memory.open("grid.img") as dataset:
        crs = dataset.crs
    named = header.items("map info")[0]
    # Of a UTM zone that there is not, GDAL keeps the datum alone, and metres would become degrees.
    is_half = crs is not None and crs.is_geographic and named.lower() == "utm"
    if crs is None or is_half or not (crs.is_geographic or crs.is_projected):
        logger.warning("%s: the projection %r is not known; the scene has no CRS", header.path, named)
        return None
    return crs
