"""The legend of classes below a figure of maps, in as many columns as fit."""

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Patch

from spectralmamba.labels import ClassTable
from spectralmamba.reporting.layout import MARGIN
from spectralmamba.reporting.style import LINE, MUTED, NO_DATA, TEXT, new_figure, shorten

MOST_COLUMNS = 8


def add_class_legend(figure: Figure, table: ClassTable, *, gaps: bool) -> Legend:
    """Put the classes, and 'no data' where there are gaps, at the figure's lower edge."""
    width = figure.get_figwidth()
    handles = _handles(table, gaps=gaps)
    for most in range(min(MOST_COLUMNS, len(handles)), 0, -1):
        rows = -(-len(handles) // most)
        columns = -(-len(handles) // rows)  # so that the columns are of one length, nearly
        legend = _legend(figure, handles, columns)
        if columns == 1 or _size(legend, figure)[0] <= width - 2 * MARGIN:
            return legend
        legend.remove()
    raise AssertionError("a legend of one column is always taken")


def class_legend_height(table: ClassTable, width: float, *, gaps: bool) -> float:
    """Measure the legend in a figure of this width; both in inches."""
    trial = new_figure(width, 4.0)
    return _size(add_class_legend(trial, table, gaps=gaps), trial)[1]


def _handles(table: ClassTable, *, gaps: bool) -> list[Artist]:
    swatches: list[Artist] = [
        Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4, label=shorten(name))
        for _, name, colour in table.classes
    ]
    if gaps:
        swatches.append(Patch(facecolor=NO_DATA, edgecolor=LINE, linewidth=0.4, label="no data"))
    return swatches


def _legend(figure: Figure, handles: list[Artist], columns: int) -> Legend:
    return figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, MARGIN / figure.get_figheight()),
        ncols=columns,
        fontsize=TEXT,
        frameon=False,
        handlelength=1.2,
        handleheight=1.2,
        columnspacing=1.6,
        borderaxespad=0,
        borderpad=0,
    )


def _size(legend: Legend, figure: Figure) -> tuple[float, float]:
    """Width and height in inches."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)  # noqa: S101 - new_figure makes it so
    box = legend.get_window_extent(canvas.get_renderer())  # type: ignore[no-untyped-call]
    return box.width / figure.dpi, box.height / figure.dpi
