"""Accuracy figures, all from one confusion matrix."""

from spectralmamba.metrics.confusion import ConfusionMatrix

__all__ = ["ConfusionMatrix"]
