"""Whole-scene inference: tiles in, classes and confidences out, the same for any tile size."""

from spectralmamba.mapping.mapper import MapSummary, map_scene, predict_scene
from spectralmamba.mapping.outputs import MapOutputs
from spectralmamba.mapping.predictor import Predictor

__all__ = ["MapOutputs", "MapSummary", "Predictor", "map_scene", "predict_scene"]
