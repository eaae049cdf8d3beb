"""How long a benchmark will take, said before it begins."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from spectralmamba.benchmarks.results import ResultFolder
from spectralmamba.benchmarks.units import Unit
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.saved import pick_device
from spectralmamba.training.gradient import CHOICE, compared
from spectralmamba.training.groups import FOLDS
from spectralmamba.training.inputs import open_inputs
from spectralmamba.training.loop import fit
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.prepare import Prepared, prepare
from spectralmamba.training.train import initial_model

BATCHES = 6  # trained on to measure a step


def estimate_seconds(units: Sequence[Unit], folder: ResultFolder) -> tuple[float, list[str]]:
    """Estimate how long the units that have not run yet will take, one after the other.

    What ran before in the same folder says how long its model takes; of others a few steps are trained.

    Parameters
    ----------
    units : sequence of Unit
    folder : ResultFolder

    Returns
    -------
    seconds : float
        Of all whose time can be known beforehand.
    unknown : list of str
        Models whose training is no sequence of steps, and that have not run here yet.
    """
    past: dict[str, list[float]] = {}
    missing: dict[str, list[Unit]] = {}
    for unit in {unit.key: unit for unit in units}.values():
        result = folder.find(unit.key)
        if result is not None:
            past.setdefault(unit.name, []).append(result.train_seconds)
        if folder.ready(unit.key) is None:
            missing.setdefault(unit.name, []).append(unit)
    total, unknown = 0.0, []
    for name, todo in missing.items():
        seconds = float(np.mean(past[name])) if name in past else measure(todo[0])
        if seconds is None:
            unknown.append(name)
        else:
            total += seconds * len(todo)
    return total, unknown


def measure(unit: Unit) -> float | None:
    """Train a unit's model for a few steps, and give the seconds of its whole training; None where it has no steps."""
    started = time.perf_counter()
    prepared = prepare(open_inputs(unit.config.data), unit.config)
    model = initial_model(prepared, unit.config, pick_device("cpu"))
    reading = time.perf_counter() - started
    seconds = projected_training(prepared, model, unit.config.training)
    return None if seconds is None else reading + seconds


def projected_training(prepared: Prepared, model: Classifier, training: TrainingOptions) -> float | None:
    """Train a model for a few steps, and give the seconds of all its stages; None where it has no steps.

    The model is not the same afterwards.
    """
    if not model.trained_by_gradient:
        return None
    samples = prepared.select("train")
    n_stages, n = 1.0, len(samples)
    if prepared.part["validation"].any():
        n_stages += training.refit
        n += int(prepared.part["validation"].sum())
    # In each fold a share of the pixels is held out.
    n_stages += compared(model, 1 + len(prepared.others)) * (FOLDS - 1) * CHOICE
    options = training.for_samples(n)
    some = np.zeros(len(samples), bool)
    some[: BATCHES * options.batch_size] = True
    quick = replace(options, epochs=1)
    fit(model, samples.select(some), None, quick)  # what is compiled or allocated once is not counted
    started = time.perf_counter()
    fit(model, samples.select(some), None, quick)
    share = len(samples) / some.sum()
    return float((time.perf_counter() - started) * share * (options.epochs or 1) * n_stages)
