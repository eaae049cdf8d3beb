"""A confusion matrix as a picture."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.reporting.style import INK, LINE, MUTED, SMALL, TEXT, new_figure, save_figure, shorten

CELL, SMALL_CELL = 0.52, 0.36  # inches
MANY, TOO_MANY = 16, 40  # classes from which cells shrink, and from which they hold no numbers
PER_LETTER = 0.078  # inches of a name's letter
DARK = 55.0  # per cent from which the number is white


def figure_confusion(matrix: ConfusionMatrix, path: Path) -> None:
    """Draw the share of each reference class that each class was predicted for, in per cent of the row.

    The number of reference pixels stands right of each row; '–' marks a class that has none. Cells without a pixel
    are empty.

    Parameters
    ----------
    matrix : ConfusionMatrix
    path : Path

    Raises
    ------
    OutputError
        The figure cannot be written.
    """
    n = len(matrix.names)
    names = [shorten(name, 22) for name in matrix.names]
    label = max(map(len, names)) * PER_LETTER + 0.15
    side = n * (CELL if n < MANY else SMALL_CELL)
    left, bottom, right, top = label + 0.35, max(label * 0.75, 0.3) + 0.4, 0.95, 0.45
    width, height = left + side + right, bottom + side + top
    figure = new_figure(width, height)
    axes = figure.add_axes((left / width, bottom / height, side / width, side / height))
    shares = 100 * matrix.counts / np.where(matrix.support > 0, matrix.support, 1)[:, None]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    _name_axes(axes, names)
    if n < TOO_MANY:
        _write_cells(axes, shares, matrix)
    _write_support(axes, matrix, side)
    save_figure(figure, path)


def _name_axes(axes: Axes, names: list[str]) -> None:
    places = np.arange(len(names))
    axes.set_yticks(places, names, fontsize=TEXT)
    axes.set_xticks(places, names, fontsize=TEXT, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_xticks(places[1:] - 0.5, minor=True)
    axes.set_yticks(places[1:] - 0.5, minor=True)
    axes.grid(which="minor", color=LINE, linewidth=0.5)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_color(LINE)
    axes.set_ylabel("reference", fontsize=TEXT + 1, color=INK, fontweight="bold")
    axes.set_xlabel("predicted", fontsize=TEXT + 1, color=INK, fontweight="bold")


def _write_cells(axes: Axes, shares: NDArray[np.float64], matrix: ConfusionMatrix) -> None:
    few = len(matrix.names) < MANY
    for row, support in enumerate(matrix.support):
        for column, share in enumerate(shares[row]):
            text = "–" if support == 0 else percentage(share, decimals=1 if few else 0)
            colour = "white" if share > DARK else INK if support else MUTED
            axes.text(column, row, text, ha="center", va="center", fontsize=SMALL if few else SMALL - 1.5, color=colour)


def percentage(share: float, decimals: int = 1) -> str:
    """Write per cent so that only nothing is empty and only everything is 100.

    Examples
    --------
    >>> percentage(0.0), percentage(0.01), percentage(99.99), percentage(100.0)
    ('', '<0.1', '>99.9', '100')
    """
    if share in (0.0, 100.0):
        return "100" if share else ""
    least = 10.0**-decimals
    if share < least / 2:
        return f"<{least:.{decimals}f}"
    if share >= 100 - least / 2:
        return f">{100 - least:.{decimals}f}"
    return f"{share:.{decimals}f}"


def _write_support(axes: Axes, matrix: ConfusionMatrix, side: float) -> None:
    n = len(matrix.names)
    right = n - 0.5 + 0.12 * n / side  # 0.12 inches from the last cell
    for row, support in enumerate(matrix.support):
        axes.text(right, row, f"{support:,}" if support else "–", va="center", fontsize=SMALL, color=MUTED)
    axes.text(right, -0.5 - 0.14 * n / side, "pixels", va="center", fontsize=SMALL, color=MUTED)
    axes.set_title("per cent of the reference pixels", fontsize=TEXT, color=INK, loc="left", pad=6)
