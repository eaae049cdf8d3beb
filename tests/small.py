"""A small simulated problem that several places are tested on."""

from functools import cache
from pathlib import Path

import xarray as xr

from spectralmamba.sampling.options import SplitOptions
from spectralmamba.scenes import simulate_scene
from spectralmamba.training import LabelledScene, RunConfig, TrainingOptions


@cache
def simulated(seed: int = 0) -> tuple[xr.DataArray, xr.DataArray]:
    """48 × 48 pixels, 24 bands, 3 classes; treat it as read-only."""
    return simulate_scene(48, 48, 24, 3, seed=seed, label_fraction=0.3)


def labelled(seed: int = 0) -> dict[str, LabelledScene]:
    scene, labels = simulated(seed)
    return {"small": LabelledScene(scene, labels)}


def config(**training: object) -> RunConfig:
    """A run of a few quick epochs on a random split, so that every class is everywhere."""
    options = {"epochs": 4, "batch_size": 32, "patience": 0} | training
    return RunConfig(training=TrainingOptions(**options), split=SplitOptions(recipe="random", train_fraction=0.5))


def write_files(folder: Path, seed: int = 0) -> tuple[Path, Path]:
    """The same problem as files."""
    from spectralmamba.sampling.label_files import write_label_map
    from spectralmamba.scenes.export import write_scene

    scene, labels = simulated(seed)
    write_scene(scene, folder / "scene.tif")
    write_label_map(labels, folder / "labels.tif")
    return folder / "scene.tif", folder / "labels.tif"
