from .bands import mark_empty_bands, mark_water_vapour, select_wavelengths
from .datasets.opening import open_dataset
from .description import describe_scene
from .detectors import merge_detectors
from .gaps import fill_gaps
from .libraries.opening import open_spectra
from .mask import with_mask
from .matching import match_bands
from .mosaic import tiles_of
from .opening import open_scene
from .quality import exclude, exclusion_counts
from .resampling import resample
from .simulation import simulate_scene

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
