"""From single results to the rows of a table: folds pooled, seeds averaged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from spectralmamba.benchmarks.protocol import Protocol, Published
from spectralmamba.benchmarks.results import Result
from spectralmamba.benchmarks.statistics import Comparison, Spread, corrected_t_test
from spectralmamba.metrics import ConfusionMatrix


@dataclass(frozen=True, eq=False)
class Row:
    """One model's line.

    Attributes
    ----------
    name, form : str
    seeds : tuple of int
    overall_accuracy, average_accuracy : Spread
        Over seeds, in per cent; the folds of a seed are pooled in one matrix, since a class may be absent from one.
    kappa : Spread
    per_class : dict of str to Spread
        Producer's accuracy in per cent.
    parameters, macs : int
        The largest over folds, where a model grows with its data.
    train_seconds, pixels_per_second : Spread
        Over all runs; one training each.
    published : Published, optional
    """

    name: str
    form: str
    seeds: tuple[int, ...]
    overall_accuracy: Spread
    average_accuracy: Spread
    kappa: Spread
    per_class: dict[str, Spread]
    parameters: int
    macs: int
    train_seconds: Spread
    pixels_per_second: Spread
    published: Published | None = None


@dataclass(frozen=True, eq=False)
class Summary:
    """The table of a protocol.

    Attributes
    ----------
    title, notes : str
    split : str
        What was done with the first seed and fold, for the first model.
    splits : dict of str to tuple of str
        Each such sentence, where they differ with how far a model looks, and the names of its models.
    rows : list of Row
        In the protocol's order.
    best : tuple of str
        The two with the highest mean OA, best first; empty where there is one only.
    comparison : Comparison, optional
        Of these two, over the divisions that both were run on; in percentage points of OA.
    """

    title: str
    notes: str
    split: str
    rows: list[Row]
    best: tuple[str, ...]
    comparison: Comparison | None
    splits: dict[str, tuple[str, ...]] = field(default_factory=dict)


def summarise(protocol: Protocol, results: Sequence[Result]) -> Summary:
    """Make the table of a protocol's results."""
    by_name = {entry.name: [r for r in results if r.name == entry.name] for entry in protocol.models}
    rows = [_row(found, _published(protocol, name)) for name, found in by_name.items() if found]
    ranked = sorted(rows, key=lambda row: row.overall_accuracy.mean, reverse=True)
    best = tuple(row.name for row in ranked[:2]) if len(ranked) > 1 else ()
    comparison = compare(by_name[best[0]], by_name[best[1]]) if best else None
    split = results[0].split if results else ""
    splits = _splits(by_name)
    return Summary(protocol.title or protocol.name, protocol.notes, split, rows, best, comparison, splits)


def _splits(by_name: Mapping[str, Sequence[Result]]) -> dict[str, tuple[str, ...]]:
    """Sentences about the split, of the first seed that each model has run, with the models' names."""
    found: dict[str, tuple[str, ...]] = {}
    first = min((r.seed for results in by_name.values() for r in results), default=0)
    for name, results in by_name.items():
        for result in results[:1]:
            if result.seed == first:  # another seed has another split
                found[result.split] = (*found.get(result.split, ()), name)
    return found


def pooled(results: Sequence[Result]) -> dict[int, ConfusionMatrix]:
    """Add up the matrices of the folds of each seed."""
    seeds = sorted({result.seed for result in results})
    return {seed: reduce(add, (result.matrix for result in results if result.seed == seed)) for seed in seeds}


def compare(one: Sequence[Result], other: Sequence[Result]) -> Comparison:
    """Compare two models over the divisions that both were run on."""
    theirs = {(result.seed, result.fold): result for result in other}
    pairs = [(result, theirs[place]) for result in one if (place := (result.seed, result.fold)) in theirs]
    differences = [100 * (a.matrix.overall_accuracy - b.matrix.overall_accuracy) for a, b in pairs]
    shares = [a.n_test / max(a.n_train, 1) for a, _ in pairs]
    return corrected_t_test(differences, float(np.mean(shares)) if shares else math.nan)


def _row(results: Sequence[Result], published: Published | None) -> Row:
    matrices = list(pooled(results).values())
    first = matrices[0]
    per_class = {
        name: Spread.of([100 * float(matrix.producers_accuracy[i]) for matrix in matrices])
        for i, name in enumerate(first.names)
    }
    return Row(
        results[0].name,
        results[0].form,
        tuple(pooled(results)),
        Spread.of([100 * matrix.overall_accuracy for matrix in matrices]),
        Spread.of([100 * matrix.average_accuracy for matrix in matrices]),
        Spread.of([matrix.kappa for matrix in matrices]),
        per_class,
        max(result.parameters for result in results),
        max(result.macs for result in results),
        Spread.of([result.train_seconds for result in results]),
        Spread.of([result.pixels_per_second for result in results]),
        published,
    )


def _published(protocol: Protocol, name: str) -> Published | None:
    return next((figure for figure in protocol.published if figure.name == name), None)


def to_json(summary: Summary) -> dict[str, Any]:
    """Give a summary as JSON-able values, for figures made later."""

    def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a dataclass holds
        if isinstance(value, float):
            return None if math.isnan(value) else value
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return plain(vars(value)) if hasattr(value, "__dict__") else value

    document: dict[str, Any] = plain(vars(summary))
    return document
