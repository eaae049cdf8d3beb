"""How labels are to be read, beyond where they lie."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.merging import Merge, parse_merges

Overlap = Literal["error", "first", "last", "drop"]

SEPARATOR, YES = "; ", "yes"
"""How a run's configuration, whose values are texts, keeps several layers, and a switch that is on."""


@dataclass(frozen=True)
class Radius:
    """Radius of the disc that a point labels: a length in pixels or metres; 0 is the point's own pixel."""

    length: float = 0.0
    unit: Literal["px", "m"] = "px"

    @classmethod
    def parse(cls, text: str | float) -> "Radius":
        """Read ``1.5`` or ``1.5px`` (pixels), ``15m`` (metres).

        Raises
        ------
        LabelError
            It is none of these.
        """
        written = str(text).strip()
        number = written.removesuffix("px").removesuffix("m").strip()
        try:
            length = float(number)
        except ValueError:
            length = math.nan
        if not 0 <= length < math.inf:
            raise LabelError(f"point radius {text!r} is no length; write for example 1.5px or 15m")
        return cls(length, "m" if written.endswith("m") else "px")


@dataclass(frozen=True)
class LabelOptions:
    """Everything that :func:`spectralmamba.open_labels` can be asked for, in a form that a run can keep as text.

    Attributes
    ----------
    attribute : str, optional
    layers : tuple of str
    variable : str, optional
    point_radius : Radius
    overlap : {"error", "first", "last", "drop"}
    all_touched : bool
    classes : ClassTable, optional
    merges : tuple of Merge
    in_common : bool
        Whether several label files are opened so, of which not each has every class to merge; see
        :func:`.merging.require_merged`.
    """

    attribute: str | None = None
    layers: tuple[str, ...] = ()
    variable: str | None = None
    point_radius: Radius = Radius()
    overlap: Overlap = "error"
    all_touched: bool = False
    classes: ClassTable | None = None
    merges: tuple[Merge, ...] = ()
    in_common: bool = False

    def __post_init__(self) -> None:
        if self.overlap not in get_args(Overlap):
            raise LabelError(f"there is no rule {self.overlap!r} for overlaps; use {', '.join(get_args(Overlap))}")

    @classmethod
    def from_config(cls, texts: Mapping[str, str], *, in_common: bool = False) -> "LabelOptions":
        """Make options of texts, as a run's configuration keeps them; other keys are passed over.

        Raises
        ------
        LabelError
            A text has no meaning, or the class table cannot be read.
        """
        parsers: dict[str, tuple[str, Callable[[str], Any]]] = {
            "attribute": ("attribute", str),
            "layer": ("layers", _split),
            "point_radius": ("point_radius", Radius.parse),
            "overlap": ("overlap", str),
            "all_touched": ("all_touched", lambda text: text == YES),
            "classes": ("classes", ClassTable.read),
            "merge": ("merges", parse_merges),
        }
        given = {name: parse(texts[key]) for key, (name, parse) in parsers.items() if key in texts}
        return cls(in_common=in_common, **given)

    def for_rasters(self) -> "LabelOptions":
        """Leave out what has a meaning for vector labels only."""
        return replace(self, attribute=None, layers=(), point_radius=Radius(), all_touched=False)

    def of_vectors(self) -> dict[str, object]:
        """Give those options that have a meaning for vector labels only, as far as they were asked for."""
        asked = {
            "attribute": self.attribute,
            "layer": SEPARATOR.join(self.layers) or None,
            "point_radius": self.point_radius.length or None,
            "all_touched": self.all_touched or None,
        }
        return {name: value for name, value in asked.items() if value is not None}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(SEPARATOR.strip()) if part.strip())
