"""What all figures share: type sizes, colours, and how one is begun and written."""

import warnings
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spectralmamba.files import replacing

DPI = 150
TITLE, TEXT, SMALL = 11.0, 9.5, 8.0  # points
INK, MUTED, LINE = "#222222", "#6b6b6b", "#c8c8c8"
NO_DATA, UNLABELLED = "#e4e4e4", "#ffffff"
FIRST, SECOND, MARK = "#1f5fa8", "#d9730d", "#2b8a3e"
LONGEST_NAME = 28


def new_figure(width: float, height: float) -> Figure:
    """Begin a figure of this size in inches; nothing of pyplot's global state is touched."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure whole or not at all, in the format of its suffix (PNG without one); its folder is made.

    Raises
    ------
    OutputError
        It cannot be written there.
    """
    with replacing(path) as partial:
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing")  # a class name in a script that the font lacks
            figure.savefig(partial, format=path.suffix.lstrip(".").lower() or "png", dpi=DPI)


def plain_axes(axes: Axes, *, grid: bool = True) -> None:
    """Take away what carries no information: the frame's right and top, dark ticks, a heavy grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(LINE)
    axes.tick_params(labelsize=SMALL, color=LINE, labelcolor=INK)
    if grid:
        axes.grid(color=LINE, linewidth=0.6, alpha=0.6)
        axes.set_axisbelow(True)


def shorten(name: str, longest: int = LONGEST_NAME) -> str:
    """Cut a long name, with an ellipsis."""
    return name if len(name) <= longest else name[: longest - 1].rstrip() + "…"
