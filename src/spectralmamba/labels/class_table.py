"""The class table: which numbers a label map holds, what they are called, and how they are drawn."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, overload

import numpy as np
import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.files import write_text
from spectralmamba.labels.palette import first_colours, unused_colour

_LARGEST = 2**32 - 1
"""Label maps are unsigned integers of at most 32 bits."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class ClassTable:
    """Classes in the order of their numbers, each as (number, name, colour).

    Parameters
    ----------
    classes : tuple of (int, str, str)
        Number (1 .. 2³² − 1, as in the label map; gaps are allowed), name, and colour '#rrggbb'. Sorted here.

    Raises
    ------
    LabelError
        A number or a name occurs twice, a number is out of range, or a name or colour is none.
    """

    classes: tuple[tuple[int, str, str], ...]

    def __post_init__(self) -> None:
        rows = sorted((_number(number), str(name), str(colour).lower()) for number, name, colour in self.classes)
        object.__setattr__(self, "classes", tuple(rows))
        _require_unique("number", self.numbers)
        _require_unique("name", self.names)
        for number, name, colour in rows:
            if not name.strip():
                raise LabelError(f"class {number} has an empty name; give it one")
            if not _COLOUR.fullmatch(colour):
                raise LabelError(f"class {number} has the colour {colour!r}; give it as '#rrggbb'")

    @classmethod
    def from_numbers(
        cls,
        numbers: Iterable[int],
        names: Mapping[int, str] | Sequence[str] | None = None,
        colours: Mapping[int, str] | Sequence[str] | None = None,
    ) -> "ClassTable":
        """Make a table, filling in what is not known.

        Parameters
        ----------
        numbers : iterable of int
            Class numbers, in any order.
        names, colours : mapping from number, or sequence in the order of ``numbers``, optional
            Where a class has none, its name is ``class 7`` and its colour goes by its place in the sorted table.

        Raises
        ------
        LabelError
            A sequence is not as long as ``numbers``, or the table would not be valid.
        """
        listed = [_number(number) for number in numbers]
        named, coloured = _by_number(listed, names, "names"), _by_number(listed, colours, "colours")
        return cls(
            tuple(
                (number, named.get(number, _made_up(number)), coloured.get(number, default))
                for number, default in zip(sorted(listed), first_colours(len(listed)), strict=True)
            )
        )

    @property
    def numbers(self) -> tuple[int, ...]:
        """Class numbers, ascending."""
        return tuple(number for number, _, _ in self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """Class names, in the order of the numbers."""
        return tuple(name for _, name, _ in self.classes)

    @property
    def colours(self) -> tuple[str, ...]:
        """Colours '#rrggbb', in the order of the numbers."""
        return tuple(colour for _, _, colour in self.classes)

    def __len__(self) -> int:
        return len(self.classes)

    def name_of(self, number: int) -> str:
        """Return the name of a class; LabelError where the table does not have it."""
        for known, name, _ in self.classes:
            if known == number:
                return name
        raise LabelError(f"there is no class {number} in the table; its classes are {_listed(self.numbers)}")

    def index_of(self, labels: np.ndarray) -> np.ndarray:
        """Turn class numbers into indices.

        Parameters
        ----------
        labels : numpy.ndarray of int, any shape
            Class numbers, 0 = unlabelled.

        Returns
        -------
        numpy.ndarray of int64, the same shape
            0 .. K − 1 in the order of the table; −1 for 0 and for numbers that it does not have.
        """
        labels = np.asarray(labels)
        if not self.classes:
            return np.full(labels.shape, -1, np.int64)
        known = np.array(self.numbers, np.int64)
        place = np.minimum(np.searchsorted(known, labels), len(known) - 1)
        return np.where(known[place] == labels, place, -1).astype(np.int64)

    @overload
    def number_of(self, index: int) -> int: ...
    @overload
    def number_of(self, index: np.ndarray) -> np.ndarray: ...
    def number_of(self, index: int | np.ndarray) -> int | np.ndarray:
        """Turn indices 0 .. K − 1 back into class numbers, and −1 into 0.

        Parameters
        ----------
        index : int or numpy.ndarray of int, any shape

        Returns
        -------
        int or numpy.ndarray of int64, the same shape

        Raises
        ------
        LabelError
            An index is not within −1 .. K − 1.
        """
        indices = np.asarray(index, np.int64)
        if indices.size and (indices.min() < -1 or indices.max() >= len(self)):
            raise LabelError(f"index {index} is outside the table of {len(self)} classes; use 0 to {len(self) - 1}")
        numbers = np.array([*self.numbers, 0], np.int64)[indices]  # −1 takes the last, which is 0
        return int(numbers) if isinstance(index, int | np.integer) else numbers

    def without(self, numbers: Collection[int]) -> "ClassTable":
        """Return the table less some classes; the others keep their colours. Numbers it does not have are ignored."""
        return ClassTable(tuple(row for row in self.classes if row[0] not in numbers))

    def union(self, other: "ClassTable") -> "ClassTable":
        """Return the classes of both; where both have one, with this table's colour.

        A class that only ``other`` has keeps its colour, unless this table uses it already. A name made up from the
        number, such as 'class 7', gives way to a real one.

        Raises
        ------
        LabelError
            The two call one number by different names, or two numbers by one name.
        """
        rows = {number: (number, name, colour) for number, name, colour in self.classes}
        taken = set(self.colours)
        for number, name, colour in other.classes:
            if number not in rows:
                free = unused_colour(taken | set(other.colours)) if colour in taken else colour
                rows[number] = (number, name, free)
                taken.add(free)
            elif rows[number][1] == _made_up(number):
                rows[number] = (number, name, rows[number][2])
            elif name not in (rows[number][1], _made_up(number)):
                raise LabelError(
                    f"class {number} is called {rows[number][1]!r} and {name!r}; give it one name in both label maps"
                )
        return ClassTable(tuple(rows.values()))

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "ClassTable":
        """Read a table from a CSV file (number, name, colour) or a style of QGIS (``.qml``).

        Raises
        ------
        LabelError
            The file is missing, or holds no classes; see :mod:`.table_csv` and :mod:`.table_qml`.
        """
        from spectralmamba.labels import table_csv, table_qml  # noqa: PLC0415 - they make tables

        file = Path(path).expanduser()
        return table_qml.read_qml(file) if file.suffix.lower() == ".qml" else table_csv.read_csv(file)

    def write(self, path: str | PathLike[str]) -> None:
        """Write the table: a style of QGIS for a raster where the name ends in ``.qml``, otherwise CSV.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        from spectralmamba.labels import table_csv, table_qml  # noqa: PLC0415 - they make tables

        file = Path(path).expanduser()
        text = table_qml.write_qml(self) if file.suffix.lower() == ".qml" else table_csv.write_csv(self)
        write_text(file, text)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one dict (number, name, colour) a class, of plain values."""
        return [{"number": number, "name": name, "colour": colour} for number, name, colour in self.classes]

    @classmethod
    def from_json(cls, rows: Iterable[Mapping[str, Any]]) -> "ClassTable":
        """Make the table again from :meth:`to_json`; LabelError where a key is missing or a value is none."""
        try:
            return cls(tuple((row["number"], row["name"], row["colour"]) for row in rows))
        except (KeyError, TypeError) as error:
            raise LabelError(
                f"this is not a class table ({error}); it needs number, name and colour for each class"
            ) from error


def _number(value: int) -> int:
    if isinstance(value, str) or int(value) != value or not 1 <= value <= _LARGEST:
        raise LabelError(f"{value!r} is not a class number; use whole numbers from 1 to {_LARGEST}")
    return int(value)


def _require_unique(what: str, values: Sequence[Any]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise LabelError(f"the class {what} {twice[0]!r} occurs more than once; give each class its own {what}")


def _by_number(numbers: list[int], values: Mapping[int, str] | Sequence[str] | None, what: str) -> Mapping[int, str]:
    if values is None:
        return {}
    if isinstance(values, Mapping):
        return values
    if len(values) != len(numbers):
        raise LabelError(f"there are {len(values)} {what} for {len(numbers)} classes; give one for each class")
    return dict(zip(numbers, values, strict=True))


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def classes_of(labels: xr.DataArray) -> ClassTable:
    """Return the class table of a label map, less the classes without a pixel.

    Parameters
    ----------
    labels : xarray.DataArray (y, x)
        Class numbers, 0 = unlabelled; its table in ``attrs["classes"]``, or none.
    """
    present = [int(n) for n in np.unique(labels.values) if n > 0]
    table: ClassTable | None = labels.attrs.get("classes")
    if table is None:
        return ClassTable.from_numbers(present)
    return table.without([n for n in table.numbers if n not in present])


def is_made_up(number: int, name: str) -> bool:
    """Tell whether a class has the name that it gets where nobody has named it."""
    return name == _made_up(number)


def _made_up(number: int) -> str:
    return f"class {number}"
