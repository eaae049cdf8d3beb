"""Figures of scenes, spectra, training and accuracy, and the report of a run that puts them on one page.

Every name is brought in on first use, so that importing this place loads neither matplotlib nor PyTorch.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "figure_confusion": "spectralmamba.reporting.confusion",
    "figure_scene": "spectralmamba.reporting.maps",
    "figure_spectra": "spectralmamba.reporting.spectra",
    "figure_training": "spectralmamba.reporting.curves",
    "plot_false_colour": "spectralmamba.reporting.notebook",
    "plot_map_overlay": "spectralmamba.reporting.notebook",
    "plot_spectra": "spectralmamba.reporting.notebook",
    "write_report": "spectralmamba.reporting.report",
}

__all__ = [
    "figure_confusion",
    "figure_scene",
    "figure_spectra",
    "figure_training",
    "plot_false_colour",
    "plot_map_overlay",
    "plot_spectra",
    "write_report",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.reporting' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
