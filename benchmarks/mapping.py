"""Pixels a second and peak memory of mapping whole scenes, end to end: open, read, infer, write.

Run ``python benchmarks/mapping.py``, or with the names of some tables: ``houston``, ``tall``, ``tiles``, ``threads``,
``models``. Every row is measured in a process of its own; memory is the peak above what the interpreter, the libraries
and the loaded model take. The scene is simulated, repeated to its size, and stored as GDAL stores by default: float32,
deflated, in strips. Models are untrained, with 144 bands and 15 classes; what a pixel costs does not depend on weights.
Slow models are timed on a few rows of the scene.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from timing import describe_machine

BANDS, CLASSES = 144, 15
HOUSTON = (349, 1905)
RELEASED = {"patch_size": 7, "configuration": "released"}  # SpectralFormer as its authors released it
FEW_PIXELS = 1 << 14  # for models that take patches one by one
ROUNDS = 3
MIB = 1 << 20


@dataclass(frozen=True)
class Row:
    """What is measured: a model, a scene and how it is mapped."""

    model: str = "spectralmamba"
    options: dict[str, Any] = field(default_factory=dict)
    size: tuple[int, int] = HOUSTON
    tile: int | None = None
    threads: int | None = None

    @property
    def scene(self) -> str:
        """Name of the scene's file."""
        return f"{self.size[0]}x{self.size[1]}.tif"


def few(row_width: int = 1024) -> tuple[int, int]:
    """Size of the scene for slow models."""
    return FEW_PIXELS // row_width, row_width


def write_scene_file(path: Path, size: tuple[int, int]) -> None:
    """Simulate a scene; a tall one repeats its rows. A band at a time, so that the file may be larger than memory."""
    from spectralmamba.scenes import simulate_scene
    from spectralmamba.scenes.grid import Grid
    from spectralmamba.scenes.raster import create_tiff

    height, width = size
    piece = simulate_scene(min(max(height, 8), HOUSTON[0]), width, BANDS, 12, seed=0)[0].values
    layout = {"predictor": 3, "interleave": "band", "bigtiff": "if_safer", "nodata": np.nan}
    with create_tiff(path, Grid(None, None, height, width), BANDS, np.float32, **layout) as file:
        for band, values in enumerate(piece, 1):
            file.write(np.tile(values, (-(-height // len(values)), 1))[:height], band)


def make_predictor(row: Row) -> Any:  # noqa: ANN401 - importing its type takes PyTorch
    """An untrained model; one that is not trained by gradients is fitted to noise."""
    import torch

    from spectralmamba.labels import ClassTable
    from spectralmamba.models import create_model
    from spectralmamba.models.predictor import ModelPredictor
    from spectralmamba.sampling.standardise import Standardiser

    torch.manual_seed(0)
    model = create_model(row.model, n_bands=BANDS, n_classes=CLASSES, **row.options).eval()
    if not model.trained_by_gradient:
        noise = np.random.default_rng(0).normal(size=(40 * CLASSES, BANDS)).astype(np.float32)
        estimator = model.make_estimator(model.candidates()[0], 0, "none")
        model.estimator = estimator.fit(model.features(noise), np.arange(len(noise)) % CLASSES)
    scaling = Standardiser(np.full(BANDS, -1.2, np.float32), np.full(BANDS, 0.7, np.float32), 1e-3)
    classes = ClassTable.from_numbers(range(1, CLASSES + 1))
    return ModelPredictor(model, scaling, np.arange(BANDS), np.full(BANDS, np.nan), classes)


def memory(name: str) -> float:
    """A figure of ``/proc/self/status`` in MiB: VmRSS is the memory now, VmHWM its peak."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in status if line.startswith(name)).split()[1]) / 1024


def measure(row: Row, folder: Path) -> dict[str, Any]:
    """Map once; the compiled code was made by a first map of a few pixels."""
    import torch

    from spectralmamba.mapping import map_scene
    from spectralmamba.scenes import open_scene

    if row.threads is not None:
        torch.set_num_threads(row.threads)
    predictor = make_predictor(row)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        map_scene(predictor, open_scene(folder / "16x16.tif"), Path(out) / "first.tif")
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak so far is forgotten
        before, begun = memory("VmRSS"), time.perf_counter()
        scene = open_scene(folder / row.scene)
        summary = map_scene(predictor, scene, Path(out) / "map.tif", tile_size=row.tile)
        seconds = time.perf_counter() - begun
    parts = {name: value for name, value in asdict(summary.seconds).items() if name != "total"}
    return {"seconds": seconds, "memory": memory("VmHWM") - before, "tiles": summary.tiles} | parts


def in_process(row: Row, folder: Path) -> dict[str, Any]:
    """Measure a row in a fresh process."""
    command = [sys.executable, __file__, "--row", json.dumps(asdict(row)), "--folder", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def median_of(rows: dict[str, Row], folder: Path, rounds: int) -> dict[str, dict[str, Any]]:
    """Rows in turn, several times; the one of the median time of each."""
    for size in {row.size for row in rows.values()} | {(16, 16)}:
        path = folder / f"{size[0]}x{size[1]}.tif"
        if not path.exists():
            write_scene_file(path, size)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, row in rows.items():
            found[name].append(in_process(row, folder))
    middle = {name: statistics.median_low([one["seconds"] for one in those]) for name, those in found.items()}
    return {name: next(one for one in those if one["seconds"] == middle[name]) for name, those in found.items()}


def print_table(title: str, rows: dict[str, Row], folder: Path, rounds: int = ROUNDS) -> None:
    """Measure and print rows, speeds also as multiples of the last one's."""
    found = median_of(rows, folder, rounds)
    speeds = {name: row.size[0] * row.size[1] / found[name]["seconds"] for name, row in rows.items()}
    last = speeds[list(rows)[-1]]
    heads = (
        "",
        "pixels",
        "tiles",
        "s",
        "reading",
        "inference",
        "writing",
        "waiting",
        "pixels a second",
        "× last",
        "MiB",
    )
    print(f"\n{title}\n\n| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for name, row in rows.items():
        one = found[name]
        times = [f"{one[part]:.2f}" for part in ("seconds", "reading", "inference", "writing", "waiting")]
        pixels = row.size[0] * row.size[1]
        cells = [name, f"{pixels:,}", one["tiles"], *times, f"{speeds[name]:,.0f}", f"{speeds[name] / last:.2f}"]
        print("| " + " | ".join(map(str, [*cells, f"{one['memory']:.0f}"])) + " |", flush=True)


def tables() -> dict[str, tuple[str, dict[str, Row]]]:
    """What each table shows, by its name."""
    from spectralmamba.models import model_names

    others = {
        name: Row(name, {"patch_size": 1} if name in ("svm", "randomforest") else {}, few())
        for name in model_names()
        if name != "spectralmamba"
    }
    return {
        "houston": (
            "Houston2013's shape against SpectralFormer as released, on a sample",
            {"spectralmamba": Row(), "spectralformer": Row("spectralformer", RELEASED, (2, 1024))},
        ),
        "tall": ("A scene ten times as tall", {"10 × 349 rows": Row(size=(3490, 1905)), "349 rows": Row()}),
        "tiles": ("Tile size", {str(tile or "default"): Row(tile=tile) for tile in (32, 64, 128, 512, None)}),
        "threads": ("Threads", {str(threads): Row(threads=threads) for threads in (2, 1)}),
        "models": (
            "Models, on a few rows",
            {"spectralmamba, pixelwise": Row("spectralmamba", {"patch_size": 1}, few())}
            | others
            | {"spectralmamba": Row(size=few())},
        ),
    }


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", help="houston, tall, tiles, threads, models; all where none is named")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, help="where scenes are kept for the next time")
    parser.add_argument("--row", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.row is not None:
        row = json.loads(asked.row)
        print(json.dumps(measure(Row(**row | {"size": tuple(row["size"])}), asked.folder)))
        return
    print(describe_machine())
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, (title, rows) in tables().items():
            if not asked.tables or name in asked.tables:
                print_table(title, rows, folder, asked.rounds)


if __name__ == "__main__":
    main()
