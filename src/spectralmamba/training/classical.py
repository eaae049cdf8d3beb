"""Fitting a model of scikit-learn: hyper-parameters and confidence by grouped cross-validation, then all samples."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.models.classical import ClassicalModel
from spectralmamba.models.classical.model import ABSENT, Candidate
from spectralmamba.sampling.patches import Samples
from spectralmamba.training.calibration import fit_temperature
from spectralmamba.training.groups import deal_folds
from spectralmamba.training.options import TrainingOptions

logger = logging.getLogger(__name__)

CHUNK = 4096  # samples turned into features at once: windows take nine times the memory of their features, or more

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Trial:
    """How one choice of hyper-parameters did on samples that it had not learned from.

    Attributes
    ----------
    candidate : mapping
    accuracy : float
        Overall, or average where classes are weighed alike.
    logits : ndarray of float32, shape (n, K)
        Of each sample, by the estimator that had not learned from it; NaN where no fold held it out.
    """

    candidate: Candidate
    accuracy: float
    logits: Floats


def fit_classical(
    model: ClassicalModel, parts: Sequence[Samples], groups: NDArray[np.integer], options: TrainingOptions
) -> tuple[float, dict[str, Any]]:
    """Fit a model to all samples, with the hyper-parameters that do best in grouped cross-validation.

    Of the options only ``seed`` and ``class_weights`` play a part; with balanced weights the average accuracy is
    chosen by.

    Parameters
    ----------
    model : ClassicalModel
        Gets its estimator.
    parts : sequence of Samples
        Everything to learn from, standardised.
    groups : ndarray of int, shape (n,)
        Of the samples of all parts in a row; a group is never divided.
    options : TrainingOptions

    Returns
    -------
    temperature : float
        Fitted to the held-out logits of the chosen hyper-parameters; 1 where nothing could be held out.
    facts : dict
        What was chosen, and how; JSON-able.

    Raises
    ------
    LabelError
        Fewer than two classes are there to learn.
    """
    rows = np.concatenate([chunk for samples in parts for chunk in _features(model, samples)])
    targets = np.concatenate([samples.targets for samples in parts])
    if len(np.unique(targets)) < 2:
        raise LabelError("only one class has training pixels; label another, or choose another split")
    folds = deal_folds(np.asarray(groups, np.int64), targets, options.seed)
    trials = _try_all(model, rows, targets, folds, options) if folds else []
    best = max(trials, key=lambda trial: trial.accuracy, default=None)  # the first of equals
    candidate = model.candidates()[0] if best is None else best.candidate
    logger.info("fitting with %s", dict(candidate))
    model.estimator = model.make_estimator(candidate, options.seed, options.class_weights).fit(rows, targets)
    temperature = None if best is None else held_out_temperature(best.logits, targets)
    return temperature or 1.0, {
        "selected_on": None if best is None else f"cross-validation in {len(folds)} folds over groups of pixels",
        "chosen": dict(candidate),
        "trials": [dict(trial.candidate) | {"accuracy": trial.accuracy} for trial in trials],
        "calibrated_on": None if temperature is None else "pixels held out in cross-validation",
        "learned_validation": True,
    }


def held_out_temperature(logits: Floats, targets: Ints) -> float | None:
    """Fit the temperature to logits (n, K) of samples that were held out; None where that is not possible.

    NaN marks a sample that never was. Classes that a fold had nothing to learn of have no logit in it that means
    anything, so they are left out.
    """
    used = np.asarray(np.isfinite(logits).all(axis=1))
    known = np.asarray((logits[used] > ABSENT).all(axis=0))
    used &= known[targets]
    if known.sum() < 2 or not used.any():
        return None
    return fit_temperature(logits[used][:, known], (np.cumsum(known) - 1)[targets[used]])


def _try_all(
    model: ClassicalModel, rows: Floats, targets: Ints, folds: Sequence[NDArray[np.bool_]], options: TrainingOptions
) -> list[Trial]:
    """Try every candidate on every fold, side by side: the compiled parts of scikit-learn run outside Python's lock."""
    from sklearn.utils.parallel import Parallel, delayed  # noqa: PLC0415 - see SVM.make_estimator

    def attempt(candidate: Candidate, held: NDArray[np.bool_]) -> Floats:
        estimator = model.make_estimator(candidate, options.seed, options.class_weights, trial=True)
        return model.logits_of(estimator.fit(rows[~held], targets[~held]), rows[held])

    candidates = model.candidates()
    found = iter(
        Parallel(n_jobs=-1, prefer="threads")(
            delayed(attempt)(candidate, held) for candidate in candidates for held in folds
        )
    )
    trials = []
    for candidate in candidates:
        logits = np.full((len(targets), model.n_classes), np.nan, np.float32)
        for held in folds:
            logits[held] = next(found)
        trials.append(Trial(candidate, _accuracy(logits, targets, options.class_weights == "balanced"), logits))
        logger.info("%s: accuracy %.3f", dict(candidate), trials[-1].accuracy)
    return trials


def _accuracy(logits: Floats, targets: Ints, balanced: bool) -> float:
    """Overall or, balanced, average accuracy of the samples that were held out."""
    held = np.asarray(np.isfinite(logits).all(axis=1))
    correct, classes = logits[held].argmax(axis=1) == targets[held], targets[held]
    weights = 1 / np.bincount(classes)[classes] if balanced else None
    return float(np.average(correct, weights=weights))


def _features(model: ClassicalModel, samples: Samples) -> Iterator[Floats]:
    n = len(samples.targets)
    for start in range(0, n, CHUNK):
        yield model.features(samples.batch(np.arange(start, min(start + CHUNK, n))))
