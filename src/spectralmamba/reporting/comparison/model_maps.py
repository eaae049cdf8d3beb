"""Every model's map of the scene, from the run directories that a benchmark kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.benchmarks.results import Result, ResultFolder
from spectralmamba.errors import RunError
from spectralmamba.labels import ClassTable
from spectralmamba.mapping import predict_scene
from spectralmamba.models.saved import load_predictor
from spectralmamba.sampling.split import SceneSplit
from spectralmamba.training import Run
from spectralmamba.training.inputs import open_inputs

Numbers = NDArray[np.integer]

OnMap = Callable[[int, int, str], None]
"""Called with how many maps are computed, how many there will be, and the model's name."""


@dataclass(frozen=True, eq=False)
class ModelMaps:
    """A scene and what models made of it.

    Attributes
    ----------
    scene : DataArray (band, y, x)
    train, test : ndarray of int, shape (height, width)
        Labels of the first model's split, 0 = none; validation pixels, which choose the epoch, are in ``train``.
    same_split : bool
        Whether all models have the same.
    results : list of Result
        The runs that are shown.
    maps : list of ndarray of int, shape (height, width)
        Class numbers, 0 = no data, a map for each result.
    table : ClassTable
    among : int
        How many scenes the benchmark has; of several, the one with the most test pixels is shown.
    key : str
        Of this scene among them.
    """

    scene: xr.DataArray
    train: Numbers
    test: Numbers
    same_split: bool
    results: list[Result]
    maps: list[Numbers]
    table: ClassTable
    among: int = 1
    key: str = ""


def shown_results(benchmark: Benchmark) -> list[Result]:
    """Choose the run of each model that is shown: of the first seed and fold that it has.

    Raises
    ------
    RunError
        A run directory was not kept.
    """
    folder = ResultFolder(benchmark.folder)
    results = []
    for entry, _ in benchmark.pairs:
        result = next(result for result in benchmark.results if result.name == entry.name)
        if not folder.has_run(result.key):
            raise RunError(
                f"{benchmark.folder} has no run directory of {entry.name!r}, which its map is made with; run the "
                "benchmark again there with --keep-runs"
            )
        results.append(result)
    return results


def compute_maps(benchmark: Benchmark, on_map: OnMap | None = None) -> ModelMaps:
    """Open the scene as the first run's configuration names it, and map all of it with each model.

    Parameters
    ----------
    benchmark : Benchmark
    on_map : callable, optional

    Raises
    ------
    RunError
        A run directory is missing or damaged.
    SceneError
        The scene is not where it was.
    """
    results = shown_results(benchmark)
    runs = [Run(ResultFolder(benchmark.folder).run_folder(result.key)) for result in results]
    inputs = open_inputs(runs[0].config().data)
    splits = runs[0].split().scenes
    key = max(inputs, key=lambda key: int((splits[key].test.values > 0).sum()) if key in splits else 0)
    item = inputs[key]
    parts = [_parts(run, key) for run in runs]
    same = all(np.array_equal(one, first) for pair in parts for one, first in zip(pair, parts[0], strict=True))
    maps: list[Numbers] = []
    tables = []
    for i, (run, result) in enumerate(zip(runs, results, strict=True)):
        predictor = load_predictor(run.path)
        maps.append(predict_scene(predictor, item.scene)[0])
        tables.append(predictor.classes)
        if on_map is not None:
            on_map(i + 1, len(runs), result.name)
    return ModelMaps(item.scene, *parts[0], same, results, maps, reduce(ClassTable.union, tables), len(inputs), key)


def _parts(run: Run, key: str) -> tuple[Numbers, Numbers]:
    """Training labels, validation among them, and test labels of a run."""
    scenes = run.split().scenes
    split: SceneSplit = scenes[key] if key in scenes else next(iter(scenes.values()))
    train = split.train.values
    return np.where(train > 0, train, split.validation.values), split.test.values
