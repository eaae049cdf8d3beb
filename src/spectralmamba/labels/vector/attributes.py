"""The attribute of vector labels that tells the class: which one, its values, and the class numbers they become."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.matching import require_no_case_twins
from spectralmamba.labels.raster import is_class_number

_TEXT, _WHOLE, _REAL = {"OFTString"}, {"OFTInteger", "OFTInteger64"}, {"OFTReal"}

_IDENTIFIERS = {"fid", "id", "objectid", "gid", "ogc_fid", "uid", "uuid", "globalid"}

_KML_FIELDS = {
    "description", "timestamp", "begin", "end", "altitudemode", "tessellate", "extrude", "visibility", "draworder",
    "icon", "snippet",
}  # fmt: skip
"""What GDAL makes of every KML, beside the name."""


def choose_attribute(path: Path, info: dict[str, Any], asked: str | None) -> str:
    """Name the attribute with the class.

    Parameters
    ----------
    path : pathlib.Path
        For messages.
    info : dict
        Of the layer, as :func:`.layers.describe` gives it.
    asked : str, optional
        Without it, there has to be exactly one attribute of text or numbers that does not number the features.

    Raises
    ------
    LabelError
        There is no such attribute, or the choice is the user's.
    """
    names = [str(name) for name in info["fields"]]
    if asked is not None:
        if asked not in names:
            found = f"those of layer {info['layer_name']} are {', '.join(names)}" if names else "it has none"
            raise LabelError(f"{path} has no attribute {asked!r}; {found}")
        return asked
    usual = _IDENTIFIERS | (_KML_FIELDS if "KML" in info["driver"] else set())
    kinds = zip(names, info["ogr_types"], info["ogr_subtypes"], strict=True)
    plausible = [
        name
        for name, kind, subtype in kinds
        if kind in _TEXT | _WHOLE | _REAL and subtype != "OFSTBoolean" and name.lower() not in usual
    ]
    if not plausible:
        raise LabelError(f"{path} has no attribute that could tell the class; add one of text or whole numbers")
    if len(plausible) > 1:
        raise LabelError(
            f"{path} has the attributes {', '.join(plausible)}; name the one with the class (attribute, --attribute)"
        )
    return plausible[0]


def class_values(path: Path, attribute: str, column: Any) -> np.ndarray:  # noqa: ANN401 - pandas is untyped
    """Turn an attribute's values into names (text, stripped) or class numbers (int); None where there is none.

    Text that is a whole number throughout counts as numbers. The number 0 and empty text are no class.

    Parameters
    ----------
    path : pathlib.Path
        For messages.
    attribute : str
    column : pandas.Series, shape (n,)

    Returns
    -------
    numpy.ndarray of object, shape (n,)

    Raises
    ------
    LabelError
        The values are dates, truth values or the like, or numbers that are no class numbers.
    """
    values = np.array([None if pd.isna(value) else value for value in column.tolist()], object)
    given = [value for value in values if value is not None]
    if all(isinstance(value, str) for value in given):
        texts = np.array([None if value is None or not value.strip() else value.strip() for value in values], object)
        if not all(text.isdecimal() for text in texts if text is not None):
            return texts
        values = np.array([None if text is None else int(text) for text in texts], object)
    elif not all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        raise LabelError(
            f"attribute {attribute!r} of {path} holds {type(given[0]).__name__} values; "
            "name one of text or whole numbers"
        )
    return np.array([_number(path, attribute, value) for value in values], object)


def _number(path: Path, attribute: str, value: float | None) -> int | None:
    if value is None or value == 0:
        return None
    if not is_class_number(np.array(value, np.float64)):
        raise LabelError(
            f"attribute {attribute!r} of {path} holds the value {value}, which is not a class number; "
            "use whole numbers from 1, or text"
        )
    return int(value)


def number_classes(found: Sequence[np.ndarray], table: ClassTable | None) -> tuple[dict[Hashable, int], ClassTable]:
    """Number the classes of several layers in common.

    Parameters
    ----------
    found : sequence of numpy.ndarray of object
        What :func:`class_values` gives for all features of each layer.
    table : ClassTable, optional
        Numbers the names, and names the numbers. Without it names are numbered from 1 in alphabetical order.

    Returns
    -------
    numbers : dict
        From value to class number.
    table : ClassTable
        The one given, or that of the values found.

    Raises
    ------
    LabelError
        Some layers have names and others numbers, names differ by case only, or the table does not have a class.
    """
    values = {value for column in found for value in column if value is not None}
    names = sorted(value for value in values if isinstance(value, str))
    if names and len(names) < len(values):
        raise LabelError("some layers tell the class by name and others by number; open them separately")
    require_no_case_twins(names if table is None else [*table.names, *names])
    if table is None:
        listed = ClassTable.from_numbers(range(1, len(names) + 1), names) if names else ClassTable.from_numbers(values)
    else:
        listed = table
        unknown = [value for value in sorted(values) if value not in (table.names if names else table.numbers)]
        if unknown:
            raise LabelError(
                f"the class table does not have the class {unknown[0]!r}; its classes are {', '.join(table.names)}"
            )
    if names:
        return dict(zip(listed.names, listed.numbers, strict=True)), listed
    return {number: number for number in listed.numbers}, listed
