"""Scenes: one small reader per format, each of which returns the same thing; the simulator; benchmark data.

The names are brought in on first use, so that importing this place loads no raster library.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "describe_scene": "spectralmamba.scenes.description",
    "exclude": "spectralmamba.scenes.quality",
    "exclusion_counts": "spectralmamba.scenes.quality",
    "fill_gaps": "spectralmamba.scenes.gaps",
    "mark_empty_bands": "spectralmamba.scenes.bands",
    "mark_water_vapour": "spectralmamba.scenes.bands",
    "match_bands": "spectralmamba.scenes.matching",
    "merge_detectors": "spectralmamba.scenes.detectors",
    "open_dataset": "spectralmamba.scenes.datasets.opening",
    "open_scene": "spectralmamba.scenes.opening",
    "open_spectra": "spectralmamba.scenes.libraries.opening",
    "resample": "spectralmamba.scenes.resampling",
    "select_wavelengths": "spectralmamba.scenes.bands",
    "simulate_scene": "spectralmamba.scenes.simulation",
    "tiles_of": "spectralmamba.scenes.mosaic",
    "with_mask": "spectralmamba.scenes.mask",
}

__all__ = [
    "describe_scene",
    "exclude",
    "exclusion_counts",
    "fill_gaps",
    "mark_empty_bands",
    "mark_water_vapour",
    "match_bands",
    "merge_detectors",
    "open_dataset",
    "open_scene",
    "open_spectra",
    "resample",
    "select_wavelengths",
    "simulate_scene",
    "tiles_of",
    "with_mask",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.scenes' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
