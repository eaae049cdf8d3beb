"""How good a run is: accuracy on pixels it has not seen, calibration, and reference classifiers beside it."""

from spectralmamba.evaluation.evaluate import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
