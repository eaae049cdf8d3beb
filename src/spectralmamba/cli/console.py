"""What the command line prints: tables, figures and progress."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import xarray as xr
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.scenes.quality import describe_exclusions

out = Console(soft_wrap=True, highlight=False)  # results
err = Console(soft_wrap=True, highlight=False, stderr=True)  # progress, remarks and errors

PLAIN_EVERY = 10.0  # seconds between lines where there is no terminal

Advance = Callable[[int, int, str], None]


@contextmanager
def progress(title: str) -> Iterator[Advance]:
    """Show how far a job is: a bar with the time left on a terminal, a line now and then elsewhere.

    Gives a function that takes the steps done, the total, and a remark.
    """
    if err.is_terminal:
        with _bar() as bar:
            task = bar.add_task(title, total=None, remark="")

            def advance(done: int, total: int, remark: str = "") -> None:
                bar.update(task, completed=done, total=total, remark=remark)

            yield advance
    else:
        yield _plain_lines(title)


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[remark]}"),
    )
    return Progress(*columns, console=err)


def _plain_lines(title: str) -> Advance:
    started = last = time.monotonic()

    def advance(done: int, total: int, remark: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= PLAIN_EVERY or (done == total and last > started):  # a short job needs no line
            left = (now - started) / max(done, 1) * (total - done)
            err.print(f"{title} {done}/{total}, {left:.0f} s left {remark}".rstrip(), markup=False)
            last = now

    return advance


def say(text: str) -> None:
    """Print a result."""
    out.print(text, markup=False)


def note(text: str) -> None:
    """Print a remark beside the results."""
    err.print(text, markup=False)


def say_exclusions(scenes: Iterable[xr.DataArray]) -> None:
    """Print what share of each scene is left out, and why; nothing of scenes that are used whole."""
    for scene in scenes:
        text = describe_exclusions(scene)
        if text is not None:
            say(f"{scene.name}: {text}")


def fail(text: str) -> None:
    """Print why a command ended, in one line."""
    line = " ".join(text.split())
    err.print(f"[bold red]error:[/] {escape(line)}" if err.is_terminal else escape(f"error: {line}"))


def percent(value: float) -> str:
    """Write a share; a dash where there is none."""
    return "–" if np.isnan(value) else f"{100 * value:.1f}"


def accuracy_table(matrix: ConfusionMatrix, title: str) -> Table:
    """Per-class accuracies of one matrix."""
    table = Table("class", title=title, title_justify="left")
    for column in ("reference pixels", "producer's %", "user's %", "F1 %"):
        table.add_column(column, justify="right")
    columns = (matrix.support, matrix.producers_accuracy, matrix.users_accuracy, matrix.f1)
    for name, n, *figures in zip(matrix.names, *columns, strict=True):
        table.add_row(escape(name), str(n), *map(percent, figures))
    return table


def summary_table(matrices: dict[str, ConfusionMatrix]) -> Table:
    """OA, AA and kappa of several classifiers on the same pixels."""
    table = Table("classifier")
    for column in ("OA %", "AA %", "kappa"):
        table.add_column(column, justify="right")
    for name, m in matrices.items():
        table.add_row(escape(name), percent(m.overall_accuracy), percent(m.average_accuracy), f"{m.kappa:.3f}")
    return table


def scenes_table(matrices: dict[str, ConfusionMatrix]) -> Table:
    """Pixels, OA, AA and kappa of one classifier on each scene; dashes where a scene has no pixel."""
    table = Table("scene")
    for column in ("reference pixels", "OA %", "AA %", "kappa"):
        table.add_column(column, justify="right")
    for key, m in matrices.items():
        kappa = "–" if np.isnan(m.kappa) else f"{m.kappa:.3f}"
        table.add_row(escape(key), str(m.total), percent(m.overall_accuracy), percent(m.average_accuracy), kappa)
    return table


def print_accuracy(matrix: ConfusionMatrix, title: str) -> None:
    """Print everything about one matrix."""
    out.print(accuracy_table(matrix, title))
    low, high = matrix.overall_accuracy_interval()
    say(
        f"OA {percent(matrix.overall_accuracy)} % (95 % interval {percent(low)}–{percent(high)}, pixels taken as "
        f"independent)   AA {percent(matrix.average_accuracy)} %   kappa {matrix.kappa:.3f}"
    )
    if matrix.absent:
        say(f"without reference pixels, and in none of these figures: {', '.join(matrix.absent)}")
