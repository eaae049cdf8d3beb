"""How good a run is: accuracy on pixels it has not seen, calibration, and reference classifiers beside it."""

from spectralmamba.evaluation.evaluate import Evaluation, evaluate
from spectralmamba.evaluation.several import SeveralEvaluations, evaluate_scenes

__all__ = ["Evaluation", "SeveralEvaluations", "evaluate", "evaluate_scenes"]
