"""Accuracy of a trained run on labels, without the pixels it has learned from."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError, LabelError
from spectralmamba.evaluation.calibration import expected_calibration_error
from spectralmamba.evaluation.seen import SeenPixels, seen_pixels
from spectralmamba.labels.class_table import classes_of
from spectralmamba.labels.matching import match_labels
from spectralmamba.mapping.mapper import classify
from spectralmamba.mapping.predictor import scene_for
from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.models.predictor import ModelPredictor, sample_logits
from spectralmamba.sampling.buffers import within
from spectralmamba.sampling.patches import PatchSampler, Samples
from spectralmamba.sampling.split import Split, nearness

STRIP = 128  # rows evaluated at a time


@dataclass(frozen=True)
class Evaluation:
    """Accuracy on some pixels.

    Attributes
    ----------
    matrix : ConfusionMatrix
    calibration_error : float
        Expected calibration error of the confidences; NaN without pixels.
    remarks : tuple of str
        Which pixels these were, and which were left out and why.
    """

    matrix: ConfusionMatrix
    calibration_error: float
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the matrix's figures and the rest as JSON-able values."""
        return self.matrix.to_json() | {
            "expected_calibration_error": None if np.isnan(self.calibration_error) else self.calibration_error,
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True, eq=False)
class UnseenPixels:
    """Labelled pixels that a run has not learned from, classified.

    Attributes
    ----------
    reference, predicted : ndarray of int64, shape (n,)
        Class indices of the run.
    confidence : ndarray of float32, shape (n,)
    remarks : tuple of str
        Which pixels these are, and which were left out and why.
    """

    reference: NDArray[np.int64]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32]
    remarks: tuple[str, ...] = ()

    def evaluation(self, predictor: ModelPredictor) -> Evaluation:
        """Measure the accuracy on them."""
        matrix = ConfusionMatrix.from_indices(self.reference, self.predicted, predictor.classes.names)
        error = expected_calibration_error(self.confidence, self.predicted == self.reference)
        return Evaluation(matrix, error, self.remarks)


def evaluate_samples(predictor: ModelPredictor, samples: Samples, remarks: tuple[str, ...] = ()) -> Evaluation:
    """Evaluate standardised samples whose targets are indices of the predictor's classes."""
    logits = sample_logits(predictor.model, samples)
    index, confidence = classify(logits.T[:, None, :], predictor.temperature)
    matrix = ConfusionMatrix.from_indices(samples.targets, index[0], predictor.classes.names)
    return Evaluation(matrix, expected_calibration_error(confidence[0], index[0] == samples.targets), remarks)


def evaluate(
    predictor: ModelPredictor,
    split: Split,
    scene: xr.DataArray,
    labels: xr.DataArray,
    *,
    exclude: NDArray[np.bool_] | None = None,
    buffer: int | None = None,
) -> Evaluation:
    """Evaluate a run on a scene, on labelled pixels that it has not learned from.

    Where the run's own test pixels lie in the scene and are labelled, these are used. Otherwise all labelled pixels
    are, but those that the run learned from and, for a buffered split, those as near to them as its buffer. Where the
    labels have the run's class names with other numbers, names decide.

    Parameters
    ----------
    predictor : ModelPredictor
    split : Split
        Of the run.
    scene : DataArray (band, y, x)
    labels : DataArray (y, x)
        On the scene's grid.
    exclude : ndarray of bool, shape (height, width), optional
        Pixels that are left out, and those about them: other labels that the run has seen, for instance.
    buffer : int, optional
        Pixels (Chebyshev) to keep from learned and excluded ones; where not given, the split's from the former and 2r
        from the latter.

    Raises
    ------
    SceneError
        The scene has other bands than the model.
    LabelError
        No labelled pixel is left, or a class number means another class.
    ConfigError
        The buffer is negative.
    """
    pixels = unseen_pixels(predictor, split, scene, labels, exclude=exclude, buffer=buffer)
    if pixels.reference.size == 0:
        raise LabelError("no labelled pixel is left to evaluate on; give labels of pixels that were not trained on")
    return pixels.evaluation(predictor)


def unseen_pixels(
    predictor: ModelPredictor,
    split: Split,
    scene: xr.DataArray,
    labels: xr.DataArray,
    *,
    exclude: NDArray[np.bool_] | None = None,
    buffer: int | None = None,
) -> UnseenPixels:
    """Classify the pixels that :func:`evaluate` goes by, of which there may be none; takes and raises the same."""
    scene = scene_for(predictor, scene)
    if labels.shape != scene.shape[1:]:
        raise LabelError(f"labels are {labels.shape} pixels but the scene is {scene.shape[1:]}; use labels on its grid")
    labels, matched = match_labels(labels, predictor.classes)
    # A number that stands for another class than in the run is an error.
    predictor.classes.union(classes_of(labels))
    split = split if buffer is None else _buffered(split, buffer)
    seen = seen_pixels(split, scene)
    labelled, left_out = _without(labels.values > 0, exclude, 2 * predictor.radius if buffer is None else buffer)
    chosen, remarks = _choose(split, seen, labelled)
    remarks += [text for text in (matched, left_out) if text is not None]
    targets = np.where(chosen, predictor.classes.index_of(labels.values), -1)
    foreign = chosen & (targets < 0)
    if foreign.any():
        unknown = ", ".join(classes_of(labels).name_of(int(number)) for number in np.unique(labels.values[foreign]))
        remarks.append(f"left out {int(foreign.sum())} pixels of classes that the model does not know: {unknown}")
    classified = _classify(predictor, scene, targets)
    if classified.invalid:
        remarks.append(f"left out {classified.invalid} labelled pixels without data")
    if seen.located and classified.mask.any():
        remarks.append(_overlap(seen, classified.mask, predictor.radius))
    return UnseenPixels(targets[classified.mask], classified.index, classified.confidence, tuple(remarks))


def _buffered(split: Split, buffer: int) -> Split:
    if buffer < 0:
        raise ConfigError(f"buffer {buffer} is not possible; use 0 or more pixels")
    return replace(split, buffer=buffer)


def _without(
    labelled: NDArray[np.bool_], exclude: NDArray[np.bool_] | None, distance: int
) -> tuple[NDArray[np.bool_], str | None]:
    """Leave out pixels and what lies about them; say how many."""
    if exclude is None:
        return labelled, None
    if exclude.shape != labelled.shape:
        raise LabelError(f"what is to be left out has {exclude.shape} pixels but the scene {labelled.shape}")
    near = within(exclude, distance)
    return labelled & ~near, f"left out {int((labelled & near).sum())} pixels within {distance} of an excluded one"


@dataclass(frozen=True, eq=False)
class _Classified:
    """The valid ones of some pixels: where they are, and their class index and confidence in reading order."""

    mask: NDArray[np.bool_]
    index: NDArray[np.int64]
    confidence: NDArray[np.float32]
    invalid: int


def _classify(predictor: ModelPredictor, scene: xr.DataArray, targets: NDArray[np.int64]) -> _Classified:
    """Classify the pixels with a target, strip by strip, so that memory does not grow with their number."""
    mask, invalid = np.zeros(targets.shape, bool), 0
    found: list[tuple[NDArray[np.int64], NDArray[np.float32]]] = [(np.empty(0, np.int64), np.empty(0, np.float32))]
    for top in range(0, len(targets), STRIP):
        strip = np.full_like(targets, -1)
        strip[top : top + STRIP] = targets[top : top + STRIP]
        if not (strip >= 0).any():
            continue
        samples = PatchSampler.from_scene(scene, strip, predictor.radius).keep_bands(predictor.bands)
        valid = samples.complete
        invalid += int((~valid).sum())
        samples = samples.select(valid)
        mask[samples.rows, samples.columns] = True
        logits = sample_logits(predictor.model, samples.standardised(predictor.standardiser))
        index, confidence = classify(logits.T[:, None, :], predictor.temperature)
        found.append((index[0], confidence[0]))
    indices, confidences = zip(*found, strict=True)
    return _Classified(mask, np.concatenate(indices), np.concatenate(confidences), invalid)


def _choose(split: Split, seen: SeenPixels, labelled: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], list[str]]:
    own = labelled & seen.tested
    if own.any():
        return own, [f"the run's own {int(own.sum())} test pixels ({split.recipe} split)"]
    chosen = labelled & ~seen.near
    if not seen.located:
        unknown = (
            "scene and run have no georeferencing in common, so it is not known whether it learned from any of them"
        )
        return chosen, [f"{int(chosen.sum())} labelled pixels; {unknown}"]
    remarks = [f"{int(chosen.sum())} labelled pixels, none of them learned from"]
    left_out = int((labelled & seen.near).sum())
    if left_out:
        remarks.append(f"left out {left_out} pixels within {split.buffer} of a learned pixel")
    return chosen, remarks


def _overlap(seen: SeenPixels, mask: NDArray[np.bool_], radius: int) -> str:
    """Count evaluated pixels within r and 2r of one that was trained on, and of one for validation."""
    trained, learned = (
        (int((within(near, radius) & mask).sum()), int((within(near, 2 * radius) & mask).sum()))
        for near in (seen.trained, seen.learned)
    )
    return f"of them {nearness(trained, learned, radius)}"
