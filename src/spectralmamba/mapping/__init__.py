"""Whole-scene inference: tiles in, classes and confidences out, the same for any tile size.

The names are brought in on first use, so that a server of processes can be started before the libraries are loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spectralmamba.mapping.mapper import MapSummary, map_scene, predict_scene
    from spectralmamba.mapping.outputs import MapOutputs
    from spectralmamba.mapping.predictor import Predictor

_PUBLIC = {
    "MapOutputs": "spectralmamba.mapping.outputs",
    "MapSummary": "spectralmamba.mapping.mapper",
    "Predictor": "spectralmamba.mapping.predictor",
    "map_scene": "spectralmamba.mapping.mapper",
    "predict_scene": "spectralmamba.mapping.mapper",
}

__all__ = ["MapOutputs", "MapSummary", "Predictor", "map_scene", "predict_scene"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.mapping' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
