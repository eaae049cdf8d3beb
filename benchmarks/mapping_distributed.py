"""What Dask costs: a scene mapped by local workers of one thread each, and by one process of as many threads.

    python benchmarks/mapping_distributed.py [overhead] [tile] [limits] [--rounds 3] [--folder FOLDER] [--rows 2000]

Both ways in turn, each map in a fresh process; what each loads and compiles once is reported apart. The scene is
simulated, repeated to 2000 × 2000 pixels of 200 bands, and stored as int16, deflated, in strips. The model is the
default one, untrained, of 12 classes: what a pixel costs does not depend on weights.

``tile`` measures what a tile costs in seconds of one processor, and how many bytes are moved for it; ``limits`` what a
single machine does for all workers: tasks a second of scheduler and client, and tiles a second that the client stores.
``docs/scaling.md`` computes with these figures.
"""

import argparse
import json
import operator
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from timing import describe_machine

COLUMNS, BANDS, CLASSES = 2000, 200, 12
PIECE = 250  # rows that are simulated
WORKERS = 2
TASKS, STORED, TIMED = 3000, 200, 15
MIB = 1 << 20
RATIOS = {"map": "the map", "total": "with start and end"}


def write_scene_file(path: Path, rows: int, columns: int) -> None:
    """Simulate a piece of a scene and repeat it, a band at a time."""
    from spectralmamba.scenes import simulate_scene
    from spectralmamba.scenes.grid import Grid
    from spectralmamba.scenes.raster import create_tiff

    piece = simulate_scene(PIECE, columns, BANDS, CLASSES, seed=0)[0].values
    scaled = np.where(np.isfinite(piece), np.clip(piece * 10_000, -32_000, 32_000), -32_768).astype(np.int16)
    layout = {"predictor": 2, "interleave": "band", "bigtiff": "if_safer", "nodata": -32_768}
    with create_tiff(path, Grid(None, None, rows, columns), BANDS, np.int16, **layout) as file:
        for band, values in enumerate(scaled, 1):
            file.write(np.tile(values, (-(-rows // PIECE), 1))[:rows], band)


def write_run(folder: Path) -> None:
    """An untrained model as ``train`` leaves a trained one."""
    import torch

    from spectralmamba.labels import ClassTable
    from spectralmamba.models import create_model
    from spectralmamba.models.predictor import ModelPredictor
    from spectralmamba.models.saved import save_predictor
    from spectralmamba.sampling.standardise import Standardiser

    torch.manual_seed(0)
    model = create_model("spectralmamba", n_bands=BANDS, n_classes=CLASSES).eval()
    scaling = Standardiser(np.full(BANDS, 2000, np.float32), np.full(BANDS, 1000, np.float32))
    classes = ClassTable.from_numbers(range(1, CLASSES + 1))
    predictor = ModelPredictor(model, scaling, np.arange(BANDS), np.full(BANDS, np.nan), classes)
    folder.mkdir()
    save_predictor(predictor, "spectralmamba", folder)


def map_twice(folder: Path, out: Path, **how: Any) -> dict[str, float]:  # noqa: ANN401
    """Map a few pixels and then the scene; where the time of the second went."""
    from spectralmamba.mapping import map_scene
    from spectralmamba.models.saved import load_predictor
    from spectralmamba.scenes import open_scene

    predictor = load_predictor(folder / "run")
    map_scene(predictor, open_scene(folder / "first.tif"), out / "first.tif", tile_size=16, **how)
    begun, last = time.perf_counter(), [0.0]

    def note(*_: int) -> None:
        last[0] = time.perf_counter()

    summary = map_scene(predictor, open_scene(folder / "scene.tif"), out / "map.tif", on_tile=note, **how)
    seconds = summary.seconds
    return {
        "map": time.perf_counter() - begun,
        "reading": seconds.reading,
        "inference": seconds.inference,
        "last pass": time.perf_counter() - last[0],
        "tiles": summary.tiles,
    }


def measure(way: str, folder: Path) -> dict[str, float]:
    """Map once in this process, or from it."""
    begun = time.perf_counter()
    if way == "workers":
        from spectralmamba.mapping.forkserver import start_forkserver

        start_forkserver()  # as the command line does, before it loads anything
    import torch

    from spectralmamba.mapping.cluster import open_client, quiet_dask
    from spectralmamba.models.shipped import ShippedModel

    with tempfile.TemporaryDirectory(dir=folder) as out:
        if way == "threads":
            torch.set_num_threads(WORKERS)
            found = map_twice(folder, Path(out))
        else:
            quiet_dask()
            with open_client(workers=WORKERS) as client:
                from spectralmamba.mapping.distributed import OnCluster

                with OnCluster(client, ShippedModel.read(folder / "run")) as schedule:
                    found = map_twice(folder, Path(out), schedule=schedule)
        digest = hash_of(Path(out) / "map.tif")
    total = time.perf_counter() - begun
    return found | {"start and end": total - found["map"], "total": total, "digest": digest}


def hash_of(path: Path) -> int:
    """Tell files apart."""
    import zlib

    return zlib.crc32(path.read_bytes())


def in_process(way: str, folder: Path) -> dict[str, float]:
    """Measure in a fresh process."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def print_overhead(folder: Path, rows: int, rounds: int) -> None:
    """Both ways in turn, and the ratios of each turn."""
    found: dict[str, list[dict[str, float]]] = {"threads": [], "workers": []}
    for i in range(rounds):
        for way in list(found)[:: 1 if i % 2 == 0 else -1]:
            found[way].append(in_process(way, folder))
            print(f"round {i + 1}, {way}: {found[way][-1]}", file=sys.stderr, flush=True)
    size = (folder / "scene.tif").stat().st_size
    print(f"\n{rows} × {COLUMNS} × {BANDS}, {size / MIB:,.0f} MiB; medians of {rounds}\n")
    names = ("map", "reading", "inference", "last pass", "start and end", "total")
    print(f"| | {' | '.join(f'{name} s' for name in names)} | pixels a second |\n" + "|---" * (len(names) + 2) + "|")
    for way, those in found.items():
        middle = {name: statistics.median(one[name] for one in those) for name in names}
        cells = [f"{middle[name]:.1f}" for name in names]
        print(f"| {WORKERS} {way} | {' | '.join(cells)} | {rows * COLUMNS / middle['map']:,.0f} |")
    pairs = list(zip(found["workers"], found["threads"], strict=True))
    for name, what in RATIOS.items():
        ratios = [a[name] / b[name] for a, b in pairs]
        print(f"\nworkers / threads, {what}: median {statistics.median(ratios):.3f} of {[round(r, 3) for r in ratios]}")
    same = len({one["digest"] for those in found.values() for one in those}) == 1
    print(f"\nthe same bytes: {same}; tiles: {found['threads'][0]['tiles']:.0f}")


def print_tile(folder: Path) -> None:
    """Processor time of one thread, which other load on the machine changes little, and bytes."""
    import torch

    from spectralmamba.mapping.computing import Wanted, classify_window, read_tile
    from spectralmamba.mapping.tiles import TILE_SIZE, iterate_tiles, tile_shape
    from spectralmamba.models.saved import load_predictor
    from spectralmamba.scenes import open_scene

    torch.set_num_threads(1)
    predictor, scene = load_predictor(folder / "run"), open_scene(folder / "scene.tif")
    _, height, width = scene.shape
    tiles = list(iterate_tiles(height, width, tile_shape(scene, TILE_SIZE)))
    costs: list[tuple[float, float]] = []
    for tile in tiles[: TIMED + 1]:
        begun = time.process_time()
        window, _ = read_tile(predictor, scene, tile)
        read = time.process_time()
        arrays = classify_window(predictor, window, Wanted(confidence=True))
        costs.append((read - begun, time.process_time() - read))
    reading, inference = (statistics.median(each) for each in zip(*costs[1:], strict=True))  # the first one compiles
    rows, columns = tiles[0].shape
    pixels, size = rows * columns, (folder / "scene.tif").stat().st_size / (height * width)
    print(f"\nA tile of {rows} × {columns} pixels, medians of {TIMED}\n\n| | a tile | a pixel |\n|---|---|---|")
    for name, seconds in (("read", reading), ("infer", inference)):
        print(f"| {name}, processor time | {1000 * seconds:.0f} ms | {1e6 * seconds / pixels:.2f} µs |")
    print(f"| read, in the file | {size * pixels / 1e6:.1f} MB | {size:.0f} bytes |")
    print(f"| read, unpacked | {2 * BANDS * pixels / 1e6:.1f} MB | {2 * BANDS} bytes |")
    results = sum(values.nbytes for values in arrays.values())
    print(f"| results, with confidences | {results / 1e6:.2f} MB | {results // pixels} bytes |", flush=True)


def print_limits(folder: Path) -> None:
    """What one machine does for all."""
    print("\n| | a second |\n|---|---|")
    print(f"| tasks that do nothing, scheduler and client | {tasks_a_second():,.0f} |", flush=True)
    for confidence in (False, True):
        tiles, megabytes = stored_a_second(folder, confidence=confidence)
        what = "classes and confidences" if confidence else "classes"
        print(f"| tiles of 256 × 256 stored, {what} | {tiles:,.0f} ({megabytes:,.0f} MB) |", flush=True)


def tasks_a_second() -> float:
    """Submit one task for each that ends, as the schedule does."""
    from queue import SimpleQueue

    from spectralmamba.mapping.cluster import open_client, quiet_dask

    quiet_dask()
    with open_client(workers=WORKERS) as client:
        ended: SimpleQueue[Any] = SimpleQueue()
        client.submit(operator.add, 1, 1).result()
        begun = time.perf_counter()
        held = []
        for i in range(TASKS):
            future = client.submit(operator.add, i, i, key=f"task-{i}")
            future.add_done_callback(ended.put)
            held.append(future)
            if i >= 4 * WORKERS:
                done = ended.get()
                done.result()
                done.release()
        return TASKS / (time.perf_counter() - begun)


def stored_a_second(folder: Path, *, confidence: bool) -> tuple[float, float]:
    """Store tiles in a work folder with its journal; tiles and megabytes a second."""
    from spectralmamba.mapping.computing import TileResult
    from spectralmamba.mapping.tiles import iterate_tiles
    from spectralmamba.mapping.work import locked_folder, open_work

    side = 256
    rows = STORED * side
    arrays: dict[str, Any] = {"classes": np.ones((side, side), np.uint8)}
    if confidence:
        arrays["confidence"] = np.ones((side, side), np.float32)
    shapes = {name: ((rows, side), values.dtype) for name, values in arrays.items()}
    out = folder / "stored.tif"
    with locked_folder(out), open_work(out, {"resumable": False}, shapes, None) as work:
        begun = time.perf_counter()
        for tile in iterate_tiles(rows, side, side):
            work.put([TileResult(tile, arrays)])
        seconds = time.perf_counter() - begun
    return STORED / seconds, STORED * sum(values.nbytes for values in arrays.values()) / seconds / 1e6


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", help="overhead, tile, limits; all where none is named")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=COLUMNS)
    parser.add_argument("--folder", type=Path, help="where the scene is kept for the next time")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way is not None:
        print(json.dumps(measure(asked.way, asked.folder)))
        return
    print(describe_machine())
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows, columns in (("first", 64, 64), ("scene", asked.rows, COLUMNS)):
            if not (folder / f"{name}.tif").exists():
                write_scene_file(folder / f"{name}.tif", rows, columns)
        if not (folder / "run").exists():
            write_run(folder / "run")
        if not asked.tables or "overhead" in asked.tables:
            print_overhead(folder, asked.rows, asked.rounds)
        if not asked.tables or "tile" in asked.tables:
            print_tile(folder)
        if not asked.tables or "limits" in asked.tables:
            print_limits(folder)


if __name__ == "__main__":
    main()
