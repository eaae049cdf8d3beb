"""Scenes: one small reader per format, each of which returns the same thing; the simulator; benchmark data.

The names are brought in on first use, so that importing this place loads no raster library.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "open_dataset": "spectralmamba.scenes.datasets.opening",
    "open_scene": "spectralmamba.scenes.opening",
    "open_spectra": "spectralmamba.scenes.libraries.opening",
    "simulate_scene": "spectralmamba.scenes.simulation",
}

__all__ = ["open_dataset", "open_scene", "open_spectra", "simulate_scene"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.scenes' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
