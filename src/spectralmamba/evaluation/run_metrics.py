"""What ``metrics.json`` of a run holds."""

from collections.abc import Sequence
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


def run_metrics(
    predictor: ModelPredictor,
    prepared: Prepared,
    test: Evaluation,
    validation: Evaluation | None,
    references: Sequence[Reference] = (),
) -> dict[str, Any]:
    """Put a run's figures together as JSON-able values."""
    return {
        "test": test.to_json() if test.matrix.total else None,
        "validation": None if validation is None else validation.to_json(),
        "references": {reference.name: reference.matrix.to_json() for reference in references},
        "costs": asdict(count_costs(predictor.model)),
        "split": prepared.split.describe(),
        "confidence": {"expected_calibration_error": test.calibration_error if test.matrix.total else None},
    }
