"""Models as points of a figure of accuracy against costs: measured here, and published."""

import math
from dataclasses import dataclass

from spectralmamba.benchmarks.protocol import Published
from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.models.published import PublishedCosts, published_costs
from spectralmamba.reporting.comparison.looks import COLOURS, EXTRA, FORMS, TITLES, looks_of, model_title


@dataclass(frozen=True)
class Point:
    """A marker.

    Attributes
    ----------
    label, form, colour, marker : str
    accuracy, std : float
        OA in per cent and its spread; NaN for none.
    macs, parameters : float
    measured : bool
        False for a published figure.
    """

    label: str
    form: str
    colour: str
    marker: str
    accuracy: float
    std: float
    macs: float
    parameters: float
    measured: bool = True

    @property
    def area_parameters(self) -> float:
        """Parameters, at least one."""
        return max(self.parameters, 1.0)


def measured_points(benchmark: Benchmark) -> list[Point]:
    """Give a point for each model whose MACs are counted."""
    looks = looks_of(benchmark.protocol.models)
    points = []
    for row in benchmark.summary.rows:
        look, spread = looks[row.name], row.overall_accuracy
        if row.macs > 0 and spread.n:
            values = (spread.mean, spread.std, row.macs, row.parameters)
            points.append(Point(look.title, look.form, look.colour, look.marker, *values))
    return points


def published_points(benchmark: Benchmark) -> list[Point]:
    """Give a point for each published accuracy whose model's MACs are published too, for this number of bands."""
    points = []
    for figure in benchmark.protocol.published:
        costs, model, form = _published_costs(benchmark, figure)
        if costs is not None and costs.macs is not None and figure.overall_accuracy is not None:
            look = looks_of(benchmark.protocol.models).get(figure.name)
            title = look.title if look else model_title(model)
            colour, marker = (look.colour, look.marker) if look else (COLOURS.get(model, EXTRA), FORMS[form])
            values = (figure.overall_accuracy, math.nan, costs.macs, costs.parameters)
            points.append(Point(f"{title}, published", form, colour, marker, *values, measured=False))
    return points


def _published_costs(benchmark: Benchmark, figure: Published) -> tuple[PublishedCosts | None, str, str]:
    """Published costs of a published result, its model and form; of a model that is not run, as its name has them."""
    entry = next((entry for entry in benchmark.protocol.models if entry.name == figure.name), None)
    model, _, form = figure.name.partition(", ")
    model, form = (entry.model, entry.form) if entry else (model, form)
    result = benchmark.results[0]
    if form not in FORMS or result.n_bands is None or model not in TITLES:
        return None, model, form
    size = 1 if form == "pixelwise" else 3
    options = entry.options if entry else None
    costs = published_costs(model, result.n_bands, len(result.matrix.names), size, options)
    return costs, model, form


def published_sources(benchmark: Benchmark) -> list[str]:
    """Say where the published points are from, a sentence each."""
    sources: dict[str, bool] = {}
    for figure in benchmark.protocol.published:
        costs, _, _ = _published_costs(benchmark, figure)
        if costs is not None and costs.macs is not None and figure.overall_accuracy is not None:
            sources[figure.source] = sources.get(figure.source, False) or figure.other_split
    return [
        f"Hollow: as published in {source}{', on another split' if other else ''}." for source, other in sources.items()
    ]
