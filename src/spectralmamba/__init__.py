"""Hyperspectral image classification with SpectralMamba, from a scene and labels to an accuracy and a map.

``import spectralmamba`` loads nothing heavy: each public name brings in its module on first use (PEP 562).
"""

from importlib import import_module
from importlib.metadata import version
from typing import Any

__version__ = version("spectralmamba")

_PUBLIC = {
    "BlockKFold": "spectralmamba.sampling",
    "ClassTable": "spectralmamba.labels",
    "ConfusionMatrix": "spectralmamba.metrics",
    "LabelledScene": "spectralmamba.training",
    "RegionKFold": "spectralmamba.sampling",
    "RunConfig": "spectralmamba.training",
    "SpectralMamba": "spectralmamba.models",
    "SpectralMambaClassifier": "spectralmamba.estimator",
    "SpectralMambaConfig": "spectralmamba.models",
    "Split": "spectralmamba.sampling",
    "TrainingOptions": "spectralmamba.training",
    "count_costs": "spectralmamba.models",
    "create_model": "spectralmamba.models",
    "describe_labels": "spectralmamba.sampling",
    "describe_scene": "spectralmamba.scenes",
    "evaluate": "spectralmamba.evaluation",
    "fill_gaps": "spectralmamba.scenes",
    "labelled_spectra": "spectralmamba.sampling",
    "map_scene": "spectralmamba.mapping",
    "match_bands": "spectralmamba.scenes",
    "merge_detectors": "spectralmamba.scenes",
    "open_labels": "spectralmamba.labels",
    "open_scene": "spectralmamba.scenes",
    "open_spectra": "spectralmamba.scenes",
    "plot_false_colour": "spectralmamba.reporting",
    "plot_map_overlay": "spectralmamba.reporting",
    "plot_spectra": "spectralmamba.reporting",
    "resample": "spectralmamba.scenes",
    "select_wavelengths": "spectralmamba.scenes",
    "selective_scan": "spectralmamba.ops",
    "simulate_scene": "spectralmamba.scenes",
    "split_blocks": "spectralmamba.sampling",
    "split_fixed": "spectralmamba.sampling",
    "split_random": "spectralmamba.sampling",
    "split_regions": "spectralmamba.sampling",
    "split_scenes": "spectralmamba.sampling",
    "split_tiles": "spectralmamba.sampling",
    "train": "spectralmamba.training",
    "with_mask": "spectralmamba.scenes",
    "write_report": "spectralmamba.reporting",
}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604 - the keys are strings


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
