"""Benchmarks without training, and what is read off a figure."""

from itertools import combinations
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from spectralmamba.benchmarks.protocol import DataSource, ModelEntry, Protocol
from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.benchmarks.results import Result
from spectralmamba.metrics import ConfusionMatrix

ALL = ("spectralmamba", "mamba", "casrnn", "spectralformer", "cnn", "mlp", "svm", "randomforest")
SPLIT = "folds with no buffer: 30 train, 8 validation, 13 test pixels; of the test pixels 6 lie within r = 2"


def matrix(accuracy: float, classes: int, *, absent: int | None = None, prefix: str = "class") -> ConfusionMatrix:
    """About this accuracy, a little less from class to class; 1000 pixels each."""
    right = np.clip(1000 * (accuracy - 0.01 * np.arange(classes)), 0, 1000).astype(int)
    counts = np.diag(right)
    counts[np.arange(classes), (np.arange(classes) + 1) % classes] += 1000 - right
    if absent is not None:
        counts[absent] = 0
    return ConfusionMatrix(counts, tuple(f"{prefix} {i + 1}" for i in range(classes)))


def result(entry: ModelEntry, seed: int, accuracy: float, classes: int = 6, **changes) -> Result:
    number = sum(map(ord, entry.name))
    values = {
        "key": f"{entry.name}{seed}", "name": entry.name, "form": entry.form, "seed": seed, "fold": 0,
        "matrix": matrix(accuracy, classes), "n_train": 38, "n_test": 13, "parameters": 5000 + 977 * (number % 97),
        "macs": 20000 * (1 + number % 53), "train_seconds": 1.0, "pixels_per_second": 1e5, "split": SPLIT,
        "n_bands": 145,
    }  # fmt: skip
    return Result(**(values | changes))


def benchmark(entries: list[ModelEntry], *, seeds=(0, 1), published=(), folder=Path("made"), **changes) -> Benchmark:
    """Accuracies fall from entry to entry, and differ a little between seeds."""
    protocol = Protocol(
        "made", DataSource(scene="/data/made.tif", labels="/data/labels.tif"), tuple(entries), title="A made scene",
        seeds=seeds, published=published,
    )  # fmt: skip
    results = [
        result(entry, seed, 0.97 - 0.015 * i - 0.01 * seed, **changes)
        for seed in seeds
        for i, entry in enumerate(entries)
        if entry.seeds is None or seed in entry.seeds
    ]
    return Benchmark(folder, protocol, tuple(results))


def both_forms(names=ALL) -> list[ModelEntry]:
    return [ModelEntry(name, patch_size=size) for size in (3, 1) for name in names]


def texts(figure: Figure) -> list[Text]:
    """Every text that can be seen: not those of axes that are switched off, nor ticks beyond an axis' ends."""
    hidden = {id(text) for axes in figure.axes for text in _hidden(axes)}
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and id(t) not in hidden]


def _hidden(axes: Axes) -> list[Text]:
    if not axes.axison:
        return [text for text in axes.findobj(Text) if text not in axes.texts]
    beyond = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
            beyond += [] if low <= tick.get_loc() <= high else [tick.label1, tick.label2]
    return beyond


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that cover one another; slanted ones, whose boxes are larger than they, are left out."""
    figure.canvas.draw()
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(figure) if t.get_rotation() in (0, 90)]
    return [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if _common(one, other) > 2.0]


def outside(figure: Figure) -> list[str]:
    """Texts that leave the figure."""
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts(figure)]
    return [text for text, b in boxes if b.x0 < 0 or b.y0 < 0 or b.x1 > width or b.y1 > height]


def _common(one, other) -> float:
    """Pixels of depth that two boxes share; the lesser of both directions."""
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return min(wide, high)
