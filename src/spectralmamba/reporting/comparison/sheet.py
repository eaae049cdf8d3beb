"""A figure of benchmarks: one section below the other, each with its title, its body and its caption."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectralmamba.reporting.comparison.text import line_height, wrap
from spectralmamba.reporting.style import INK, MUTED, SMALL, TITLE, new_figure, save_figure

MARGIN, GAP, BETWEEN = 0.2, 0.12, 0.3  # inches: around, between title, body and caption, between sections


@dataclass(frozen=True)
class Area:
    """A rectangle of a figure, in inches from its lower left corner."""

    figure: Figure
    left: float
    bottom: float
    width: float
    height: float

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Make axes at a place within the area, in inches."""
        wide, high = self.figure.get_size_inches()
        return self.figure.add_axes(
            ((self.left + left) / wide, (self.bottom + bottom) / high, width / wide, height / high)
        )

    def canvas(self) -> Axes:
        """Make invisible axes over the whole area whose data coordinates are inches."""
        axes = self.axes(0, 0, self.width, self.height)
        axes.set(xlim=(0, self.width), ylim=(0, self.height))
        axes.set_axis_off()
        return axes


@dataclass(frozen=True)
class Section:
    """What a figure shows of one benchmark.

    Attributes
    ----------
    title : str
    text : sequence of str
        Sentences of the caption.
    height : float
        Of the body, in inches.
    draw : callable
        Draws the body into its area.
    """

    title: str
    text: Sequence[str]
    height: float
    draw: Callable[[Area], None]

    def caption_lines(self, width: float) -> list[str]:
        """Wrap the caption to a width in inches."""
        return wrap(" ".join(self.text), width, SMALL)

    def title_lines(self, width: float) -> list[str]:
        """Wrap the title to a width in inches."""
        return wrap(self.title, width, TITLE, bold=True)

    def total(self, width: float) -> float:
        """Height with title and caption, in inches."""
        title = len(self.title_lines(width)) * line_height(TITLE)
        return title + GAP + self.height + GAP + len(self.caption_lines(width)) * line_height(SMALL)


def draw_sheet(sections: Sequence[Section], width: float, path: Path) -> None:
    """Draw sections below one another and write the figure.

    Parameters
    ----------
    sections : sequence of Section
    width : float
        Of the bodies, in inches.
    path : Path
        PNG, PDF or SVG by its suffix.

    Raises
    ------
    OutputError
        The figure cannot be written.
    """
    height = sum(section.total(width) for section in sections) + BETWEEN * (len(sections) - 1) + 2 * MARGIN
    figure = new_figure(width + 2 * MARGIN, height)
    top = height - MARGIN
    for section in sections:
        _draw_section(figure, section, top, width)
        top -= section.total(width) + BETWEEN
    with rc_context({"pdf.fonttype": 42, "svg.hashsalt": "spectralmamba"}):  # 42: TrueType, which journals ask for
        save_figure(figure, path)


def _draw_section(figure: Figure, section: Section, top: float, width: float) -> None:
    title, text = section.title_lines(width), section.caption_lines(width)
    body = top - len(title) * line_height(TITLE) - GAP - section.height
    _write(figure, title, top, TITLE, INK, "bold")
    section.draw(Area(figure, MARGIN, body, width, section.height))
    _write(figure, text, body - GAP, SMALL, MUTED, "normal")


def _write(figure: Figure, lines: Sequence[str], top: float, size: float, colour: str, weight: str) -> None:
    wide, high = figure.get_size_inches()
    for i, line in enumerate(lines):
        y = top - i * line_height(size)
        figure.text(MARGIN / wide, y / high, line, fontsize=size, color=colour, fontweight=weight, va="top")
