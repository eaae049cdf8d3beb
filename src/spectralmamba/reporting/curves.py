"""How training went."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from spectralmamba.reporting.style import (
    FIRST,
    INK,
    MARK,
    SECOND,
    SMALL,
    TEXT,
    new_figure,
    plain_axes,
    save_figure,
)

if TYPE_CHECKING:  # loads PyTorch
    from spectralmamba.training.loop import EpochRecord

Floats = NDArray[np.float64]


def figure_training(
    history: "Sequence[EpochRecord] | Sequence[Mapping[str, Any]]", path: Path, best_epoch: int | None
) -> None:
    """Draw losses, and the accuracy on validation pixels where there are any, over the epochs.

    Parameters
    ----------
    history : sequence of EpochRecord or of mapping
        At least one; mappings as :class:`csv.DictReader` gives them from ``history.csv``.
    path : Path
    best_epoch : int or None
        The epoch whose weights were kept, marked by a line.

    Raises
    ------
    OutputError
        The figure cannot be written.
    """
    epochs, train, loss, accuracy = (
        _column(history, name) for name in ("epoch", "train_loss", "validation_loss", "validation_accuracy")
    )
    selected = bool(np.isfinite(accuracy).any())
    figure = new_figure(8.0, 5.4 if selected else 3.4)
    axes = figure.subplots(2 if selected else 1, 1, sharex=True, squeeze=False)[:, 0]
    figure.subplots_adjust(left=0.09, right=0.97, bottom=0.1 if selected else 0.15, top=0.94, hspace=0.12)
    _draw(axes[0], epochs, train, FIRST, "training")
    if np.isfinite(loss).any():
        _draw(axes[0], epochs, loss, SECOND, "validation")
    axes[0].set_ylabel("loss", fontsize=TEXT, color=INK)
    if selected:
        _draw(axes[1], epochs, accuracy, SECOND, "validation")
        axes[1].yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g} %"))
        axes[1].set_ylabel("overall accuracy", fontsize=TEXT, color=INK)
    for each in axes:
        plain_axes(each)
    if best_epoch is not None:
        _mark(list(axes), best_epoch)
    axes[0].legend(fontsize=TEXT, frameon=False, loc="upper right")
    axes[-1].set_xlabel("epoch", fontsize=TEXT, color=INK)
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    save_figure(figure, path)


def _column(history: "Sequence[EpochRecord] | Sequence[Mapping[str, Any]]", name: str) -> Floats:
    """One value an epoch, NaN where there is none."""
    values = [record[name] if isinstance(record, Mapping) else getattr(record, name) for record in history]
    return np.array([np.nan if value in (None, "") else float(value) for value in values])


def _draw(axes: Axes, epochs: Floats, values: Floats, colour: str, label: str) -> None:
    axes.plot(
        epochs, values, color=colour, linewidth=1.6, marker="o", markersize=3 if len(epochs) < 40 else 0, label=label
    )


def _mark(axes: Sequence[Axes], epoch: int) -> None:
    """Draw a line through all axes at an epoch, named above them."""
    for each in axes:
        each.axvline(epoch, color=MARK, linewidth=1.3, linestyle=(0, (4, 3)), zorder=0.9)
    axes[0].annotate(
        f"kept: epoch {epoch}",
        xy=(epoch, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=SMALL,
        color=MARK,
        ha="center",
        va="bottom",
    )
