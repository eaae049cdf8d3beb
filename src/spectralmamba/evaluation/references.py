"""Random forest and support vector machine on the same pixels: what a result has to be held against."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.models.classifier import takes_logarithms
from spectralmamba.models.predictor import sample_logits
from spectralmamba.sampling.arrays import ArraySamples
from spectralmamba.sampling.standardise import standardisers
from spectralmamba.training.fitting import fit_and_calibrate
from spectralmamba.training.groups import learned_groups
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.prepare import Prepared
from spectralmamba.training.train import seeded_model


@dataclass(frozen=True)
class Reference:
    """A reference classifier's accuracy on the test pixels."""

    name: str
    matrix: ConfusionMatrix


def score_reference(model_name: str, title: str, prepared: Prepared, seed: int = 0) -> Reference:
    """Fit a registered model, pixelwise, to the pixels that a run learned from, and test it on the run's test pixels.

    Parameters
    ----------
    model_name : str
        Of a model that is fitted at once.
    title : str
        Name in tables.
    prepared : Prepared
    seed : int
    """
    options = {"n_bands": len(prepared.bands), "n_classes": len(prepared.classes), "patch_size": 1}
    model = seeded_model(model_name, options, seed, torch.device("cpu"))
    # As the model would have them in a run of its own, whatever the run's model takes the logarithm of.
    raw = prepared.raw.spectra
    standardiser = standardisers(raw[prepared.part["train"]], takes_logarithms(model.config))[""]
    samples = ArraySamples(standardiser(raw, band_axis=1), prepared.samples.targets)
    train, validation, test = (samples.select(prepared.part[part]) for part in ("train", "validation", "test"))
    fit_and_calibrate(model, train, validation, TrainingOptions(seed=seed), groups=learned_groups(prepared))
    predicted = sample_logits(model, test).argmax(axis=1)
    return Reference(title, ConfusionMatrix.from_indices(test.targets, predicted, prepared.classes.names))


REFERENCES: dict[str, Callable[[Prepared, int], Reference]] = {
    "random-forest": partial(score_reference, "randomforest", "random forest"),
    "svm": partial(score_reference, "svm", "support vector machine"),
}
