"""Accuracy of a run on several scenes: on all their pixels together, and on each scene's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spectralmamba.errors import LabelError
from spectralmamba.evaluation.evaluate import Evaluation, UnseenPixels, unseen_pixels
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.sampling.split import Split
from spectralmamba.training.labelled import LabelledScene


@dataclass(frozen=True)
class SeveralEvaluations:
    """Accuracy on the pixels of several scenes.

    Attributes
    ----------
    pooled : Evaluation
        On all pixels together; its remarks name the scenes.
    by_scene : mapping of str to Evaluation
        On each scene's, of which there may be none.
    """

    pooled: Evaluation
    by_scene: Mapping[str, Evaluation]

    def to_json(self) -> dict[str, Any]:
        """Give the pooled figures, and those of each scene under ``scenes``, as JSON-able values."""
        return self.pooled.to_json() | {"scenes": {key: one.to_json() for key, one in self.by_scene.items()}}


def evaluate_scenes(
    predictor: ModelPredictor, split: Split, scenes: Mapping[str, LabelledScene], *, buffer: int | None = None
) -> SeveralEvaluations:
    """Evaluate a run on several scenes, each as :func:`spectralmamba.evaluation.evaluate` does.

    Parameters
    ----------
    predictor : ModelPredictor
    split : Split
        Of the run.
    scenes : mapping of str to LabelledScene
        By key. A scene of the run without georeferencing is known by the key that it has there.
    buffer : int, optional
        Pixels (Chebyshev) to keep from learned ones; the split's where not given.

    Raises
    ------
    SceneError, ConfigError
        As for one scene.
    LabelError
        As for one scene, or no labelled pixel is left in any of them.
    """
    found = {
        key: unseen_pixels(predictor, split, item.scene.rename(key), item.labels, buffer=buffer)
        for key, item in scenes.items()
    }
    if not any(pixels.reference.size for pixels in found.values()):
        raise LabelError("no labelled pixel is left in any scene; give labels of pixels that were not trained on")
    return SeveralEvaluations(
        _together(found).evaluation(predictor), {key: pixels.evaluation(predictor) for key, pixels in found.items()}
    )


def _together(found: Mapping[str, UnseenPixels]) -> UnseenPixels:
    return UnseenPixels(
        np.concatenate([pixels.reference for pixels in found.values()]),
        np.concatenate([pixels.predicted for pixels in found.values()]),
        np.concatenate([pixels.confidence for pixels in found.values()]),
        tuple(f"{key}: {remark}" for key, pixels in found.items() for remark in pixels.remarks),
    )
