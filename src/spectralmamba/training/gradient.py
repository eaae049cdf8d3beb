"""Training a model by gradient, in stages.

Where a model has variants, or its samples can be had standardised in more than one way, grouped cross-validation
chooses: among the variants first, then among the ways, with the variant that won, where that may do without the first
way. Then the model is trained without the validation pixels, which calibrate it, and at last with them. Nothing that a
test pixel could tell plays a part; what is held out in choosing is held out as the split holds out test pixels, by
region or by pixel.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from spectralmamba.models.classifier import Classifier
from spectralmamba.models.predictor import sample_logits
from spectralmamba.sampling.joined import JoinedSamples, SomeSamples, centre_spectra
from spectralmamba.sampling.patches import Samples
from spectralmamba.training.calibration import fit_temperature
from spectralmamba.training.checkpoint import CheckpointStore
from spectralmamba.training.groups import deal_folds
from spectralmamba.training.loop import EpochRecord, FitResult, OnEpoch, fit
from spectralmamba.training.options import TrainingOptions

logger = logging.getLogger(__name__)

LAST = "all"  # stage, whose checkpoints lie in the folder itself
CHOICE = 0.5  # of the epochs, where variants are compared: the better one shows before it has learned all

Weights = dict[str, Tensor]


class Parts(NamedTuple):
    """Samples to learn from, and those to select and calibrate on."""

    train: Samples
    validation: Samples | None

    @property
    def everything(self) -> Samples:
        """Both."""
        return self.train if self.validation is None else JoinedSamples(self.train, self.validation)


class Choice(NamedTuple):
    """How spectra are standardised and decorrelated."""

    standardised: str
    variant: str

    @property
    def name(self) -> str:
        """Its name in what is told of the training."""
        return ", ".join(filter(None, (self.variant, self.standardised)))


def compared(model: Classifier, n_standardised: int) -> int:
    """Count the choices that training may try, 0 where there is none."""
    tried = len(model.variants) + (n_standardised - 1 if model.indifferent else 0)
    return tried if tried > 1 else 0


class GradientFit:
    """Training in stages, each with checkpoints of its own.

    Parameters
    ----------
    model : Classifier
        With the weights to begin from.
    parts : mapping of str to Parts
        The samples, standardised; under ``""`` in the way that is taken where there is no choice, then in others.
    options : TrainingOptions
    groups : ndarray of int, shape (n_train + n_validation,), optional
        Samples that are held out together in choosing; each on its own where not given.
    store : CheckpointStore, optional
    identity : str
        What the run is about.
    on_epoch : callable, optional
        Called with each record, and the number of epochs that may follow in this and later stages.
    """

    def __init__(
        self,
        model: Classifier,
        parts: Mapping[str, Parts],
        options: TrainingOptions,
        groups: NDArray[np.integer] | None,
        store: CheckpointStore | None,
        identity: str,
        on_epoch: OnEpoch | None,
    ) -> None:
        first = parts[""]
        self.targets = first.everything.targets
        # One number of epochs for all stages, by all the samples that there are to learn from in the end.
        self.options = options.for_samples(len(self.targets if options.refit else first.train.targets))
        self.model, self.parts, self.validated = model, parts, first.validation is not None
        self.groups = np.arange(len(self.targets)) if groups is None else np.asarray(groups, np.int64)
        self.to_come = 0
        self.store, self.identity, self.on_epoch = store, identity, on_epoch
        self.first = _copy(model)

    def run(self) -> tuple[float, dict[str, Any], list[EpochRecord], str]:
        """Train; give temperature, what was done as JSON-able facts, history, and the standardisation taken."""
        choice, tried = self._choose()
        train, validation = parts = self.parts[choice.standardised]
        if validation is None:
            result = self._stage(choice.variant, train, None, LAST)
            return 1.0, _facts(result, choice, tried, "last epoch", None), result.history, choice.standardised
        trial = self._stage(choice.variant, train, validation, "without_validation")
        temperature = fit_temperature(sample_logits(self.model, validation), validation.targets)
        if not self.options.refit:
            facts = _facts(trial, choice, tried, "validation loss", "validation pixels")
            return temperature, facts, trial.history, choice.standardised
        result = self._stage(choice.variant, parts.everything, None, LAST)
        facts = _facts(result, choice, tried, "last epoch", "validation pixels, before learning from them")
        facts["learned_validation"] = True
        return temperature, facts, _merged(result.history, trial.history), choice.standardised

    def _choose(self) -> tuple[Choice, dict[str, float]]:
        """Choose by overall accuracy on samples held out; give the choice, and what each that was tried reached."""
        n_compared = compared(self.model, len(self.parts))
        folds = deal_folds(self.groups, self.targets, self.options.seed) if n_compared else []
        stages = 1 + (self.validated and self.options.refit)
        epochs = self.options.epochs or 1
        once = len(folds) * max(1, round(CHOICE * epochs))
        self.to_come = stages * epochs + n_compared * once
        tried: dict[Choice, float] = {}
        if folds:
            for variant in self.model.variants:
                tried[Choice("", variant)] = self._try(Choice("", variant), folds)
            best = max(tried, key=lambda choice: tried[choice]).variant
            others = [Choice(standardised, best) for standardised in list(self.parts)[1:]]
            for choice in others if best in self.model.indifferent else ():
                tried[choice] = self._try(choice, folds)
            self.to_come -= (n_compared - len(tried)) * once
        chosen = max(tried, key=lambda choice: tried[choice], default=Choice("", self.model.variants[0]))
        return chosen, {choice.name: accuracy for choice, accuracy in tried.items()}

    def _try(self, choice: Choice, folds: Sequence[NDArray[np.bool_]]) -> float:
        """Overall accuracy on samples held out, fold by fold."""
        stage = f"choice_{choice.name}".replace(", ", "_").replace(" ", "_")
        right = [self._count_right(choice, held, f"{stage}_{i}") for i, held in enumerate(folds)]
        accuracy = sum(right) / sum(int(held.sum()) for held in folds)
        logger.info("%s: OA %.4f on pixels held out", choice.name or "the model as it is", accuracy)
        return accuracy

    def _count_right(self, choice: Choice, held: NDArray[np.bool_], name: str) -> int:
        """Train without the samples of a fold, and count those that are classified right."""
        everything = self.parts[choice.standardised].everything
        self._stage(choice.variant, SomeSamples(everything, np.flatnonzero(~held)), None, name, share=CHOICE)
        logits = sample_logits(self.model, SomeSamples(everything, np.flatnonzero(held)))
        return int((logits.argmax(axis=1) == self.targets[held]).sum())

    def _stage(
        self, variant: str, train: Samples, validation: Samples | None, name: str, share: float = 1.0
    ) -> FitResult:
        """Train one variant from the first weights on, for a share of the epochs."""
        self.model.load_state_dict(self.first)
        self.model.adapt(centre_spectra(train), train.targets, variant)
        options = replace(self.options, epochs=max(1, round(share * (self.options.epochs or 1))))
        if options.refit and validation is not None:
            # What is judged is what the second training will give: the last epoch of as many.
            options = replace(options, patience=0)
        self.to_come -= options.epochs or 0
        later = self.to_come
        report = self.on_epoch

        def on_epoch(record: EpochRecord, left: int) -> None:
            if report is not None:
                report(record, left + later)

        store = self.store
        if store is not None and name != LAST:
            store = CheckpointStore(store.folder / name)
        identity = f"{self.identity} {name}"
        keep_last = options.refit
        return fit(
            self.model,
            train,
            validation,
            options,
            store=store,
            identity=identity,
            on_epoch=on_epoch,
            keep_last=keep_last,
        )


def _copy(model: Classifier) -> Weights:
    return {key: value.detach().clone() for key, value in model.state_dict().items()}


def _facts(
    result: FitResult, choice: Choice, tried: dict[str, float], selected_on: str, calibrated_on: str | None
) -> dict[str, Any]:
    facts = {
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "stopped_early": result.stopped_early,
        "selected_on": selected_on,
        "calibrated_on": calibrated_on,
    }
    return facts | ({"variant": choice.name, "variants_held_out_accuracy": tried} if choice.name or tried else {})


def _merged(final: list[EpochRecord], trial: list[EpochRecord]) -> list[EpochRecord]:
    """The last stage's records, with the validation figures that its variant had without these pixels."""
    return [
        replace(record, validation_loss=before.validation_loss, validation_accuracy=before.validation_accuracy)
        for record, before in zip(final, trial, strict=True)
    ]
