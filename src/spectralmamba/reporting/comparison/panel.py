"""A scene, what was learned from it, and every model's map of it (the paper's Figures 4 and 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from scipy import ndimage

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.reporting.comparison.caption import about_data
from spectralmamba.reporting.comparison.looks import looks_of
from spectralmamba.reporting.comparison.model_maps import ModelMaps, Numbers, OnMap, compute_maps
from spectralmamba.reporting.comparison.sheet import Area, Section, draw_sheet
from spectralmamba.reporting.comparison.swatches import ROW, Swatch, draw_swatches, swatch_rows
from spectralmamba.reporting.comparison.text import line_height, text_width, wrap
from spectralmamba.reporting.comparison.tiling import GAP, Tiling, tile
from spectralmamba.reporting.false_colour import FalseColour, false_colour
from spectralmamba.reporting.maps import SMALLEST_DOT, are_points, class_colours
from spectralmamba.reporting.scale_bar import add_scale_bar
from spectralmamba.reporting.style import INK, LINE, MUTED, NO_DATA, SMALL, TEXT

WIDTH, NARROWEST = 10.4, 6.5  # inches of the body at most, and at least
UNDER_TITLE, INTO_GAP = 0.05, 0.11  # inches: below a heading, and how far it may reach beyond its picture
MOST_LINES = 7  # of a heading
TITLE_SIZES = (TEXT, SMALL, SMALL - 1, SMALL - 2)  # points; the first at which no word is wider than its picture

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Heading:
    """What stands above a picture."""

    title: str
    note: str

    def lines(self, width: float, size: float) -> list[tuple[str, bool]]:
        """Wrap to a width in inches; with each line whether it is of the title."""
        note = wrap(self.note, width, min(size, SMALL))
        return [*((line, True) for line in wrap(self.title, width, size)), *((line, False) for line in note)]


def figure_panel(benchmark: Benchmark, path: Path, *, on_map: OnMap | None = None) -> None:
    """Draw false colour, training and test labels, and the map of each model's run of the first seed and fold.

    Maps are computed from the run directories that ``benchmark --keep-runs`` kept, of every pixel of the scene; they
    are then shown at the resolution of the false colour picture, 1500 pixels a side at most.

    Parameters
    ----------
    benchmark : Benchmark
    path : Path
    on_map : callable, optional
        Called with how many maps are computed, how many there will be, and the model's name.

    Raises
    ------
    RunError
        A run directory is missing or damaged.
    SceneError
        The scene is not where it was.
    OutputError
        The figure cannot be written.
    """
    maps = compute_maps(benchmark, on_map)
    picture = false_colour(maps.scene)
    headings = _headings(benchmark, maps, picture)
    height, width = picture.valid.shape
    tiling, size = _tiling(width / height, headings)
    images = _images(maps, picture, SMALLEST_DOT * maps.scene.shape[2] / tiling.width)
    page = max(tiling.used, NARROWEST)
    legend = swatch_rows(_swatches(maps, gaps=not picture.valid.all()), page)
    below = len(legend) * ROW + GAP

    def draw(area: Area) -> None:
        for i, (heading, image) in enumerate(zip(headings, images, strict=True)):
            left, bottom = tiling.place(i)
            axes = area.axes(left, below + bottom, tiling.width, tiling.height)
            _draw_picture(axes, image, heading.lines(tiling.width + INTO_GAP, size), size, tiling)
            if i == 0:
                add_scale_bar(axes, maps.scene, picture.step, tiling.width)
        draw_swatches(area.canvas(), legend, 0.0, len(legend) * ROW)

    text = [*about_data(benchmark), *_notes(benchmark, maps)]
    draw_sheet([Section(benchmark.summary.title, text, below + tiling.total, draw)], page, path)


def _headings(benchmark: Benchmark, maps: ModelMaps, picture: FalseColour) -> list[Heading]:
    looks = looks_of(benchmark.protocol.models)
    return [
        Heading("False colour", picture.bands),
        Heading("Training labels", f"{int((maps.train > 0).sum()):,} pixels"),
        Heading("Test labels", f"{int((maps.test > 0).sum()):,} pixels"),
        *(Heading(looks[r.name].name, f"OA {100 * r.matrix.overall_accuracy:.1f} %") for r in maps.results),
    ]


def _tiling(aspect: float, headings: Sequence[Heading]) -> tuple[Tiling, float]:
    """Arrange the pictures below headings of as many lines as the longest needs; give the headings' size as well."""
    words = [word for heading in headings for word in heading.title.split()]
    for size in TITLE_SIZES:
        for lines in range(2, MOST_LINES + 1):
            tiling = tile(aspect, len(headings), WIDTH, lines * line_height(size) + UNDER_TITLE)
            room = tiling.width + INTO_GAP
            if max(len(heading.lines(room, size)) for heading in headings) <= lines:
                break
        if all(text_width(word, size) <= room for word in words):
            break
    return tiling, size


def _images(maps: ModelMaps, picture: FalseColour, dot: float) -> list[Image]:
    """Colour everything, (h, w, 3), in the order of the headings.

    Labels of single pixels, and all of a scene that is single pixels itself (labelled spectra), grow to ``dot`` pixels
    of the scene, so that they can be seen.
    """
    step, size = picture.step, max(int(np.ceil(dot)), picture.step)
    sparse = are_points(picture.valid.astype(np.uint8))
    labels = [_shown(n, step, size if sparse or are_points(n) else step) for n in (maps.train, maps.test)]
    classes = [_shown(numbers, step, size if sparse else 1) for numbers in maps.maps]
    coarse = size // step if sparse else 1
    valid = _shown(picture.valid.astype(np.uint8), 1, coarse) > 0
    blank = np.array(to_rgb(NO_DATA), np.float32)
    colours = (class_colours(numbers, maps.table) for numbers in (*labels, *classes))
    return [np.where(valid[..., None], image, blank) for image in (_grown_rgb(picture, coarse), *colours)]


def _shown(numbers: Numbers, step: int, size: int) -> Numbers:
    """Keep every ``step``-th pixel, after numbers have grown over zeros to ``size`` pixels a side."""
    if size > 1:
        grown: Numbers = ndimage.maximum_filter(numbers, size=size, mode="constant")
        numbers = np.where(numbers > 0, numbers, grown)
    return numbers[::step, ::step]


def _grown_rgb(picture: FalseColour, size: int) -> Image:
    """Grow the colours of single pixels."""
    grown: Image = ndimage.maximum_filter(picture.rgb, size=(size, size, 1), mode="constant")
    return np.where(picture.valid[..., None], picture.rgb, grown)


def _swatches(maps: ModelMaps, *, gaps: bool) -> list[Swatch]:
    """Name the classes that any of the pictures shows."""
    shown = {int(n) for numbers in (*maps.maps, maps.train, maps.test) for n in np.unique(numbers)}
    swatches = [
        Swatch(name, {"facecolor": colour, "edgecolor": MUTED, "linewidth": 0.4})
        for number, name, colour in maps.table.classes
        if number in shown
    ]
    empty = Swatch("no data", {"facecolor": NO_DATA, "edgecolor": LINE, "linewidth": 0.4})
    return [*swatches, empty] if gaps else swatches


def _draw_picture(axes: Axes, image: Image, lines: Sequence[tuple[str, bool]], size: float, tiling: Tiling) -> None:
    """Draw an image, its heading above it."""
    axes.imshow(image, interpolation="nearest", aspect="auto")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color(LINE)
    for i, (line, of_title) in enumerate(reversed(lines)):
        y = 1 + (UNDER_TITLE + i * line_height(size)) / tiling.height
        font, colour = (size, INK) if of_title else (min(size, SMALL), MUTED)
        axes.text(0, y, line, transform=axes.transAxes, fontsize=font, color=colour, va="bottom")


def _notes(benchmark: Benchmark, maps: ModelMaps) -> list[str]:
    """Say which runs are shown, and what else has to be known of the pictures."""
    looks = looks_of(benchmark.protocol.models)
    runs: dict[str, list[str]] = {}
    for result in maps.results:
        fold = "" if result.fold is None else f", test fold {result.fold}"
        runs.setdefault(f"seed {result.seed}{fold}", []).append(looks[result.name].name)
    first, *others = runs
    notes = [f"Maps, labels and OA: of one run each, {first}."]
    notes += [f"Of {'; '.join(runs[other])}: {other}." for other in others]
    if maps.among > 1:
        notes.append(f"Shown is {maps.key}, one of {maps.among} scenes; OA is of the test pixels of all.")
    notes.append("Training labels hold the validation pixels too.")
    if are_points(maps.train) or are_points(maps.test):
        notes.append("Single pixels are drawn larger than they are.")
    if not maps.same_split:
        name = looks[maps.results[0].name].name
        notes.append(f"Models that look further leave out more training pixels; shown are those of {name}.")
    return notes
