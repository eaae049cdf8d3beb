"""Text that is measured before it is placed."""

from functools import lru_cache

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties

from spectralmamba.reporting.style import new_figure

_POINTS_PER_INCH = 72.0


@lru_cache(maxsize=1)
def _canvas() -> FigureCanvasAgg:
    canvas = new_figure(1, 1).canvas
    assert isinstance(canvas, FigureCanvasAgg)  # noqa: S101 - new_figure makes it so
    return canvas


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line in inches, at ``size`` points."""
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    renderer = _canvas().get_renderer()  # type: ignore[no-untyped-call]
    width, _, _ = renderer.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / _canvas().figure.dpi


def line_height(size: float) -> float:
    """Inches from one line to the next, at ``size`` points."""
    return 1.32 * size / _POINTS_PER_INCH


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
    """Break text into lines of at most ``width`` inches; a word that is longer has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fit(text: str, width: float, size: float) -> str:
    """Cut a line to ``width`` inches, with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    short = text
    while len(short) > 1 and text_width(short.rstrip() + "…", size) > width:
        short = short[:-1]
    return short.rstrip() + "…"
