"""Mean spectra of classes."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from spectralmamba.labels import ClassTable
from spectralmamba.reporting.style import INK, MUTED, SMALL, TEXT, new_figure, plain_axes, save_figure, shorten

Floats = NDArray[np.floating]

LINE_HEIGHT = 0.19  # inches of a label beside the lines
LEFT, BESIDE, PER_LETTER = 0.8, 1.2, 0.075  # inches: left of the axes, right of them, and for each letter of a name
WIDTH, LEAST_HEIGHT = 10.0, 4.6  # inches
LONGEST = 24  # letters of a name
DROPPED = 1.75  # a step between neighbours above this many usual ones means that bands were dropped between
NEVER_THERE = 5.0  # a step this many usual ones long is a gap in the product, whatever the bands' positions
USUAL = 9  # steps around a place that tell what is usual there; detectors of one sensor differ


def figure_spectra(
    samples_by_class: Mapping[int, Floats],
    wavelengths: Floats,
    table: ClassTable,
    path: Path,
    *,
    bands: NDArray[np.integer] | None = None,
    unit: str = "value in the scene",
) -> None:
    """Draw mean ± standard deviation of the spectra of each class.

    Parameters
    ----------
    samples_by_class : mapping of int to ndarray, shape (n, n_bands)
        By class number; NaN counts as missing. Classes without samples are left out.
    wavelengths : ndarray, shape (n_bands,)
        In nm; where one is NaN the band's number is drawn instead.
    table : ClassTable
        Names and colours.
    path : Path
    bands : ndarray of int, shape (n_bands,), optional
        Position of each band in the scene (from 0), so that lines break exactly where bands were dropped, and where the
        product has none over a wide range; without it they break where the step between wavelengths is out of the
        ordinary. They break at missing means either way.
    unit : str
        What the values are, for the axis.

    Raises
    ------
    LabelError
        The table does not have one of the classes.
    OutputError
        The figure cannot be written.
    """
    spectra = {n: np.asarray(s, np.float64) for n, s in samples_by_class.items() if len(s)}
    height = max(LEAST_HEIGHT, LINE_HEIGHT * len(spectra) + 1.0)
    longest = max((len(shorten(table.name_of(n), LONGEST)) for n in spectra), default=0)
    wide = WIDTH - LEFT - BESIDE - longest * PER_LETTER
    figure = new_figure(WIDTH, height)
    axes = figure.add_axes((LEFT / WIDTH, 0.6 / height, wide / WIDTH, (height - 0.8) / height))
    ends = draw_spectra_by_class(axes, spectra, wavelengths, table, bands=bands, unit=unit)
    _name_lines(axes, ends, {n: len(s) for n, s in spectra.items()}, table)
    save_figure(figure, path)


def draw_spectra_by_class(
    axes: Axes,
    spectra: Mapping[int, Floats],
    wavelengths: Floats,
    table: ClassTable,
    *,
    bands: NDArray[np.integer] | None = None,
    unit: str = "value in the scene",
) -> dict[int, float]:
    """Draw mean ± standard deviation of the spectra of each class into axes; see :func:`figure_spectra`.

    Returns
    -------
    dict of int to float
        By class number, where its line ends.
    """
    known = bool(np.isfinite(wavelengths).all())
    numbers = np.arange(len(wavelengths)) if bands is None else np.asarray(bands)
    x = np.asarray(wavelengths, np.float64) if known else numbers + 1.0
    breaks = _breaks(x, bands)
    ends: dict[int, float] = {}
    for number, values in spectra.items():
        colour = table.colours[table.numbers.index(number)]
        spread = _mean_and_spread(values)
        _draw_class(axes, x, spread, breaks, colour)
        finite = spread[0][np.isfinite(spread[0])]
        if finite.size:
            ends[number] = float(finite[-1])
    _finish(axes, known, unit)
    return ends


def _mean_and_spread(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n_bands,) of what is there; NaN where nothing is."""
    finite = np.isfinite(values)
    count = np.where(finite.any(axis=0), finite.sum(axis=0), np.nan)
    mean = np.where(finite, values, 0).sum(axis=0) / count
    variance = (np.where(finite, values - mean, 0) ** 2).sum(axis=0) / count
    return mean, np.sqrt(variance)


def _breaks(x: Floats, bands: NDArray[np.integer] | None) -> NDArray[np.intp]:
    """Places before which a line has to end: dropped bands, and the start of another detector."""
    steps = np.diff(x)
    if steps.size == 0:
        return np.empty(0, np.intp)
    half = USUAL // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(np.abs(steps), half, mode="edge"), USUAL)
    usual = np.median(around, axis=1)
    if bands is None:
        return np.flatnonzero((steps > DROPPED * usual) | (steps <= 0)) + 1
    return np.flatnonzero((np.diff(bands) > 1) | (steps > NEVER_THERE * usual) | (steps <= 0)) + 1


def _draw_class(axes: Axes, x: Floats, spread: tuple[Floats, Floats], breaks: NDArray[np.intp], colour: str) -> None:
    mean, std = spread
    at, middle, low, high = (np.insert(v, breaks, np.nan) for v in (x, mean, mean - std, mean + std))
    axes.fill_between(at, low, high, color=colour, alpha=0.13, linewidth=0)
    axes.plot(at, middle, color=colour, linewidth=1.5, solid_capstyle="round")
    there = np.isfinite(np.concatenate([[np.nan], middle, [np.nan]]))
    alone = there[1:-1] & ~there[:-2] & ~there[2:]  # a band between two gaps has no line
    axes.plot(at[alone], middle[alone], color=colour, marker=".", markersize=4, linestyle="none")


def _finish(axes: Axes, known: bool, unit: str) -> None:
    plain_axes(axes)
    axes.margins(x=0.01)
    axes.set_xlabel("wavelength (nm)" if known else "band number", fontsize=TEXT, color=INK)
    axes.set_ylabel(f"{unit}, mean ± std", fontsize=TEXT, color=INK)


def _name_lines(axes: Axes, ends: dict[int, float], counts: dict[int, int], table: ClassTable) -> None:
    """Write each class beside the end of its line, moved apart where they would meet."""
    if not ends:
        return
    figure = axes.figure
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    inches = axes.get_position().height * figure.get_figheight()  # type: ignore[union-attr]
    order = sorted(ends, key=lambda n: ends[n])
    wanted = np.array([(ends[n] - low) / (high - low) for n in order])
    placed = move_apart(wanted, LINE_HEIGHT / inches)
    for number, start, y in zip(order, wanted, placed, strict=True):
        colour = table.colours[table.numbers.index(number)]
        axes.plot([1.0, 1.03], [start, y], color=colour, linewidth=1.0, transform=axes.transAxes, clip_on=False)
        axes.plot([1.03, 1.055], [y, y], color=colour, linewidth=3.0, transform=axes.transAxes, clip_on=False)
        name = shorten(table.name_of(number), LONGEST)
        text = axes.text(1.065, y, name, transform=axes.transAxes, fontsize=TEXT, va="center_baseline")
        axes.annotate(f"  {counts[number]:,}", (1, 0), xycoords=text, fontsize=SMALL, color=MUTED, va="bottom")
    head = placed[-1] + LINE_HEIGHT / inches
    axes.text(1.065, head, "class  pixels", transform=axes.transAxes, fontsize=SMALL, color=MUTED, va="center_baseline")


def move_apart(wanted: Floats, distance: float) -> Floats:
    """Move ascending places within 0..1 apart, each as little as keeps ``distance`` between neighbours.

    Neighbours that would meet form a group around the middle of what they want, as long as it lies within 0..1.
    """
    groups: list[tuple[float, int]] = []  # middle, members
    for place in wanted:
        groups.append((float(place), 1))
        while len(groups) > 1 and _meet(groups[-2], groups[-1], distance):
            (a, n), (b, m) = groups[-2:]
            groups[-2:] = [((a * n + b * m) / (n + m), n + m)]
    placed = [m + distance * (i - (n - 1) / 2) for m, n in groups for i in range(n)]
    return _inside(np.array(placed), distance)


def _meet(lower: tuple[float, int], upper: tuple[float, int], distance: float) -> bool:
    return upper[0] - lower[0] < distance * (lower[1] + upper[1]) / 2


def _inside(places: Floats, distance: float) -> Floats:
    """Push places that stick out back, and their neighbours with them."""
    n = len(places)
    steps = np.arange(n) * distance
    inside: Floats = np.minimum(np.maximum(places, steps), 1 - distance - steps[::-1])
    return inside
