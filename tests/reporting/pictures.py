"""What tests of figures share: a picture read back, small scenes, a run without training."""

import json
from pathlib import Path

import matplotlib.image
import numpy as np
import xarray as xr

from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.scenes.contract import make_scene
from spectralmamba.training import Run, RunConfig

NAMES = ("crop", "water", "<b>roof</b>")
COLOURS = ("#7fc241", "#2d6fb8", "#d1432f")


def read(path: Path) -> np.ndarray:
    """The picture as (h, w, 4), 0..1."""
    return np.asarray(matplotlib.image.imread(path))


def has_colour(picture: np.ndarray, colour: str) -> bool:
    rgb = np.array(list(bytes.fromhex(colour[1:]))) / 255
    return bool((np.abs(picture[..., :3] - rgb).max(axis=-1) < 0.01).any())


def scene_of(values: np.ndarray, wavelength=None, good=None) -> xr.DataArray:
    return make_scene(values.astype(np.float32), name="made", source="made", wavelength=wavelength, good=good)


def random_scene(n_bands: int, height: int, width: int, **coords) -> xr.DataArray:
    return scene_of(np.random.default_rng(0).random((n_bands, height, width)), **coords)


def history(n: int, *, validated: bool = True) -> str:
    head = "epoch,learning_rate,train_loss,validation_loss,validation_accuracy,seconds\n"
    tail = "0.5,0.9" if validated else ","
    return head + "".join(f"{i},0.001,{1 / i},{tail},0.1\n" for i in range(1, n + 1))


def model_json() -> str:
    rows = [{"number": i + 1, "name": n, "colour": c} for i, (n, c) in enumerate(zip(NAMES, COLOURS, strict=True))]
    return json.dumps(
        {
            "model": {"name": "spectralmamba", "options": {"patch_size": 3, "wavelengths": [400.0]}},
            "bands": {"n_scene_bands": 5, "kept": [0, 1, 2]},
            "classes": rows,
            "software": {"python": "3.11.7", "spectralmamba": "0.1.0"},
            "training": {
                "epochs": 4,
                "best_epoch": 2,
                "stopped_early": False,
                "selected_on": "validation loss",
                "calibrated_on": "validation pixels",
                "split": "blocks with a buffer of 4 pixels",
            },
        }
    )


def metrics_json(**changes) -> str:
    counts = np.array([[90, 10, 0], [5, 95, 0], [0, 0, 0]])
    test = ConfusionMatrix(counts, NAMES).to_json()
    return json.dumps({"test": test, "validation": None, "references": {}, "costs": {}, "split": "by <hand>"} | changes)


def run_in(folder: Path, **files: str) -> Run:
    """A run directory with config.yaml and these files; ``history_csv`` stands for ``history.csv``."""
    folder.mkdir()
    (folder / "config.yaml").write_text(RunConfig().to_yaml(), encoding="utf-8")
    for name, content in files.items():
        stem, suffix = name.rsplit("_", 1)
        (folder / f"{stem}.{suffix}").write_text(content, encoding="utf-8")
    return Run(folder)
