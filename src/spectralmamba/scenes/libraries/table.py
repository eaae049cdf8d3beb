"""Text tables as people have them: commas, semicolons or tabs, a byte order mark or none, UTF-8 or Latin-1."""

import csv
import io
from pathlib import Path

from spectralmamba.errors import SceneError

_DELIMITERS = "\t;,"
"""The comma last: where another parts the cells, there may be commas in the numbers."""

_LOOKED_AT_BYTES = 2**16


def is_text(path: Path) -> bool:
    """Whether a file begins like text: without the control characters that files of numbers are full of."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT_BYTES)
    return bool(start) and not any(byte < 9 or 13 < byte < 32 for byte in start)


def first_row(path: Path) -> list[str]:
    """Read the cells of the first line that is neither empty nor a comment (``#``); none of a file that has no such."""
    with path.open("rb") as file:
        lines = _lines(_decoded(file.read(_LOOKED_AT_BYTES)))
    return _cells(lines[:1], _delimiter(lines))[0] if lines else []


def read_table(path: Path) -> list[list[str]]:
    """Read all rows, the header's first, each with as many cells as the header; blanks around cells are left out.

    Raises
    ------
    SceneError
        There is no row below the header, or a row has more or fewer cells.
    """
    lines = _lines(_decoded(path.read_bytes()))
    rows = _cells(lines, _delimiter(lines))
    if len(rows) < 2:
        raise SceneError(f"{path} has no row below its header; pass a table with one")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(rows[0]):
            raise SceneError(f"{path}: row {number} has {len(row)} cells but the header {len(rows[0])}; mend the table")
    return rows


def delimiter_of(path: Path) -> str:
    """Tell what stands between the cells of a table."""
    with path.open("rb") as file:
        return _delimiter(_lines(_decoded(file.read(_LOOKED_AT_BYTES))))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _delimiter(lines: list[str]) -> str:
    """Tell what parts the first two lines into equally many cells, more than one; else what is most frequent."""
    for delimiter in _DELIMITERS:
        counts = {len(cells) for cells in _cells(lines[:2], delimiter)}
        if len(counts) == 1 and counts != {1}:
            return delimiter
    return max(reversed(_DELIMITERS), key=lines[0].count) if lines else ","


def _cells(lines: list[str], delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    return [[cell.strip() for cell in row] for row in reader]
