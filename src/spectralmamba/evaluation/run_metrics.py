"""What ``metrics.json`` of a run holds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from spectralmamba.evaluation.evaluate import Evaluation, evaluate_samples
from spectralmamba.evaluation.references import Reference
from spectralmamba.models.costs import count_costs
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.training.prepare import Prepared


def evaluate_run(predictor: ModelPredictor, prepared: Prepared) -> tuple[Evaluation, Evaluation | None]:
    """Evaluate a run on its test pixels, and on its validation pixels where it did not learn from any of them.

    A run that learned from all labels has no test pixels; its first matrix is empty.
    """
    remarks = [prepared.split.describe()]
    if prepared.invalid_pixels:
        remarks.append(f"{prepared.invalid_pixels} labelled pixels without data were left out")
    learned = predictor.learned_validation
    if learned and prepared.part["validation"].any():
        remarks.append("the model learned from the validation pixels, too")
    test = evaluate_samples(predictor, prepared.select("test"), tuple(remarks))
    if learned or not prepared.part["validation"].any():
        return test, None
    return test, evaluate_samples(predictor, prepared.select("validation"))


def evaluate_test_scenes(predictor: ModelPredictor, prepared: Prepared) -> dict[str, Evaluation]:
    """Evaluate a run of several scenes on the test pixels of each that has any; empty for a run of one scene."""
    keys = list(prepared.split.scenes)
    if len(keys) == 1:
        return {}
    masks = {key: prepared.part["test"] & (prepared.samples.scene_index == i) for i, key in enumerate(keys)}
    return {
        key: evaluate_samples(predictor, prepared.samples.select(mask)) for key, mask in masks.items() if mask.any()
    }


def run_metrics(
    predictor: ModelPredictor,
    prepared: Prepared,
    test: Evaluation,
    validation: Evaluation | None,
    references: Sequence[Reference] = (),
    by_scene: Mapping[str, Evaluation] | None = None,
) -> dict[str, Any]:
    """Put a run's figures together as JSON-able values; ``test_scenes`` are there for a run of several scenes."""
    scenes = {key: one.to_json() for key, one in (by_scene or {}).items()}
    return {
        "test": test.to_json() if test.matrix.total else None,
        "validation": None if validation is None else validation.to_json(),
        "references": {reference.name: reference.matrix.to_json() for reference in references},
        "costs": asdict(count_costs(predictor.model)),
        "split": prepared.split.describe(),
        "confidence": {"expected_calibration_error": test.calibration_error if test.matrix.total else None},
    } | ({"test_scenes": scenes} if scenes else {})
