"""One picture of a scene: false colour, labels, class map and confidence."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from scipy import ndimage

from spectralmamba.labels import ClassTable
from spectralmamba.reporting.false_colour import FalseColour, false_colour
from spectralmamba.reporting.layout import Layout, arrange, figure_width
from spectralmamba.reporting.legend import add_class_legend, class_legend_height
from spectralmamba.reporting.scale_bar import add_scale_bar
from spectralmamba.reporting.style import INK, LINE, MUTED, NO_DATA, SMALL, TITLE, UNLABELLED, new_figure, save_figure

CONFIDENCE_COLOURS = "viridis"
SMALLEST_DOT = 0.03  # inches; labelled single pixels are drawn no smaller than this
ROOM_FOR_NOTE = 3.2  # inches of a panel
POINTS_BELOW = 0.2  # labels of which a smaller share than this lies inside areas of 3×3 pixels are points

ClassMap = xr.DataArray | NDArray[np.integer]
Confidence = xr.DataArray | NDArray[np.floating]


@dataclass(frozen=True)
class _Panel:
    """A title with a note, what draws the image into axes, and whether its colours need a bar."""

    title: str
    draw: Callable[[Axes], AxesImage]
    note: str = ""
    bar: bool = False


def figure_scene(
    scene: xr.DataArray,
    labels: ClassMap | None,
    classes_map: ClassMap,
    confidence: Confidence | None,
    table: ClassTable,
    path: Path,
    *,
    truth: ClassMap | None = None,
) -> None:
    """Draw a scene and what was made of it: false colour, reference, class map and confidence.

    Large scenes are decimated to 1500 pixels a side while they are read. Pixels of the scene without data are light
    grey in every panel; labels of single pixels are drawn larger where they could not be seen otherwise, and the title
    says so.

    Parameters
    ----------
    scene : DataArray (band, y, x)
        May be lazy; three bands of it are read.
    labels : DataArray or ndarray of int, shape (height, width), optional
        Class numbers, 0 = unlabelled.
    classes_map : DataArray or ndarray of int, shape (height, width)
        Class numbers, 0 = no data.
    confidence : DataArray or ndarray of float, shape (height, width), optional
        0..1, NaN = no data.
    table : ClassTable
        Names and colours.
    path : Path
        The picture, PNG unless its suffix says otherwise.
    truth : DataArray or ndarray of int, shape (height, width), optional
        Dense truth, shown in place of the labels.

    Raises
    ------
    OutputError
        The picture cannot be written.
    """
    picture = false_colour(scene)
    height, width = picture.valid.shape
    reference = labels if truth is None else truth
    count = 2 + (reference is not None) + (confidence is not None)
    aspect = width / height
    gaps = not picture.valid.all()
    shown = _numbers_in(table, [a for a in (reference, classes_map) if a is not None])
    layout = arrange(aspect, count, class_legend_height(shown, figure_width(aspect, count), gaps=gaps))
    panels = [_Panel("False colour", lambda axes: axes.imshow(_with_gaps(picture.rgb, picture)), note=picture.bands)]
    if reference is not None:
        dot = SMALLEST_DOT * width / layout.panels[0][2]
        panels.append(_reference_panel(np.asarray(reference), table, picture, dense=truth is not None, dot=dot))
    panels.append(_class_panel("Class map", np.asarray(classes_map)[:: picture.step, :: picture.step], table, picture))
    if confidence is not None:
        panels.append(_confidence_panel(np.asarray(confidence), picture))
    figure = new_figure(layout.width, layout.height)
    axes = [_draw_panel(figure, layout, i, panel) for i, panel in enumerate(panels)]
    add_scale_bar(axes[0], scene, picture.step, layout.panels[0][2])
    add_class_legend(figure, shown, gaps=gaps)
    save_figure(figure, path)


def class_colours(numbers: NDArray[np.integer], table: ClassTable) -> NDArray[np.float32]:
    """Colour class numbers (h, w) as (h, w, 3); white where the table does not have them, 0 among these."""
    palette = np.array([*map(to_rgb, table.colours), to_rgb(UNLABELLED)], np.float32)
    colours: NDArray[np.float32] = palette[table.index_of(numbers)]  # -1 takes the last
    return colours


def _numbers_in(table: ClassTable, maps: list[ClassMap]) -> ClassTable:
    """Leave out of the table what no map shows."""
    present = {int(n) for values in maps for n in np.unique(np.asarray(values))}
    return table.without([n for n in table.numbers if n not in present])


def _with_gaps(rgb: NDArray[np.float32], picture: FalseColour) -> NDArray[np.float32]:
    """Paint the scene's pixels without data grey."""
    return np.where(picture.valid[..., None], rgb, np.array(to_rgb(NO_DATA), np.float32))


def _class_panel(title: str, numbers: NDArray[np.integer], table: ClassTable, picture: FalseColour) -> _Panel:
    rgb = _with_gaps(class_colours(numbers, table), picture)
    return _Panel(title, lambda axes: axes.imshow(rgb, interpolation="nearest"))


def _reference_panel(
    numbers: NDArray[np.integer], table: ClassTable, picture: FalseColour, *, dense: bool, dot: float
) -> _Panel:
    if dense:
        return _class_panel("Truth", numbers[:: picture.step, :: picture.step], table, picture)
    shown, enlarged = visible_labels(numbers, picture.step, dot)
    return _class_panel("Reference labels" + " (enlarged)" * enlarged, shown, table, picture)


def visible_labels(numbers: NDArray[np.integer], step: int, dot: float) -> tuple[NDArray[np.integer], bool]:
    """Decimate class numbers (h, w) for a picture, and make single pixels, where they are points, large enough to see.

    Parameters
    ----------
    numbers : ndarray of int, shape (h, w)
    step : int
        Every ``step``-th row and column is kept.
    dot : float
        Pixels of the picture that a point has to have.

    Returns
    -------
    numbers : ndarray of int
    enlarged : bool
        Whether points were made larger.
    """
    size = int(np.ceil(dot)) if are_points(numbers) else 1
    return _grown(decimated(numbers, step), size), size > 1


def are_points(numbers: NDArray[np.integer]) -> bool:
    """Whether few labelled pixels lie inside areas."""
    labelled = numbers > 0
    inside = ndimage.binary_erosion(labelled, np.ones((3, 3), bool))
    return bool(inside.sum() < POINTS_BELOW * labelled.sum())


def decimated(numbers: NDArray[np.integer], step: int) -> NDArray[np.integer]:
    """Keep every ``step``-th of class numbers (h, w); where it is unlabelled, take a labelled one of its block."""
    return _grown(numbers, step)[::step, ::step] if step > 1 else numbers


def _grown(numbers: NDArray[np.integer], size: int) -> NDArray[np.integer]:
    """Grow labels over unlabelled pixels to at least ``size`` pixels a side."""
    grown: NDArray[np.integer] = ndimage.maximum_filter(numbers, size=size, mode="constant")
    return np.where(numbers > 0, numbers, grown)


def _confidence_panel(confidence: NDArray[np.floating], picture: FalseColour) -> _Panel:
    values = np.ma.masked_invalid(confidence[:: picture.step, :: picture.step])

    def draw(axes: Axes) -> AxesImage:
        axes.imshow(_with_gaps(np.ones_like(picture.rgb), picture), interpolation="nearest")
        return axes.imshow(values, cmap=CONFIDENCE_COLOURS, vmin=0, vmax=1, interpolation="nearest")

    return _Panel("Confidence", draw, bar=True)


def _draw_panel(figure: Figure, layout: Layout, index: int, panel: _Panel) -> Axes:
    left, bottom, width, height = layout.panels[index]
    axes = figure.add_axes(layout.share((left, bottom, width, height)))
    image = panel.draw(axes)
    axes.set_title(panel.title, fontsize=TITLE, color=INK, loc="left", pad=5)
    _write_note(axes, panel.note, width)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(LINE)
    if panel.bar:
        length = min(height, 4.0)
        place = layout.share((left + width + 0.12, bottom + (height - length) / 2, 0.13, length))
        bar = figure.colorbar(image, cax=figure.add_axes(place), ticks=[0, 0.25, 0.5, 0.75, 1])
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=SMALL, color=LINE, labelcolor=INK)
    return axes


def _write_note(axes: Axes, note: str, width: float) -> None:
    """Write beside the title, or below the panel where it is narrow."""
    if width >= ROOM_FOR_NOTE:
        axes.set_title(note, fontsize=SMALL, color=MUTED, loc="right", pad=5)
    else:
        axes.set_xlabel(note, fontsize=SMALL, color=MUTED, loc="left", labelpad=3)
