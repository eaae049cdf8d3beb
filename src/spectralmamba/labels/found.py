"""Labels on a grid with the table of their classes: what files give, before it becomes a label map."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable, is_made_up
from spectralmamba.labels.matching import match_numbers, renumbered
from spectralmamba.labels.raster import LabelRaster


@dataclass(frozen=True, eq=False)
class Found:
    """Labels on a grid.

    Attributes
    ----------
    values : numpy.ndarray of uint32, shape (height, width)
        Class numbers, 0 = unlabelled.
    table : ClassTable
        All classes of the files, those without a pixel too.
    points : bool
        Whether any of the labels are points.
    remarks : tuple of str
        What was left out or warped.
    by_name : bool
        Whether the files name their classes only, and the numbers are ours.
    """

    values: NDArray[np.uint32]
    table: ClassTable
    points: bool = False
    remarks: tuple[str, ...] = ()
    by_name: bool = False

    @property
    def present(self) -> list[int]:
        """Class numbers that a pixel has."""
        return [int(number) for number in np.unique(self.values) if number > 0]


def table_of(values: NDArray[np.uint32], rasters: Sequence[LabelRaster]) -> ClassTable:
    """Make the table of the classes that occur or are named; where tiles differ on one, the first listed wins."""
    names: dict[int, str] = {}
    colours: dict[int, str] = {}
    for raster in reversed(rasters):
        names |= raster.names
        colours |= raster.colours
    numbers = np.unique(values[values > 0]).tolist()
    present = ClassTable.from_numbers(numbers, names, colours)
    # Classes without a pixel may be merged with others; they come last, so that they leave the palette to those.
    others = {name: number for number, name in names.items() if number > 0 and name not in present.names}
    absent = {number: name for name, number in others.items() if number not in numbers}
    return present.union(ClassTable.from_numbers(absent, absent, colours))


def named(found: Found, table: ClassTable, source: object) -> Found:
    """Give a raster's classes the numbers, names and colours of a table that the user has given.

    Where the raster names classes that the table has, too, names decide; otherwise numbers, and the table's names take
    the place of the raster's.

    Raises
    ------
    LabelError
        A class is not in the table, or a name differs by case only from that of another number.
    """
    theirs = _spelled_as(found.table, table)
    real = {name.casefold() for number, name, _ in theirs.classes if not is_made_up(number, name)}
    shared = real & {name.casefold() for name in table.names}
    numbers = match_numbers(theirs, table) if shared else {number: number for number in theirs.numbers}
    for number in found.present:
        if numbers[number] not in table.numbers:
            known = ", ".join(f"{other} {name}" for other, name, _ in table.classes)
            raise LabelError(
                f"{source} holds class {number} ({theirs.name_of(number)}), which the class table does not have; "
                f"add it to those of the table: {known}"
            )
    return replace(found, values=renumbered(found.values, numbers), table=table)


def _spelled_as(theirs: ClassTable, ours: ClassTable) -> ClassTable:
    """Write names as we do where a class has the same number and its name differs by case only: we correct it."""
    right = {(number, name.casefold()): name for number, name, _ in ours.classes}
    rows = ((n, right.get((n, name.casefold()), name), colour) for n, name, colour in theirs.classes)
    return ClassTable(tuple(rows))
