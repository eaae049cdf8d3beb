"""Figures of benchmarks: models against one another, the parts of SpectralMamba, and the maps side by side.

Every name is brought in on first use, so that importing this place loads neither matplotlib nor PyTorch.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "ablation_table": "ablation",
    "figure_ablation": "ablation",
    "figure_accuracy_macs": "accuracy_macs",
    "figure_classes": "class_bars",
    "figure_panel": "panel",
    "figure_radar": "radar",
    "figure_sweep": "sweep",
}

__all__ = [
    "ablation_table",
    "figure_ablation",
    "figure_accuracy_macs",
    "figure_classes",
    "figure_panel",
    "figure_radar",
    "figure_sweep",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.reporting.comparison' has no attribute {name!r}")
    return getattr(import_module(f"spectralmamba.reporting.comparison.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
