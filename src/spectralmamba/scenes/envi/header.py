"""The text of an ENVI header as fields.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html

Headers are written by many programs and by hand. What is met: fields in any case and with any spacing, lists over many
lines, separated by commas, blanks or both, with a comma at the end, exponents as IDL writes them (``1.0D-4``),
comments (lines that begin with a semicolon), a byte order mark, Latin-1 text, a field given twice (the last counts).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError

_MAGIC = b"ENVI"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, eq=False)
class Header:
    """What an ENVI header says.

    Attributes
    ----------
    path : pathlib.Path
        Where it was read from, for messages.
    fields : mapping of str to str
        Names in lower case with single blanks; values without their braces.
    """

    path: Path
    fields: Mapping[str, str]

    def text(self, field: str) -> str | None:
        """Value of a field as it is written; None where there is none or it is empty."""
        return self.fields.get(field) or None

    def items(self, field: str) -> list[str]:
        """Parts of a value between commas; empty without the field."""
        value = self.text(field)
        return [] if value is None else [item.strip() for item in value.split(",")]

    def integer(self, field: str, default: int | None = None) -> int:
        """Value of a field that has to be a whole number.

        Raises
        ------
        SceneError
            It is not, or the field is missing and there is no default.
        """
        value = self.text(field)
        if value is None:
            if default is None:
                raise SceneError(f"{self.path} has no field '{field}'; add it to the header")
            return default
        try:
            return int(value)
        except ValueError as error:
            raise SceneError(
                f"{self.path} gives {field} as {value!r}, which is no whole number; correct the header"
            ) from error

    def numbers(self, field: str, count: int | None = None) -> NDArray[np.float64] | None:
        """Values of a field, shape (n,); None without the field.

        Parameters
        ----------
        field : str
        count : int, optional
            How many bands the file has, one value each.

        Raises
        ------
        SceneError
            One is no number, or there are more or fewer than bands.
        """
        value = self.text(field)
        if value is None:
            return None
        try:
            found = np.array([_number(word) for word in re.split(r"[,\s]+", value) if word])
        except ValueError as error:
            raise SceneError(
                f"{self.path} has a {field} that is not a number ({error}); correct or remove the field"
            ) from error
        if count is not None and found.size != count:
            raise SceneError(
                f"{self.path} gives {found.size} values of {field} for {count} bands; correct or remove the field"
            )
        return found


def is_header(path: Path) -> bool:
    """Whether ``path`` is a file that begins with the word ENVI on a line of its own."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.read(32).removeprefix(_BYTE_ORDER_MARK)
    return first.startswith(_MAGIC) and not first.splitlines()[0].removeprefix(_MAGIC).strip()


def read_header(path: Path) -> Header:
    """Read a header.

    Raises
    ------
    SceneError
        A list is opened with a brace and never closed.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return Header(path, _fields(text, path))


def _fields(text: str, path: Path) -> dict[str, str]:
    fields = {}
    lines = (line for line in text.splitlines()[1:] if not line.lstrip().startswith(";"))
    for line in lines:
        name, equals, value = line.partition("=")
        if equals:
            field = " ".join(name.lower().split())
            fields[field] = _value(value.strip(), lines, f"{path} opens a brace in its field '{field}'")
    return fields


def _value(begun: str, lines: Iterator[str], what: str) -> str:
    """Read on to the closing brace, where the value begins with one."""
    if not begun.startswith("{"):
        return begun
    parts = [begun[1:]]
    while "}" not in parts[-1]:
        following = next(lines, None)
        if following is None:
            raise SceneError(f"{what} and never closes it; the header is damaged or was cut off, so mend it")
        parts.append(following)
    parts[-1] = parts[-1][: parts[-1].rindex("}")]
    return "\n".join(parts).strip()


def _number(word: str) -> float:
    return float(word.lower().replace("d", "e"))
