"""What every figure of a benchmark says below: scene, split, seeds, and what else has to be read with it."""

from pathlib import Path

from spectralmamba.benchmarks.record import Benchmark
from spectralmamba.reporting.comparison.figures import ranges
from spectralmamba.reporting.comparison.looks import looks_of
from spectralmamba.scenes.datasets.catalogue import CATALOGUE

ONLY_FOLDS_NAMED = 12  # so many folds are listed; of more only their number is told


def scene_name(benchmark: Benchmark) -> str:
    """Name the scene: title of the data set, else the file or folder; of several the list."""
    source = benchmark.protocol.data
    if source.pairs is not None:
        return f"those of {Path(source.pairs).name}"
    if source.dataset is not None:
        return CATALOGUE[source.dataset].title if source.dataset in CATALOGUE else source.dataset
    path = Path(source.scene or "")
    general = path.is_dir() or path.suffix in ("", ".npz")  # 'images' says less than the folder that it lies in
    return f"{path.parent.name}/{path.stem}" if general and path.parent.name else path.stem


def caption(benchmark: Benchmark) -> list[str]:
    """Say what a benchmark compared, and on what, a sentence each."""
    return [*about_data(benchmark), _repetitions(benchmark), *_fewer(benchmark)]


def about_data(benchmark: Benchmark) -> list[str]:
    """Name the scene and say how its labelled pixels were divided."""
    splits = list(benchmark.summary.splits)
    several = ", which depends on how far a model looks" if len(splits) > 1 else ""
    return [f"Scene: {scene_name(benchmark)}.", f"Split (first seed and fold{several}): {'; '.join(splits)}."]


def _repetitions(benchmark: Benchmark) -> str:
    seeds = sorted({result.seed for result in benchmark.results})
    folds = sorted({result.fold for result in benchmark.results if result.fold is not None})
    text = f"Seed{'s' * (len(seeds) > 1)} {ranges(seeds)}"
    if folds:
        named = ranges(folds) if len(folds) <= ONLY_FOLDS_NAMED else str(len(folds))
        text += f", test fold{'s' * (len(folds) > 1)} {named}" + " pooled" * (len(folds) > 1)
    return f"{text}; " + ("mean ± standard deviation over seeds." if len(seeds) > 1 else "one seed, so no spread.")


def _fewer(benchmark: Benchmark) -> list[str]:
    """Name the models that ran fewer seeds than others."""
    looks = looks_of(benchmark.protocol.models)
    rows = benchmark.summary.rows
    most = max((len(row.seeds) for row in rows), default=0)
    few: dict[int, list[str]] = {}
    for row in rows:
        if len(row.seeds) < most:
            few.setdefault(len(row.seeds), []).append(looks[row.name].name)
    return [f"{n} seed{'s' * (n > 1)} only: {'; '.join(names)}." for n, names in sorted(few.items())]
