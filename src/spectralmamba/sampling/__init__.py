"""Which pixels are learned from, and what the model is shown of them."""

from spectralmamba.sampling.description import describe_labels
from spectralmamba.sampling.functions import (
    split_blocks,
    split_fixed,
    split_random,
    split_regions,
    split_scenes,
    split_tiles,
)
from spectralmamba.sampling.labelled_spectra import labelled_spectra
from spectralmamba.sampling.patches import PatchSampler
from spectralmamba.sampling.recipes import make_split
from spectralmamba.sampling.split import SceneSplit, Split
from spectralmamba.sampling.splitters import BlockKFold, RegionKFold
from spectralmamba.sampling.standardise import Standardiser

__all__ = [
    "BlockKFold",
    "PatchSampler",
    "RegionKFold",
    "SceneSplit",
    "Split",
    "Standardiser",
    "describe_labels",
    "labelled_spectra",
    "make_split",
    "split_blocks",
    "split_fixed",
    "split_random",
    "split_regions",
    "split_scenes",
    "split_tiles",
]
