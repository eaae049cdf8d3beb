"""Classes put together, as in ``roof,pavement=impervious``."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

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


def merged(
    values: np.ndarray, table: ClassTable, merges: Sequence[Merge], *, absent: Collection[str] = ()
) -> tuple[np.ndarray, ClassTable]:
    """Put classes together, one rule after the other.

    Parameters
    ----------
    values : numpy.ndarray of int, any shape
        Class numbers, 0 = unlabelled.
    table : ClassTable
        Every class that may occur, those without a pixel too.
    merges : sequence of Merge
    absent : collection of str
        Members that need not be there, see :func:`members_not_in`.

    Returns
    -------
    values : numpy.ndarray of uint32, the same shape
        The new class has the number of the class whose name or number it was given, otherwise the smallest of its
        members.
    table : ClassTable
        The new class has the colour of that class, too.

    Raises
    ------
    LabelError
        There is no such class.
    """
    for merge in merges:
        members = [_find(table, member) for member in merge.members if member not in absent]
        if not members:
            continue
        existing = _look_up(table, merge.target)
        heir = min(members) if existing is None else existing
        # Absent numbers count, so that one rule gives one number in all files.
        kept = min([heir, *_numbers(merge.members, absent)]) if existing is None else existing
        name, colour = next((name, colour) for number, name, colour in table.classes if number == heir)
        name = merge.target if existing is None else name
        values = renumbered(values, dict.fromkeys(members, kept))
        others = [row for row in table.classes if row[0] != kept and row[0] not in members]
        table = ClassTable((*others, (kept, name, colour)))
    return values, table


def _numbers(members: Iterable[str], chosen: Collection[str]) -> list[int]:
    """Those of some members that are written as class numbers."""
    return [int(member) for member in members if member in chosen and member.isdecimal() and int(member) > 0]


def members_not_in(table: ClassTable, merges: Sequence[Merge]) -> tuple[str, ...]:
    """Name the classes to be put together that are neither in a table nor made by a rule before."""
    missing: list[str] = []
    made: set[str] = set()
    for merge in merges:
        lacking = [member for member in merge.members if member not in made and _look_up(table, member) is None]
        if len(lacking) < len(merge.members):
            made.add(merge.target)
        missing += lacking
    return tuple(missing)


def require_merged(label_maps: Iterable[xr.DataArray]) -> None:
    """Refuse a class to be put together that none of several label files has.

    Parameters
    ----------
    label_maps : iterable of DataArray (y, x)
        Opened with options in common (:attr:`.LabelOptions.in_common`); ``attrs["not_merged"]`` says what each lacked.

    Raises
    ------
    LabelError
    """
    lacking = [labels.attrs.get("not_merged", ()) for labels in label_maps]
    nowhere = [member for member in lacking[0] if all(member in names for names in lacking)] if lacking else []
    if nowhere:
        raise LabelError(f"no label file has a class {nowhere[0]!r} to merge; write it as they do, or leave it out")


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
