"""Producer's accuracy of each class, a bar a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.benchmarks.statistics import Spread
from spectralmamba.benchmarks.summary import Row
from spectralmamba.reporting.comparison.caption import caption
from spectralmamba.reporting.comparison.looks import Look, looks_of
from spectralmamba.reporting.comparison.sheet import Area, Section, draw_sheet
from spectralmamba.reporting.comparison.swatches import ROW, Swatch, draw_swatches, swatch_rows
from spectralmamba.reporting.comparison.text import fit, line_height, text_width, wrap
from spectralmamba.reporting.style import INK, MUTED, SMALL, TEXT, plain_axes

WIDTH = 10.4  # inches of the body
LEFT, PLOT, HEAD = 0.62, 1.75, 0.12  # inches: left of a strip of bars, its height, the room above it
THINNEST, WIDEST_BAR, SPACE = 0.075, 0.26, 0.3  # inches: of a bar, and bars' widths left free between classes
LONGEST, MOST_LINES = 1.8, 3  # inches of a slanted name, lines of one that stands level
MOST_MODELS = 8  # in one strip; more are divided by form
SLANT = 0.70710678  # of 45°
HATCHES = {"o": None, "s": "/////", "^": ".....", "D": "xxxxx", "v": "-----", "P": "+++++", "X": "|||||"}
_LEAD = "Producer's accuracy: the share of each class's test pixels that the model found; '–' where there are none."


@dataclass(frozen=True)
class _Strip:
    """Some classes of some models."""

    names: tuple[str, ...]
    models: tuple[tuple[Row, Look], ...]
    title: str


def figure_classes(benchmarks: Sequence[Benchmark], path: Path) -> None:
    """Draw producer's accuracy ± std over seeds for each class and model.

    Bars are never thinner than can be seen: classes go on in further strips, and of more than eight models those of
    each form have strips of their own.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    path : Path

    Raises
    ------
    OutputError
        The figure cannot be written.
    """
    draw_sheet([_section(benchmark) for benchmark in benchmarks], WIDTH, path)


def _section(benchmark: Benchmark) -> Section:
    looks = looks_of(benchmark.protocol.models)
    models = [(row, looks[row.name]) for row in benchmark.summary.rows]
    strips = [strip for title, group in _groups(models).items() for strip in _strips(title, group)]
    plain = len({look.marker for _, look in models}) == 1
    legend = swatch_rows([Swatch(look.name, fill(look, plain=plain)) for _, look in models], WIDTH)
    rows = len(legend) * ROW + 0.1
    heights = [_height(strip) for strip in strips]

    def draw(area: Area) -> None:
        draw_swatches(area.canvas(), legend, 0.0, area.height)
        top = area.height - rows
        for strip, height in zip(strips, heights, strict=True):
            _draw_strip(area, strip, top - height, plain=plain)
            top -= height

    return Section(benchmark.summary.title, [_LEAD, *caption(benchmark)], rows + sum(heights), draw)


def _groups(models: Sequence[tuple[Row, Look]]) -> dict[str, list[tuple[Row, Look]]]:
    """All models together, or by form where they are many."""
    if len(models) <= MOST_MODELS:
        return {"": list(models)}
    groups: dict[str, list[tuple[Row, Look]]] = {}
    for row, look in models:
        groups.setdefault(look.form, []).append((row, look))
    return groups if len(groups) > 1 else {"": list(models)}


def _strips(title: str, models: Sequence[tuple[Row, Look]]) -> list[_Strip]:
    """Divide the classes into strips of one length, nearly, with bars as wide as is needed."""
    names = list(dict.fromkeys(name for row, _ in models for name in row.per_class))
    most = max(int((WIDTH - LEFT) / (THINNEST * (len(models) + SPACE * 3))), 1)
    count = -(-len(names) // most)
    parts = np.array_split(np.array(names, object), count)
    return [_Strip(tuple(part), tuple(models), title if i == 0 else "") for i, part in enumerate(parts)]


def _slot(strip: _Strip) -> float:
    """Inches of a class; strips of few classes do not get bars as wide as the page."""
    return min((WIDTH - LEFT) / len(strip.names), WIDEST_BAR * (len(strip.models) + 2))


def _names(strip: _Strip) -> tuple[list[str], bool]:
    """Names as they are written, and whether they stand slanted."""
    width = _slot(strip) - 0.08
    if all(text_width(word, SMALL) <= width for name in strip.names for word in name.split()):
        wrapped = [wrap(name, width, SMALL) for name in strip.names]
        if max(map(len, wrapped)) <= MOST_LINES:
            return ["\n".join(lines) for lines in wrapped], False
    return [fit(name, LONGEST, SMALL) for name in strip.names], True


def _below(strip: _Strip) -> float:
    """Inches that the names need."""
    names, slanted = _names(strip)
    if slanted:
        return max(text_width(name, SMALL) for name in names) * SLANT + 0.25
    return max(name.count("\n") + 1 for name in names) * line_height(SMALL) + 0.15


def _height(strip: _Strip) -> float:
    return HEAD + (line_height(TEXT) if strip.title else 0.0) + PLOT + _below(strip)


def _draw_strip(area: Area, strip: _Strip, bottom: float, *, plain: bool) -> None:
    wide = _slot(strip) * len(strip.names)
    axes = area.axes(LEFT, bottom + _below(strip), wide, PLOT)
    step = 1 / (len(strip.models) + 3 * SPACE)
    for i, (row, look) in enumerate(strip.models):
        places = np.arange(len(strip.names)) + (i - (len(strip.models) - 1) / 2) * step
        spreads = [row.per_class.get(name, Spread.of([])) for name in strip.names]
        _draw_bars(axes, places, step, spreads, fill(look, plain=plain))
    names, slanted = _names(strip)
    axes.set_xticks(range(len(names)), names)
    for label in axes.get_xticklabels() if slanted else ():
        label.set(rotation=45, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_ylim(0, 104)
    axes.set_yticks(range(0, 101, 20))
    plain_axes(axes)
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("accuracy (%)", fontsize=SMALL, color=INK)
    if strip.title:
        axes.set_title(strip.title.capitalize(), fontsize=TEXT, color=INK, loc="left", pad=4, fontweight="bold")


def _draw_bars(axes: Axes, places: np.ndarray, step: float, spreads: Sequence[Spread], filled: dict[str, Any]) -> None:
    heights = np.array([spread.mean for spread in spreads])
    std = np.array([spread.std for spread in spreads])
    axes.bar(places, np.nan_to_num(heights), width=0.88 * step, zorder=2, **filled)
    known = np.isfinite(std)
    axes.errorbar(
        places[known], heights[known], std[known], linestyle="none", color=INK, linewidth=0.8, capsize=1.6, zorder=3
    )
    for place in places[~np.isfinite(heights)]:
        axes.text(place, 1.5, "–", fontsize=SMALL - 1, color=MUTED, ha="center", va="bottom")


def fill(look: Look, *, plain: bool) -> dict[str, Any]:
    """How a bar is filled: plain for models drawn as circles elsewhere, else lighter and hatched, by the marker.

    Parameters
    ----------
    look : Look
    plain : bool
        Plain in any case: all models of the figure have one marker.
    """
    hatch = None if plain else HATCHES[look.marker]
    face = to_rgba(look.colour, 0.95 if hatch is None else 0.4)
    return {"facecolor": face, "edgecolor": look.colour, "linewidth": 0.5, "hatch": hatch}
