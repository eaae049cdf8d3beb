"""Regions of interest that ENVI writes as text ("Output ROIs to ASCII").

Comment lines name the image's size (``File Dimension: samples x lines``) and each region's name, colour and number of
pixels; then follow, region after region, lines whose columns are named by the last comment: ``ID``, ``X`` (sample) and
``Y`` (line), both from 1, and perhaps map coordinates. X = Y = 1 is the upper left pixel: checked on the contest's
Houston2013 file, whose 12197 pixels equal those of its label raster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.options import Overlap
from spectralmamba.labels.raster import LabelRaster
from spectralmamba.labels.vector.claims import Claims, settle
from spectralmamba.scenes.grid import Grid

_FIRST_LINE = b"; ENVI Output of ROIs"

_DIMENSION = re.compile(r"File Dimension:\s*(\d+)\s*x\s*(\d+)", re.IGNORECASE)
_NAME = re.compile(r"ROI name:\s*(.*)", re.IGNORECASE)
_COLOUR = re.compile(r"ROI rgb value:\s*\{\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\}", re.IGNORECASE)
_MAP_COLUMNS = re.compile(r"\bMap\s+(?=[XY]\b)")
"""Of ``Map X`` and ``Map Y``, which are written apart, what would leave an X and a Y."""

_COUNT = re.compile(r"ROI npts:\s*(\d+)", re.IGNORECASE)


@dataclass
class _Header:
    """What the comment lines say."""

    width: int = 0
    height: int = 0
    names: list[str] = field(default_factory=list)
    colours: dict[str, str] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        if found := _DIMENSION.search(line):
            self.width, self.height = map(int, found.groups())
        elif found := _NAME.search(line):
            self.names.append(found[1].strip() or f"region {len(self.names) + 1}")
        elif (found := _COLOUR.search(line)) and self.names:
            colour = "#{:02x}{:02x}{:02x}".format(*(min(int(part), 255) for part in found.groups()))
            self.colours.setdefault(self.names[-1], colour)
        elif found := _COUNT.search(line):
            self.counts.append(int(found[1]))
        elif {"X", "Y"} <= set(words := _MAP_COLUMNS.sub("Map", line).strip("; \t").split()):
            self.columns = words


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like ENVI's text of regions."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_FIRST_LINE)) == _FIRST_LINE


def read(path: Path, variable: str | None = None, overlap: Overlap = "error") -> LabelRaster:
    """Read regions as a label map of the image's size, without georeferencing.

    Parameters
    ----------
    path : pathlib.Path
        Classes are numbered in the order of the file; regions of one name are one class.
    variable : str, optional
        Must be None: a file of regions is one label map.
    overlap : {"error", "first", "last", "drop"}
        Where regions of different names hold a pixel.

    Raises
    ------
    LabelError
        The file is cut off or damaged, a pixel lies outside the image, or regions overlap.
    """
    if variable is not None:
        raise LabelError(f"{path} is a file of regions, which is one label map; leave out variable={variable!r}")
    header, points = _parse(path)
    _check(path, header, points)
    classes = list(dict.fromkeys(header.names))
    table = ClassTable.from_numbers(range(1, len(classes) + 1), classes, None)
    numbers = np.array([classes.index(name) + 1 for name in header.names], np.uint32)
    owner = np.repeat(np.arange(len(numbers)), header.counts)
    columns, rows = (points - 1).T
    nothing = np.empty(0, np.int64)
    claims = Claims(numbers, np.empty(0, object), nothing, rows, columns, owner)
    shape = (header.height, header.width)
    values = settle(claims, shape, table, overlap, all_touched=False, source=str(path))
    colours = {classes.index(name) + 1: colour for name, colour in header.colours.items()}
    names = dict(zip(table.numbers, table.names, strict=True))
    return LabelRaster(path, values, Grid(None, None, *shape), names, colours)


def _parse(path: Path) -> tuple[_Header, np.ndarray]:
    """Read the header, and X and Y of every pixel: int64, shape (n, 2)."""
    try:
        lines = _decoded(path.read_bytes()).splitlines()
    except OSError as error:
        raise LabelError(f"{path} cannot be read ({error.strerror or error}); check its rights") from error
    header = _Header()
    for line in lines:
        if line.startswith(";"):
            header.take(line)
    if not header.columns:
        raise _damaged(path, "no line names its columns X and Y")
    x, y = header.columns.index("X"), header.columns.index("Y")
    try:
        points = [(int(float(words[x])), int(float(words[y]))) for words in _rows(lines)]
    except (ValueError, IndexError) as error:
        raise _damaged(path, f"a line has no X and Y: {error}") from error
    return header, np.array(points, np.int64).reshape(-1, 2)


def _decoded(content: bytes) -> str:
    """Text in UTF-8 where it can be that, or else in Latin-1: the file does not say."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _rows(lines: list[str]) -> Iterator[list[str]]:
    for line in lines:
        if line.strip() and not line.startswith(";"):
            yield line.split()


def _check(path: Path, header: _Header, points: np.ndarray) -> None:
    if not header.width or not header.height or not header.names or len(header.names) != len(header.counts):
        raise _damaged(path, "its header does not give the image's size and each region's name and number of pixels")
    if len(points) != sum(header.counts):
        raise _damaged(path, f"its header names {sum(header.counts)} pixels but it holds {len(points)}")
    outside = (points < 1).any(axis=1) | (points > [header.width, header.height]).any(axis=1)
    if outside.any():
        x, y = points[outside][0]
        raise _damaged(path, f"pixel X = {x}, Y = {y} lies outside the image of {header.width} × {header.height}")


def _damaged(path: Path, reason: str) -> LabelError:
    return LabelError(f"{path} cannot be read as regions of ENVI ({reason}); export them again")
