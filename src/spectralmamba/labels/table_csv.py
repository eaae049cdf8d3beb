"""Class tables as CSV: a line ``number,name,colour`` a class."""

import csv
import io
from pathlib import Path

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable

_COLUMNS = ("number", "name", "colour")

_SPELLINGS = {"color": "colour", "value": "number", "class": "name"}
"""What other programs call the columns."""


def read_csv(path: Path) -> ClassTable:
    """Read a class table.

    Parameters
    ----------
    path : pathlib.Path
        Text in UTF-8 with a head line; separated by commas, semicolons or tabs. ``name`` is needed; without ``number``
        the classes are numbered in their order, without ``colour`` they get the palette's.

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
    columns = [_SPELLINGS.get(name.strip().lower(), name.strip().lower()) for name in next(rows, [])]
    if "name" not in columns:
        raise LabelError(f"{path} is no class table: its first line has to name the columns {', '.join(_COLUMNS)}")
    lines = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not lines:
        raise LabelError(f"the class table {path} has no class; add a line for each")
    classes = [_fields(path, columns, line) for line in lines]
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


def _fields(path: Path, columns: list[str], line: list[str]) -> dict[str, str]:
    if len(line) > len(columns):
        raise LabelError(f"{path} has the line {line} of more values than columns; put names with commas in quotes")
    return dict.fromkeys(_COLUMNS, "") | dict(zip(columns, line, strict=False))


def _number(path: Path, value: str | int) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise LabelError(f"{path} has the class number {value!r}; use whole numbers from 1") from error
