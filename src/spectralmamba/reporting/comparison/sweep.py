"""Accuracy and costs over R, the parameter of PSS, in both layouts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.errors import RunError
from spectralmamba.reporting.comparison.caption import caption
from spectralmamba.reporting.comparison.figures import compact
from spectralmamba.reporting.comparison.looks import COLOURS
from spectralmamba.reporting.comparison.sheet import Area, Section, draw_sheet
from spectralmamba.reporting.comparison.variants import Variant, variants_of
from spectralmamba.reporting.style import INK, SMALL, TEXT, plain_axes

WIDTH, HEIGHT = 10.4, 3.7  # inches of the body
LEFT, BOTTOM, TOP = 0.7, 0.6, 0.35  # inches around the axes
APART = 0.75  # inches between them
SHARES = (0.44, 0.28, 0.28)  # of the width, for OA, parameters and MACs
LAYOUTS = {"adjacent": (COLOURS["spectralmamba"], "o"), "parallel": (COLOURS["spectralformer"], "^")}
DASHES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (5, 1.5, 1, 1.5)))
_LEAD = (
    "R is PSS's parameter: neighbouring bands in a token (adjacent), or long pieces scanned side by side (parallel); "
    "bands show ± one standard deviation; MACs of one sample, by the paper's rule."
)
_COSTS: tuple[tuple[str, Callable[[Variant], float]], ...] = (
    ("parameters", lambda variant: variant.row.parameters),
    ("MACs of one sample", lambda variant: variant.row.macs),
)


@dataclass(frozen=True, eq=False)
class Series:
    """One line: entries of one layout, alike but for R, in the order of R."""

    layout: str
    kind: str
    variants: tuple[Variant, ...]

    @property
    def sizes(self) -> list[int]:
        """R of each."""
        return [variant.piece_size for variant in self.variants]

    def values(self, read: Callable[[Variant], float]) -> NDArray[np.float64]:
        """Read a figure of each."""
        return np.array([read(variant) for variant in self.variants], np.float64)


def figure_sweep(benchmarks: Sequence[Benchmark], path: Path) -> None:
    """Draw OA ± std, parameters and MACs over R.

    Parameters
    ----------
    benchmarks : sequence of Benchmark
    path : Path

    Raises
    ------
    RunError
        A benchmark has no two entries of SpectralMamba that differ in ``piece_size`` alone.
    OutputError
        The figure cannot be written.
    """
    draw_sheet([_section(benchmark) for benchmark in benchmarks], WIDTH, path)


def _section(benchmark: Benchmark) -> Section:
    series = series_of(variants_of(benchmark))
    if not series:
        raise RunError(
            f"{benchmark.folder} has no sweep: it needs entries of spectralmamba that differ in piece_size and layout "
            "alone; run one such as the protocol houston2013-sweep"
        )
    shown = benchmark.with_rows([variant.row.name for line in series for variant in line.variants])
    text = [_LEAD, *caption(shown)]
    if any(_behind(series, i, read) for i in range(len(series)) for _, read in _COSTS):
        text.append("Where both layouts cost the same, their lines lie on one another.")
    return Section(benchmark.summary.title, text, HEIGHT, lambda area: _draw(area, series))


def series_of(variants: Sequence[Variant]) -> list[Series]:
    """Group entries into lines of at least two values of R.

    R = 1, PSS off, is the same in both layouts and belongs to each line; GSSM, S6, form and all other options are the
    same along a line.
    """
    groups: dict[tuple[object, ...], dict[int, Variant]] = {}
    kinds: dict[tuple[object, ...], str] = {}
    for variant in variants:
        for layout in LAYOUTS if not variant.pss else (variant.layout,):
            key = (variant.entry.patch_size, variant.gssm, variant.s6, variant.others, layout)
            groups.setdefault(key, {}).setdefault(variant.piece_size, variant)
            kinds[key] = _kind(variant)
    lines = {key: tuple(group[size] for size in sorted(group)) for key, group in groups.items()}
    lines = {key: line for key, line in lines.items() if sum(variant.pss for variant in line) > 1}
    several = len({key[:-1] for key in lines}) > 1
    return [Series(str(key[-1]), kinds[key] if several else "", line) for key, line in lines.items()]


def _kind(variant: Variant) -> str:
    """Say what is the same along a line."""
    off = [name for name, on in (("GSSM", variant.gssm or variant.entry.patch_size == 1), ("S6", variant.s6)) if not on]
    others = [f"{name} {value}" for name, value in variant.others]
    return ", ".join([variant.row.form, *(f"no {name}" for name in off), *others])


def _draw(area: Area, series: Sequence[Series]) -> None:
    room = WIDTH - LEFT - 2 * APART - 0.1
    lefts = [LEFT + sum(SHARES[:i]) * room + i * APART for i in range(len(SHARES))]
    panels = [
        area.axes(left, BOTTOM, share * room, HEIGHT - BOTTOM - TOP) for left, share in zip(lefts, SHARES, strict=True)
    ]
    dashes = {kind: DASHES[i % len(DASHES)] for i, kind in enumerate(dict.fromkeys(line.kind for line in series))}
    for line in series:
        _draw_accuracy(panels[0], line, dashes[line.kind])
    for axes, (title, read) in zip(panels[1:], _COSTS, strict=True):
        _draw_cost(axes, series, read, dashes)
        axes.set_ylabel(title, fontsize=TEXT, color=INK)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: compact(value)))
    panels[0].set_ylabel("overall accuracy (%)", fontsize=TEXT, color=INK)
    sizes = sorted({size for line in series for size in line.sizes})
    for axes in panels:
        _finish(axes, sizes)
    handles, labels = panels[0].get_legend_handles_labels()
    area.figure.legend(
        handles, labels, loc="upper left", fontsize=SMALL, frameon=False, ncols=min(len(labels), 4), borderaxespad=0,
        borderpad=0,
        bbox_to_anchor=_share(area, LEFT, HEIGHT - 0.02),
    )  # fmt: skip


def _share(area: Area, x: float, y: float) -> tuple[float, float]:
    """Turn a place within the area into shares of the figure."""
    wide, high = area.figure.get_size_inches()
    return (area.left + x) / wide, (area.bottom + y) / high


def _draw_accuracy(axes: Axes, line: Series, dash: Any) -> None:  # noqa: ANN401 - what matplotlib takes
    colour, marker = LAYOUTS[line.layout]
    mean = line.values(lambda variant: variant.row.overall_accuracy.mean)
    std = line.values(lambda variant: variant.row.overall_accuracy.std)
    if np.isfinite(std).any():
        axes.fill_between(line.sizes, mean - std, mean + std, color=colour, alpha=0.15, linewidth=0)
    label = f"{line.layout}, {line.kind}" if line.kind else line.layout
    axes.plot(line.sizes, mean, color=colour, marker=marker, markersize=5.5, linewidth=1.7, linestyle=dash, label=label)


def _draw_cost(
    axes: Axes, series: Sequence[Series], read: Callable[[Variant], float], dashes: Mapping[str, Any]
) -> None:
    """Draw a cost over R; where both layouts cost the same the second is hollow, larger and below the first."""
    for i, line in enumerate(series):
        colour, marker = LAYOUTS[line.layout]
        behind = _behind(series, i, read)
        axes.plot(
            line.sizes, line.values(read), color=colour, marker=marker, linestyle=dashes[line.kind],
            markersize=10 if behind else 5.5, markerfacecolor="white" if behind else colour,
            linewidth=4.5 if behind else 1.7, alpha=0.55 if behind else 1.0, zorder=1.9 if behind else 2.5,
        )  # fmt: skip
    axes.set_ylim(0, 1.12 * max(float(line.values(read).max()) for line in series))


def _behind(series: Sequence[Series], i: int, read: Callable[[Variant], float]) -> bool:
    """Whether an earlier line has the same values, and would be hidden."""
    return any(
        line.sizes == series[i].sizes and np.array_equal(line.values(read), series[i].values(read))
        for line in series[:i]
    )


def _finish(axes: Axes, sizes: Sequence[int]) -> None:
    plain_axes(axes)
    axes.set_xticks(sizes, [f"{size}\n(off)" if size == 1 else str(size) for size in sizes])
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.set_xlabel("R", fontsize=TEXT, color=INK)
