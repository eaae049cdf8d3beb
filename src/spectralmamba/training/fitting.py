"""Fitting any registered model: by gradient, epoch by epoch, or at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.models.classical import ClassicalModel
from spectralmamba.models.classifier import Classifier
from spectralmamba.sampling.patches import Samples
from spectralmamba.training.checkpoint import CheckpointStore
from spectralmamba.training.classical import fit_classical
from spectralmamba.training.gradient import GradientFit, Parts
from spectralmamba.training.loop import EpochRecord, OnEpoch
from spectralmamba.training.options import TrainingOptions


@dataclass(frozen=True)
class Fitted:
    """What fitting gave, besides what is now in the model.

    Attributes
    ----------
    temperature : float
        Logits divided by it give calibrated confidences; 1 where there was nothing to calibrate on.
    facts : dict
        How the model was selected and calibrated; JSON-able.
    history : list of EpochRecord
        Empty for a model that is fitted at once.
    standardised : str
        Which of the ways to standardise the samples was chosen; ``""`` for the first.
    """

    temperature: float
    facts: dict[str, Any]
    history: list[EpochRecord] = field(default_factory=list)
    standardised: str = ""


def fit_and_calibrate(
    model: Classifier,
    train_samples: Samples,
    validation: Samples | None,
    options: TrainingOptions,
    *,
    others: Mapping[str, Parts] = MappingProxyType({}),
    groups: NDArray[np.integer] | None = None,
    store: CheckpointStore | None = None,
    identity: str = "",
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Fit a model in place.

    One that is trained by gradient learns from the training samples, is selected and calibrated on the validation
    samples where there are any, and, with ``options.refit``, then learns from both. Any other learns from both, and is
    selected and calibrated by cross-validation.

    Parameters
    ----------
    model : Classifier
    train_samples, validation : Samples
    options : TrainingOptions
    others : mapping of str to Parts
        The same samples, standardised in other ways that training may choose; of no use to a model that is fitted at
        once.
    groups : ndarray of int, shape (n_train + n_validation,), optional
        Samples that cross-validation keeps together; each sample on its own where not given.
    store, identity, on_epoch
        As for :func:`spectralmamba.training.loop.fit`; of no use to a model that is fitted at once.

    Raises
    ------
    RunError, LabelError
        As :func:`~spectralmamba.training.loop.fit` and :func:`~spectralmamba.training.classical.fit_classical` say.
    """
    if isinstance(model, ClassicalModel):
        parts = [train_samples] if validation is None else [train_samples, validation]
        if groups is None:
            groups = np.arange(sum(len(part.targets) for part in parts))
        return Fitted(*fit_classical(model, parts, groups, options))
    ways = {"": Parts(train_samples, validation), **others}
    return Fitted(*GradientFit(model, ways, options, groups, store, identity, on_epoch).run())
