from .estimator import SpectralMambaClassifier
from .evaluation import evaluate
from .labels import ClassTable, open_labels
from .mapping import map_scene
from .metrics import ConfusionMatrix
from .models import SpectralMamba, SpectralMambaConfig, count_costs, create_model
from .ops import selective_scan
from .reporting import plot_false_colour, plot_map_overlay, plot_spectra, write_report
from .sampling import (
    BlockKFold,
    RegionKFold,
    Split,
    describe_labels,
    labelled_spectra,
    split_blocks,
    split_fixed,
    split_random,
    split_regions,
    split_scenes,
    split_tiles,
)
from .scenes import (
    describe_scene,
    fill_gaps,
    match_bands,
    merge_detectors,
    open_scene,
    open_spectra,
    resample,
    select_wavelengths,
    simulate_scene,
    with_mask,
)
from .training import LabelledScene, RunConfig, TrainingOptions, train

__all__ = [
    "BlockKFold",
    "ClassTable",
    "ConfusionMatrix",
    "LabelledScene",
    "RegionKFold",
    "RunConfig",
    "SpectralMamba",
    "SpectralMambaClassifier",
    "SpectralMambaConfig",
    "Split",
    "TrainingOptions",
    "__version__",
    "count_costs",
    "create_model",
    "describe_labels",
    "describe_scene",
    "evaluate",
    "fill_gaps",
    "labelled_spectra",
    "map_scene",
    "match_bands",
    "merge_detectors",
    "open_labels",
    "open_scene",
    "open_spectra",
    "plot_false_colour",
    "plot_map_overlay",
    "plot_spectra",
    "resample",
    "select_wavelengths",
    "selective_scan",
    "simulate_scene",
    "split_blocks",
    "split_fixed",
    "split_random",
    "split_regions",
    "split_scenes",
    "split_tiles",
    "train",
    "with_mask",
    "write_report",
]

__version__: str
