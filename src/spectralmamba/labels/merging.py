"""Classes put together, as in ``roof,pavement=impervious``."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.matching import renumbered


@dataclass(frozen=True)
class Merge:
    """Classes, by name or number, that become one of another name, or join it where it is there already."""

    members: tuple[str, ...]
    target: str


def parse_merges(texts: str | Iterable[str]) -> tuple[Merge, ...]:
    """Read ``"roof,pavement=impervious"``; several in a sequence, or in one text with semicolons between them.

    Raises
    ------
    LabelError
        A text is not CLASS,CLASS=NAME.
    """
    listed = texts.split(";") if isinstance(texts, str) else [part for text in texts for part in text.split(";")]
    return tuple(_parse(text) for text in listed if text.strip())


def _parse(text: str) -> Merge:
    left, equals, target = text.rpartition("=")
    members = tuple(member.strip() for member in left.split(","))
    if not equals or not target.strip() or not all(members):
        raise LabelError(f"{text!r} is not CLASS,CLASS=NAME; write for example roof,pavement=impervious")
    return Merge(members, target.strip())


def merged(values: np.ndarray, table: ClassTable, merges: Sequence[Merge]) -> tuple[np.ndarray, ClassTable]:
    """Put classes together, one rule after the other.

    Parameters
    ----------
    values : numpy.ndarray of int, any shape
        Class numbers, 0 = unlabelled.
    table : ClassTable
        Every class that may occur, those without a pixel too.
    merges : sequence of Merge

    Returns
    -------
    values : numpy.ndarray of uint32, the same shape
        The new class has the number of the class whose name or number it was given, otherwise the smallest of its
        members.
    table : ClassTable
        The new class has the colour of the class whose number it has.

    Raises
    ------
    LabelError
        There is no such class.
    """
    for merge in merges:
        members = [_find(table, member) for member in merge.members]
        existing = _look_up(table, merge.target)
        kept = min(members) if existing is None else existing
        name = merge.target if existing is None else table.name_of(existing)
        values = renumbered(values, dict.fromkeys(members, kept))
        rows = [row for row in table.classes if row[0] == kept or row[0] not in members]
        table = ClassTable(tuple((n, name if n == kept else other, colour) for n, other, colour in rows))
    return values, table


def _find(table: ClassTable, member: str) -> int:
    number = _look_up(table, member)
    if number is None:
        twins = [name for name in table.names if name.casefold() == member.casefold()]
        known = ", ".join(f"{number} {name}" for number, name, _ in table.classes)
        raise LabelError(
            f"there is no class {member!r} to merge; "
            + (f"its name is written {twins[0]!r}" if twins else f"the classes are {known}")
        )
    return number


def _look_up(table: ClassTable, text: str) -> int | None:
    """Find a class by its name, or else by its number."""
    for number, name, _ in table.classes:
        if name == text:
            return number
    return int(text) if text.isdecimal() and int(text) in table.numbers else None
