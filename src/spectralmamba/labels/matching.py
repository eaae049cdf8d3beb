"""Two label sources that number the same classes differently, brought together by the classes' names."""

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable, classes_of, is_made_up


def match_numbers(theirs: ClassTable, ours: ClassTable, *, by_name: bool = False) -> dict[int, int]:
    """Say which of our numbers each of their classes has, by name where the numbers differ.

    Parameters
    ----------
    theirs, ours : ClassTable
    by_name : bool
        Whether their numbers were made up for the names, and mean nothing.

    Returns
    -------
    dict of int to int
        From their number, for every class of theirs. Where no name of theirs has another number with us, the numbers
        stay, whatever the names are, unless they mean nothing. Otherwise names decide, and a class that we do not have
        gets a number that is free in both tables.

    Raises
    ------
    LabelError
        Two names differ by case only; or names decide, and a class of theirs has none, or with ``by_name`` one of ours.
    """
    require_no_case_twins([*ours.names, *theirs.names])
    if by_name:
        require_names(ours)
    number_of = {name: number for number, name, _ in ours.classes if not is_made_up(number, name)}
    taken = dict(zip(ours.numbers, ours.names, strict=True)) if by_name else {}
    if all(number_of.get(n, number) == number and taken.get(number, n) == n for number, n, _ in theirs.classes):
        return {number: number for number in theirs.numbers}
    unnamed = [number for number, name, _ in theirs.classes if is_made_up(number, name)]
    if unnamed:
        raise LabelError(
            f"class {unnamed[0]} has no name, while others are matched by name since their numbers differ; "
            "name it in a class table"
        )
    matched, free = {}, max(*ours.numbers, *theirs.numbers) + 1
    for number, name, _ in theirs.classes:
        matched[number] = number_of.get(name, free)
        free += name not in number_of
    return matched


def require_names(table: ClassTable) -> None:
    """Refuse a class without a name among classes that are matched by name; LabelError."""
    unnamed = [number for number, name, _ in table.classes if is_made_up(number, name)]
    if unnamed:
        raise LabelError(
            f"class {unnamed[0]} has a number only, and others that go with it a name only, so they cannot be matched; "
            "give a class table (--classes)"
        )


def match_labels(labels: xr.DataArray, ours: ClassTable) -> tuple[xr.DataArray, str | None]:
    """Give a label map our numbers where its classes have the same names as ours but other numbers.

    Parameters
    ----------
    labels : xarray.DataArray (y, x)
        Class numbers, 0 = unlabelled; its table in ``attrs["classes"]``, or none. With ``attrs["by_name"]`` the numbers
        mean nothing, see :func:`match_numbers`.
    ours : ClassTable

    Returns
    -------
    labels : xarray.DataArray (y, x)
        The same one where the numbers agree.
    remark : str, optional
        Which numbers were changed.

    Raises
    ------
    LabelError
        Names differ by case only, or a class without a name stands among others that are matched by name.
    """
    theirs = classes_of(labels)
    matched = match_numbers(theirs, ours, by_name=bool(labels.attrs.get("by_name")))
    changed = [(old, matched[old], name) for old, name, _ in theirs.classes if matched[old] != old]
    if not changed:
        return labels, None
    table = ClassTable(tuple((matched[number], name, colour) for number, name, colour in theirs.classes))
    values = renumbered(labels.values, matched)
    renamed = labels.copy(data=values.astype(np.min_scalar_type(table.numbers[-1]))).assign_attrs(classes=table)
    return renamed, "classes matched by name: " + ", ".join(f"{name} {old} → {new}" for old, new, name in changed)


def renumbered(values: np.ndarray, numbers: Mapping[int, int]) -> np.ndarray:
    """Give class numbers others; those that ``numbers`` does not have, and 0, stay. The result is uint32."""
    result = values.astype(np.uint32)
    for old, new in numbers.items():
        if old != new:
            result[values == old] = new
    return result


def require_no_case_twins(names: Iterable[str]) -> None:
    """Refuse names that differ by case only: they are one class to people and two to a program.

    Raises
    ------
    LabelError
    """
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(name.casefold(), name)
        if first != name:
            raise LabelError(f"the class names {first!r} and {name!r} differ by case only; write them alike")
