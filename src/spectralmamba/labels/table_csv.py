"""Class tables as CSV: a line ``number,name,colour`` a class."""

import csv
import io
import re
from pathlib import Path

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable

_COLUMNS = ("number", "name", "colour")

_SPELLINGS = {
    "name": ("name", "label", "class"),
    "number": ("number", "value", "id", "code", "class"),
    "colour": ("colour", "color"),
}
"""What each column may be called, the most telling first; ``class`` is the name where nothing else is."""

_WHOLE = re.compile(r"\d+(\.0*)?")


def read_csv(path: Path) -> ClassTable:
    """Read a class table.

    Parameters
    ----------
    path : pathlib.Path
        Text in UTF-8 with a head line; separated by commas, semicolons or tabs. ``name`` is needed; without ``number``
        the classes are numbered in their order, without ``colour`` they get the palette's. Other columns are passed
        over, but not where one of them may be meant as the number.

    Raises
    ------
    LabelError
        The file is missing, has other columns, no class, or a line that is none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"cannot read the class table {path} ({error}); name a CSV file in UTF-8") from error
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    places = _places(path, [name.strip().lower() for name in next(rows, [])])
    lines = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not lines:
        raise LabelError(f"the class table {path} has no class; add a line for each")
    classes = [_fields(path, places, line) for line in lines]
    numbers = [_number(path, fields.get("number") or i) for i, fields in enumerate(classes, 1)]
    colours = {number: fields["colour"] for number, fields in zip(numbers, classes, strict=True) if fields["colour"]}
    try:
        return ClassTable.from_numbers(numbers, [fields["name"] for fields in classes], colours)
    except LabelError as error:
        raise LabelError(f"{path}: {error}") from error


def write_csv(table: ClassTable) -> str:
    """Give a class table as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(table.classes)
    return text.getvalue()


def _places(path: Path, head: list[str]) -> dict[str, int]:
    """Find the columns; a dict from ``name``, ``number`` and ``colour``, as far as they are there, and ``width``."""
    places: dict[str, int] = {}
    for field, spellings in _SPELLINGS.items():
        found = [head.index(name) for name in spellings if name in head and head.index(name) not in places.values()]
        places |= {field: found[0]} if found else {}
    if "name" not in places:
        raise LabelError(f"{path} is no class table: its first line has to name the columns {', '.join(_COLUMNS)}")
    if "number" not in places and len(head) > len(places):
        raise LabelError(
            f"{path} does not say which of {', '.join(head)} are the class numbers; call the column number"
        )
    return places | {"width": len(head)}


def _fields(path: Path, places: dict[str, int], line: list[str]) -> dict[str, str]:
    if len(line) > places["width"]:
        raise LabelError(f"{path} has the line {line} of more values than columns; put names with commas in quotes")
    return {name: line[places[name]] if places.get(name, len(line)) < len(line) else "" for name in _COLUMNS}


def _number(path: Path, value: str | int) -> int:
    if not _WHOLE.fullmatch(str(value)):
        raise LabelError(f"{path} has the class number {value!r}; use whole numbers from 1")
    return int(float(value))
