"""Time the whole training of a default run: choice of the representation, selection and calibration, and the last fit.

Run ``python benchmarks/training.py``. A simulated cube of Houston2013's shape, with labels at the 2832 published
training positions where ``SPECTRALMAMBA_DATA`` names a folder that has them (else on as many simulated ones). Our
default is trained to its end; it, the same on the reference scan, and SpectralFormer are projected from a few steps
each, in one run.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import xarray as xr
from timing import describe_machine

from spectralmamba import open_labels, simulate_scene
from spectralmamba.benchmarks.estimate import projected_training
from spectralmamba.models.s6 import S6
from spectralmamba.training import LabelledScene, RunConfig, train
from spectralmamba.training.prepare import prepare
from spectralmamba.training.train import initial_model

HEIGHT, WIDTH, BANDS, POSITIONS = 349, 1905, 144, 2832
PUBLISHED = Path("houston2013/2013_IEEE_GRSS_DF_Contest_Samples_TR.tif")
RELEASED = {"configuration": "released", "patch_size": 7}


def labelled_scene() -> tuple[LabelledScene, str]:
    """The simulated cube and its labels, and where these are from."""
    scene, labels = simulate_scene(HEIGHT, WIDTH, BANDS, n_classes=12, nodata_fraction=0.0)
    # No georeferencing: the labels' own grid is another one.
    scene = xr.DataArray(
        scene.values, dims=scene.dims, coords={k: scene.coords[k] for k in ("wavelength", "fwhm", "good")}
    )
    file = Path(os.environ.get("SPECTRALMAMBA_DATA", "")) / PUBLISHED
    if file.is_file():
        published = open_labels(file)
        plain = xr.DataArray(published.values, dims=("y", "x"), attrs=published.attrs, name="labels")
        return LabelledScene(scene, plain), "the published training positions"
    keep = np.zeros(labels.shape, bool)
    rows, columns = np.nonzero(labels.values)
    keep[rows[:: len(rows) // POSITIONS][:POSITIONS], columns[:: len(rows) // POSITIONS][:POSITIONS]] = True
    sparse = xr.DataArray(np.where(keep, labels.values, 0), dims=("y", "x"), attrs=labels.attrs, name="labels")
    return LabelledScene(scene, sparse), "simulated positions"


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    data, where = labelled_scene()
    scenes = {"scene": data}
    print(f"{describe_machine()}\n{HEIGHT}×{WIDTH}×{BANDS}, {int((data.labels.values > 0).sum())} labels at {where}\n")
    print("| model | form | seconds | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        train(scenes, Path(folder) / "run", RunConfig(), device="cpu")
        print(f"| spectralmamba, default | patchwise | {time.perf_counter() - started:.0f} | measured |", flush=True)
    seconds: dict[str, float] = {}
    for name, config, backend in (
        ("spectralmamba, default", RunConfig(), "auto"),
        ("spectralmamba, default, reference scan", RunConfig(), "reference"),
        (
            "spectralformer, released configuration",
            replace(RunConfig(), model="spectralformer", model_options=RELEASED),
            "auto",
        ),
    ):
        prepared = prepare(scenes, config)
        model = initial_model(prepared, config, torch.device("cpu"))
        for block in model.modules():
            if isinstance(block, S6):
                block.backend = backend
        seconds[name] = projected_training(prepared, model, config.training) or float("nan")
        ratio = seconds[name] / seconds["spectralmamba, default"]
        print(f"| {name} | patchwise | {seconds[name]:.0f} | projected, {ratio:.1f} times the first |", flush=True)


if __name__ == "__main__":
    main()
