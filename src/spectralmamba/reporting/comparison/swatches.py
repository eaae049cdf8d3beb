"""A legend of coloured rectangles in as many rows as are needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from spectralmamba.reporting.comparison.text import fit, line_height, text_width
from spectralmamba.reporting.style import INK, SMALL, TEXT

WIDE, HIGH, BEFORE, AFTER = 0.22, 0.115, 0.08, 0.28  # inches: of a rectangle, between it and its name, and after that
ROW = line_height(TEXT)
LONGEST = 3.0  # inches of a name


@dataclass(frozen=True)
class Swatch:
    """A name and how its rectangle is filled, as matplotlib's ``Rectangle`` takes it."""

    name: str
    fill: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The name, shortened where it is very long."""
        return fit(self.name, LONGEST, SMALL)

    @property
    def width(self) -> float:
        """Inches with the room after it."""
        return WIDE + BEFORE + text_width(self.text, SMALL) + AFTER


def swatch_rows(swatches: Sequence[Swatch], width: float) -> list[list[Swatch]]:
    """Divide swatches, in order, into rows of at most ``width`` inches."""
    rows: list[list[Swatch]] = [[]]
    used = 0.0
    for swatch in swatches:
        if rows[-1] and used + swatch.width - AFTER > width:
            rows.append([])
            used = 0.0
        rows[-1].append(swatch)
        used += swatch.width
    return rows


def draw_swatches(axes: Axes, rows: Sequence[Sequence[Swatch]], left: float, top: float) -> None:
    """Draw rows into axes whose data coordinates are inches."""
    for i, row in enumerate(rows):
        x, y = left, top - (i + 0.5) * ROW
        for swatch in row:
            axes.add_patch(Rectangle((x, y - HIGH / 2), WIDE, HIGH, **swatch.fill))
            axes.text(x + WIDE + BEFORE, y, swatch.text, fontsize=SMALL, color=INK, va="center")
            x += swatch.width
