from .mapper import MapSummary, map_scene, predict_scene
from .outputs import MapOutputs
from .predictor import Predictor

__all__ = [
    "MapOutputs",
    "MapSummary",
    "Predictor",
    "map_scene",
    "predict_scene",
]
