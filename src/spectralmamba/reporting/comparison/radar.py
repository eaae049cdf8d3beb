"""Accuracy and costs of models as polygons over three axes (the paper's Figure 1)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.benchmarks.summary import Row
from spectralmamba.benchmarks.tables import spread_text
from spectralmamba.errors import RunError
from spectralmamba.reporting.comparison.caption import caption
from spectralmamba.reporting.comparison.figures import compact, round_down
from spectralmamba.reporting.comparison.looks import Look, looks_of
from spectralmamba.reporting.comparison.sheet import Area, Section, draw_sheet
from spectralmamba.reporting.comparison.text import fit
from spectralmamba.reporting.style import INK, LINE, MUTED, SMALL, TEXT

RINGS = 4
RADIUS = 1.75  # inches from the middle to the outermost ring
WIDTH, TOP, BELOW = 4.75, 0.42, 1.5  # inches: of one radar, above its triangle's tip, below its middle
ROW = 0.2  # inches of a line of the legend
ANGLES = tuple(math.radians(degrees) for degrees in (90, 210, 330))
POINT_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)
FACTORS = (1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0)
COLUMNS = (2.3, 3.05, 3.85, 4.5)  # inches: right ends of the legend's columns, from its left
_LEAD = (
    "Outward is better on all three axes: OA is linear, parameters and MACs (of one sample, by the paper's rule) are "
    "logarithmic and inverted; the ticks are the values themselves."
)


@dataclass(frozen=True)
class Scale:
    """One axis.

    Attributes
    ----------
    title : str
    rings : tuple of float
        Values at the rings, the innermost first.
    place : callable
        From a value to its distance from the middle, 1 at the outermost ring.
    write : callable
        From a value to its tick label.
    """

    title: str
    rings: tuple[float, ...]
    place: Callable[[float], float]
    write: Callable[[float], str]


def figure_radar(benchmarks: Sequence[Benchmark], path: Path) -> None:
    """Draw one polygon a model over OA, parameters and MACs; patchwise and pixelwise models apart, on equal axes.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    path : Path

    Raises
    ------
    RunError
        A benchmark has no model with parameters and MACs.
    OutputError
        The figure cannot be written.
    """
    sections = [_section(benchmark) for benchmark in benchmarks]
    widest = max(len(_groups(benchmark)) for benchmark in benchmarks)
    draw_sheet(sections, WIDTH * widest, path)


def _section(benchmark: Benchmark) -> Section:
    groups = _groups(benchmark)
    if not groups:
        raise RunError(f"{benchmark.folder} has no model with parameters and MACs; a radar needs one at least")
    drawn = [row for rows in groups.values() for row in rows]
    left_out = [row.name for row in benchmark.summary.rows if row not in drawn]
    looks = looks_of(benchmark.protocol.models)
    scales = scales_of(drawn)

    def draw(area: Area) -> None:
        for i, (form, rows) in enumerate(groups.items()):
            part = Area(area.figure, area.left + i * WIDTH, area.bottom, WIDTH, area.height)
            _draw_radar(part, form, [(row, looks[row.name]) for row in rows], scales)

    height = TOP + RADIUS + BELOW + ROW * (max(map(len, groups.values())) + 1)
    text = [_LEAD, *caption(benchmark), *without_macs([looks[name].name for name in left_out])]
    return Section(benchmark.summary.title, text, height, draw)


def without_macs(names: Sequence[str]) -> list[str]:
    """Say which models could not be drawn; nothing where there are none."""
    return [f"Without MACs by that rule, and not drawn: {'; '.join(names)}."] if names else []


def _groups(benchmark: Benchmark) -> dict[str, list[Row]]:
    """Rows that can be drawn, by form."""
    groups: dict[str, list[Row]] = {}
    for row in benchmark.summary.rows:
        if row.parameters > 0 and row.macs > 0 and row.overall_accuracy.n:
            groups.setdefault(row.form, []).append(row)
    return groups


def scales_of(rows: Sequence[Row]) -> tuple[Scale, Scale, Scale]:
    """Choose the three axes so that every model lies between the innermost and the outermost ring."""
    return (
        _points("OA (%)", [row.overall_accuracy.mean for row in rows]),
        _counts("Parameters", [row.parameters for row in rows]),
        _counts("MACs", [row.macs for row in rows]),
    )


def _points(title: str, values: Sequence[float]) -> Scale:
    """Per cent, linear, in the smallest round steps that hold all values."""
    for step in POINT_STEPS:
        high = min(math.ceil(max(values) / step - 1e-9) * step, 100.0)
        if high - (RINGS - 1) * step <= min(values):
            break
    rings = tuple(high - (RINGS - k) * step for k in range(1, RINGS + 1))
    return Scale(title, rings, lambda value: 1 - (high - value) / (step * RINGS), lambda value: f"{value:g}")


def _counts(title: str, values: Sequence[float]) -> Scale:
    """Counts, logarithmic and inverted, in the smallest round factor that holds all values."""
    low = round_down(min(values))
    factor = next((f for f in FACTORS if low * f ** (RINGS - 1) >= max(values)), FACTORS[-1])
    factor = max(factor, (max(values) / low) ** (1 / (RINGS - 1)))
    rings = tuple(low * factor ** (RINGS - k) for k in range(1, RINGS + 1))
    return Scale(title, rings, lambda value: 1 - math.log(value / low) / math.log(factor) / RINGS, compact)


def vertices(row: Row, scales: Sequence[Scale]) -> list[float]:
    """Distances of a model's vertices from the middle, 0..1."""
    values = (row.overall_accuracy.mean, row.parameters, row.macs)
    return [scale.place(value) for scale, value in zip(scales, values, strict=True)]


def _draw_radar(area: Area, form: str, models: Sequence[tuple[Row, Look]], scales: Sequence[Scale]) -> None:
    axes = area.canvas()
    middle = (WIDTH / 2, area.height - TOP - RADIUS)
    _draw_grid(axes, middle, scales)
    for row, look in models:
        xy = _around(middle, [RADIUS * distance for distance in vertices(row, scales)])
        axes.fill(*xy, color=look.colour, alpha=0.3 / (3 + len(models)), linewidth=0)
        axes.plot(
            *(np.append(v, v[0]) for v in xy), color=look.colour, linewidth=1.7, marker=look.marker, markersize=4.5,
            label=look.name,
        )  # fmt: skip
    axes.text(0.05, area.height - 0.02, form.capitalize(), fontsize=TEXT, fontweight="bold", color=INK, va="top")
    _write_legend(axes, middle[1] - BELOW, models)


def _around(middle: tuple[float, float], distances: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    x = np.array([middle[0] + d * math.cos(angle) for d, angle in zip(distances, ANGLES, strict=True)])
    y = np.array([middle[1] + d * math.sin(angle) for d, angle in zip(distances, ANGLES, strict=True)])
    return x, y


def _draw_grid(axes: Axes, middle: tuple[float, float], scales: Sequence[Scale]) -> None:
    for k in range(1, RINGS + 1):
        x, y = _around(middle, [RADIUS * k / RINGS] * 3)
        axes.fill(x, y, facecolor="none", edgecolor=LINE, linewidth=0.9 if k == RINGS else 0.6)
    for scale, angle, x, y in zip(scales, ANGLES, *_around(middle, [RADIUS] * 3), strict=True):
        axes.plot([middle[0], x], [middle[1], y], color=LINE, linewidth=0.8)
        _write_axis(axes, middle, scale, angle)


def _write_axis(axes: Axes, middle: tuple[float, float], scale: Scale, angle: float) -> None:
    """Write an axis' ticks beside it and its title beyond its end."""
    cos, sin = math.cos(angle), math.sin(angle)
    across = (0.1 * sin, -0.1 * cos) if sin > 0 else (0.0, -0.13)  # right of the upright axis, below the two others
    for k, value in enumerate(scale.rings, start=1):
        x, y = middle[0] + RADIUS * k / RINGS * cos, middle[1] + RADIUS * k / RINGS * sin
        axes.text(
            x + across[0], y + across[1], scale.write(value), fontsize=SMALL - 1, color=MUTED, va="center", zorder=5,
            ha="left" if sin > 0 else "center", path_effects=[withStroke(linewidth=2.2, foreground="white")],
        )  # fmt: skip
    far = RADIUS + (0.16 if sin > 0 else 0.3)
    y = middle[1] + far * sin - (0.0 if sin > 0 else 0.17)
    axes.text(middle[0] + far * cos, y, scale.title, fontsize=TEXT, color=INK, fontweight="bold", ha="center")


def _write_legend(axes: Axes, top: float, models: Sequence[tuple[Row, Look]]) -> None:
    """Write each model with its values, a line each."""
    for right, head in zip(COLUMNS[1:], ("OA %", "parameters", "MACs"), strict=True):
        axes.text(right, top, head, fontsize=SMALL, color=MUTED, ha="right", va="center")
    for i, (row, look) in enumerate(models, start=1):
        y = top - i * ROW
        axes.plot([0.08, 0.36], [y, y], color=look.colour, linewidth=1.7)
        axes.plot(0.22, y, color=look.colour, marker=look.marker, markersize=4.5)
        axes.text(0.45, y, fit(look.title, COLUMNS[0] - 0.45, SMALL), fontsize=SMALL, color=INK, va="center")
        values = (spread_text(row.overall_accuracy, 1), compact(row.parameters), compact(row.macs))
        for right, text in zip(COLUMNS[1:], values, strict=True):
            axes.text(right, y, text, fontsize=SMALL, color=INK, ha="right", va="center")
