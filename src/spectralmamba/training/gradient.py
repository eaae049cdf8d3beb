"""Training a model by gradient, in stages.

Where a model has variants, grouped cross-validation chooses among them. Then the variant is trained without the
validation pixels, which calibrate it, and at last with them. Nothing that a test pixel could tell plays a part; what is
held out in choosing is held out as the split holds out test pixels, by region or by pixel.
"""

import logging
from dataclasses import replace
from typing import Any

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


class GradientFit:
    """Training in stages, each with checkpoints of its own.

    Parameters
    ----------
    model : Classifier
        With the weights to begin from.
    train, validation : Samples
        Standardised.
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
        train: Samples,
        validation: Samples | None,
        options: TrainingOptions,
        groups: NDArray[np.integer] | None,
        store: CheckpointStore | None,
        identity: str,
        on_epoch: OnEpoch | None,
    ) -> None:
        self.everything = train if validation is None else JoinedSamples(train, validation)
        # One number of epochs for all stages, by all the samples that there are to learn from in the end.
        self.options = options.for_samples(len((self.everything if options.refit else train).targets))
        self.model, self.train, self.validation = model, train, validation
        self.groups = np.arange(len(self.everything.targets)) if groups is None else np.asarray(groups, np.int64)
        self.to_come = 0
        self.store, self.identity, self.on_epoch = store, identity, on_epoch
        self.first = _copy(model)

    def run(self) -> tuple[float, dict[str, Any], list[EpochRecord]]:
        """Train; give temperature, what was done as JSON-able facts, and history."""
        variant, tried = self._choose()
        if self.validation is None:
            result = self._stage(variant, self.train, None, LAST)
            return 1.0, _facts(result, variant, tried, "last epoch", None), result.history
        trial = self._stage(variant, self.train, self.validation, "without_validation")
        temperature = fit_temperature(sample_logits(self.model, self.validation), self.validation.targets)
        if not self.options.refit:
            return temperature, _facts(trial, variant, tried, "validation loss", "validation pixels"), trial.history
        result = self._stage(variant, self.everything, None, LAST)
        facts = _facts(result, variant, tried, "last epoch", "validation pixels, before learning from them")
        return temperature, facts | {"learned_validation": True}, _merged(result.history, trial.history)

    def _choose(self) -> tuple[str, dict[str, float]]:
        """Choose a variant by its overall accuracy on samples held out; give it, and what each reached."""
        variants = self.model.variants
        targets = self.everything.targets
        folds = deal_folds(self.groups, targets, self.options.seed) if len(variants) > 1 else []
        stages = 1 + (self.validation is not None and self.options.refit)
        epochs = self.options.epochs or 1
        self.to_come = stages * epochs + len(variants) * len(folds) * max(1, round(CHOICE * epochs))
        tried = {}
        for variant in variants if folds else ():
            right = [self._count_right(variant, held, f"choice_{variant}_{i}") for i, held in enumerate(folds)]
            tried[variant] = sum(right) / sum(int(held.sum()) for held in folds)
            logger.info("variant %s: OA %.4f on pixels held out", variant, tried[variant])
        return max(tried, key=lambda name: tried[name], default=variants[0]), tried

    def _count_right(self, variant: str, held: NDArray[np.bool_], name: str) -> int:
        """Train without the samples of a fold, and count those that are classified right."""
        self._stage(variant, SomeSamples(self.everything, np.flatnonzero(~held)), None, name, share=CHOICE)
        logits = sample_logits(self.model, SomeSamples(self.everything, np.flatnonzero(held)))
        return int((logits.argmax(axis=1) == self.everything.targets[held]).sum())

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
    result: FitResult, variant: str, tried: dict[str, float], selected_on: str, calibrated_on: str | None
) -> dict[str, Any]:
    facts = {
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "stopped_early": result.stopped_early,
        "selected_on": selected_on,
        "calibrated_on": calibrated_on,
    }
    return facts | ({"variant": variant, "variants_held_out_accuracy": tried} if variant else {})


def _merged(final: list[EpochRecord], trial: list[EpochRecord]) -> list[EpochRecord]:
    """The last stage's records, with the validation figures that its variant had without these pixels."""
    return [
        replace(record, validation_loss=before.validation_loss, validation_accuracy=before.validation_accuracy)
        for record, before in zip(final, trial, strict=True)
    ]
