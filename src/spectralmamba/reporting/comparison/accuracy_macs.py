"""Accuracy against multiply-accumulates, the size of a model as the area of its marker."""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.errors import RunError
from spectralmamba.reporting.comparison.caption import caption
from spectralmamba.reporting.comparison.figures import between, compact, round_down
from spectralmamba.reporting.comparison.label_places import place_labels
from spectralmamba.reporting.comparison.looks import FORMS, looks_of
from spectralmamba.reporting.comparison.points import Point, measured_points, published_points, published_sources
from spectralmamba.reporting.comparison.radar import without_macs
from spectralmamba.reporting.comparison.sheet import Area, Section, draw_sheet
from spectralmamba.reporting.comparison.text import text_width
from spectralmamba.reporting.style import INK, MUTED, SMALL, TEXT, plain_axes

WIDTH, HEIGHT = 9.0, 4.9  # inches of the body
LEFT, BOTTOM, BESIDE = 0.75, 0.6, 1.65  # inches around the axes; beside them stand the legends
LARGEST, SMALLEST = 480.0, 10.0  # square points of a marker's area
SPACE = 0.16  # of the range left free around the points, on each side
_LEAD = (
    "MACs of one sample by the paper's rule (convolutions and linear layers), logarithmic; the marker's area is "
    "proportional to the parameters."
)


def figure_accuracy_macs(benchmarks: Sequence[Benchmark], path: Path) -> None:
    """Draw OA ± std of each model against its MACs, published figures as hollow markers.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    path : Path

    Raises
    ------
    RunError
        A benchmark has no model with MACs.
    OutputError
        The figure cannot be written.
    """
    draw_sheet([_section(benchmark) for benchmark in benchmarks], WIDTH, path)


def _section(benchmark: Benchmark) -> Section:
    measured, published = measured_points(benchmark), published_points(benchmark)
    if not measured:
        raise RunError(f"{benchmark.folder} has no model with MACs; this figure needs one at least")
    looks = looks_of(benchmark.protocol.models)
    left_out = [looks[row.name].name for row in benchmark.summary.rows if row.macs <= 0]
    text = [_LEAD, *caption(benchmark), *without_macs(left_out), *(published_sources(benchmark) if published else ())]
    return Section(benchmark.summary.title, text, HEIGHT, lambda area: _draw(area, [*measured, *published]))


def _draw(area: Area, points: Sequence[Point]) -> None:
    axes = area.axes(LEFT, BOTTOM, WIDTH - LEFT - BESIDE, HEIGHT - BOTTOM - 0.05)
    scale = LARGEST / max(point.area_parameters for point in points)
    areas = [max(point.area_parameters * scale, SMALLEST) / marker_share(point.marker) for point in points]
    _limit(axes, points)
    for point, size in sorted(zip(points, areas, strict=True), key=lambda pair: -pair[1]):
        _mark(axes, point, size)
    _name(axes, points, areas)
    _write_axes(axes)
    _size_legend(area, points, scale)
    _kind_legend(area, points)


@cache
def marker_share(marker: str) -> float:
    """Share of its square that a marker covers; matplotlib sizes the square, so that circles would be too small."""
    style = MarkerStyle(marker)
    polygons = style.get_path().transformed(style.get_transform()).to_polygons(closed_only=True)
    corners = [np.asarray(polygon) for polygon in polygons]
    return float(sum(abs(np.dot(p[:-1, 0], p[1:, 1]) - np.dot(p[1:, 0], p[:-1, 1])) / 2 for p in corners))


def _limit(axes: Axes, points: Sequence[Point]) -> None:
    """Choose the limits so that markers, whiskers and labels have room."""
    macs = np.log10([point.macs for point in points])
    spread = np.nan_to_num([point.std for point in points])
    accuracy = np.array([point.accuracy for point in points])
    low, high = float((accuracy - spread).min()), float((accuracy + spread).max())
    wide, tall = max(float(np.ptp(macs)), 0.5), max(high - low, 0.5)
    axes.set_xscale("log")
    axes.set_xlim(10 ** (macs.min() - SPACE * wide), 10 ** (macs.max() + SPACE * wide))
    top = high + SPACE * tall
    axes.set_ylim(low - SPACE * tall, top if top <= 100 else max(high, 100.0) + 0.02 * tall)


def _mark(axes: Axes, point: Point, size: float) -> None:
    face = (point.colour, 0.75) if point.measured else "none"
    edge = "white" if point.measured else point.colour
    if np.isfinite(point.std):
        axes.errorbar(point.macs, point.accuracy, point.std, color=point.colour, linewidth=1.1, capsize=2.5, zorder=2)
    axes.scatter(
        point.macs, point.accuracy, s=size, marker=point.marker, facecolor=face, edgecolor=edge,
        linewidth=0.6 if point.measured else 1.4, zorder=3,
    )  # fmt: skip


def _name(axes: Axes, points: Sequence[Point], areas: Sequence[float]) -> None:
    """Write each label beside its marker, with a line to it where it had to go further."""
    figure = axes.figure
    to_points = 72 / figure.dpi
    xy = axes.transData.transform([(point.macs, point.accuracy) for point in points]) * to_points
    radii = np.sqrt(np.array(areas)) / 2
    sizes = np.array([(72 * text_width(point.label, SMALL), SMALL * 1.2) for point in points])
    bounds = [axes.bbox.x0 * to_points, axes.bbox.y0 * to_points, axes.bbox.x1 * to_points, axes.bbox.y1 * to_points]
    places = place_labels(xy, radii, sizes, bounds, _whiskers(axes, points))
    for point, place, start, radius, size in zip(points, places, xy, radii, sizes, strict=True):
        away = place - start
        edge = np.clip(away, -size / 2, size / 2)  # from the label's middle to its edge that faces the marker
        line = {"arrowstyle": "-", "color": MUTED, "linewidth": 0.6, "shrinkA": 0, "shrinkB": radius}
        far = np.hypot(*(away - edge)) > radius + 4
        axes.annotate(
            point.label, xy=(point.macs, point.accuracy), xytext=tuple(away), textcoords="offset points",
            fontsize=SMALL, color=INK, ha="center", va="center", zorder=4, arrowprops=line if far else None,
        )  # fmt: skip


def _whiskers(axes: Axes, points: Sequence[Point]) -> np.ndarray:
    """Rectangles of the whiskers, in points."""
    rows = []
    for point in points:
        if np.isfinite(point.std):
            ends = [(point.macs, point.accuracy - point.std), (point.macs, point.accuracy + point.std)]
            (x, low), (_, high) = axes.transData.transform(ends) * 72 / axes.figure.dpi
            rows.append((x - 2.5, low, x + 2.5, high))
    return np.array(rows, np.float64).reshape(-1, 4)


def _write_axes(axes: Axes) -> None:
    plain_axes(axes)
    low, high = axes.get_xlim()
    ticks = between(low, high)
    axes.xaxis.set_major_locator(FixedLocator(ticks if len(ticks) <= 9 else between_decades(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    axes.set_xlabel("MACs of one sample", fontsize=TEXT, color=INK)
    axes.set_ylabel("overall accuracy (%)", fontsize=TEXT, color=INK)


def between_decades(low: float, high: float) -> list[float]:
    """Powers of ten within a range."""
    return [value for value in between(low, high) if math.log10(value) % 1 < 1e-9]


def _size_legend(area: Area, points: Sequence[Point], scale: float) -> None:
    """Show three round sizes, to the scale of the markers."""
    largest = round_down(max(point.area_parameters for point in points))
    least = max(min(point.area_parameters for point in points), SMALLEST / scale, largest / 100)
    shown = list(dict.fromkeys((largest, round_down(math.sqrt(largest * least)), round_down(least))))
    axes = area.axes(WIDTH - BESIDE + 0.15, HEIGHT - 1.85, BESIDE - 0.15, 1.8)
    axes.set(xlim=(0, BESIDE - 0.15), ylim=(0, 1.8))
    axes.set_axis_off()
    axes.text(0, 1.8, "parameters", fontsize=SMALL, color=MUTED, va="top")
    y = 1.58
    for value in shown:
        size = value * scale / marker_share("o")
        radius = math.sqrt(size) / 2 / 72
        y -= radius
        axes.scatter(0.3, y, s=size, facecolor="none", edgecolor=MUTED, linewidth=0.9)
        axes.text(0.66, y, compact(value), fontsize=SMALL, color=INK, va="center")
        y -= radius + 0.09 + max(0.0, 0.07 - radius)


def _kind_legend(area: Area, points: Sequence[Point]) -> None:
    """Explain shapes, and hollow markers where there are any."""
    forms = list(dict.fromkeys(point.form for point in points))
    plain = all(point.marker == FORMS[point.form] for point in points)
    handles = [_sample(FORMS[form], MUTED, form) for form in forms] if plain else []
    if not all(point.measured for point in points):
        handles += [_sample("o", "none", "hollow: published")]
    if not handles:
        return
    axes = area.axes(WIDTH - BESIDE + 0.1, HEIGHT - 2.75, BESIDE - 0.1, 1.2)
    axes.set_axis_off()
    axes.legend(handles=handles, loc="upper left", fontsize=SMALL, frameon=False, borderpad=0, labelcolor=INK)


def _sample(marker: str, face: str, label: str) -> Line2D:
    return Line2D(
        [], [], marker=marker, linestyle="none", markersize=7, markerfacecolor=face, markeredgecolor=MUTED, label=label
    )  # fmt: skip
