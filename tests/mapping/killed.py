"""Maps a scene again and again in processes that are killed; run by test_resume.py.

Each child is forked from a process without threads, which is quicker than to start an interpreter for each.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spectralmamba.mapping import journal, map_scene, work
from spectralmamba.mapping.outputs import write
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.export import write_scene
from tests.mapping.fakes import Neighbourhood

TILES = 36


@dataclass(frozen=True, eq=False)
class Slow(Neighbourhood):
    def logits(self, window):
        time.sleep(0.005)
        return super().logits(window)


def write_small_scene(path: Path) -> None:
    data = np.random.default_rng(0).normal(size=(4, 48, 48)).astype(np.float32)
    data[:, 5:9, 30:] = np.nan
    write_scene(make_scene(data, name="scene", source="test"), path)


def child(act: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - whatever it is must not run the parent's code
            sys.stderr.write(repr(error))
            os._exit(1)
        os._exit(0)
    return pid


def make(folder: Path, *, resume: bool = True) -> None:
    scene = open_scene(folder.parent / "scene.tif")
    summary = map_scene(
        Slow(),
        scene,
        folder / "map.tif",
        confidence=folder / "confidence.tif",
        tile_size=8,
        resume=resume,
        identity={"model": "slow"},
    )
    (folder / "resumed").write_text(str(summary.resumed))


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def files(folder: Path) -> tuple[bytes, ...]:
    return tuple((folder / name).read_bytes() for name in ("map.tif", "map.tif.aux.xml", "confidence.tif"))


def kill_at_random(folder: Path, seed: int) -> int:
    """Kill until a child gets through; gives the number of kills."""
    draw, kills = random.Random(seed), 0
    while True:
        pid = child(lambda: make(folder))
        time.sleep(draw.uniform(0.03, 0.2))
        os.kill(pid, signal.SIGKILL)
        code = ended(pid)
        if code == 0:
            return kills
        assert code == -signal.SIGKILL, code
        kills += 1
        assert kills < 100


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(module: object, name: str, times: int) -> None:
    """Die when a function is called that many times."""
    function, calls = getattr(module, name), []

    def dying(*args, **kwargs):
        calls.append(0)
        if len(calls) == times:
            kill_self()
        return function(*args, **kwargs)

    setattr(module, name, dying)


def torn_record() -> None:
    """Die in the middle of a record."""
    line, calls = journal._line, []

    def torn(record):
        calls.append(0)
        if len(calls) == 9:
            with next(Path.cwd().rglob("journal")).open("ab") as file:
                file.write(line(record)[:-5])
            kill_self()
        return line(record)

    journal._line = torn


MOMENTS: dict[str, Callable[[], None]] = {
    "before anything is stored": lambda: before(work.Work, "put", 1),
    "between the data and their record": lambda: before(journal.Journal, "add", 5),
    "in the middle of a record": torn_record,
    "between two final files": lambda: before(write, "write_class_map", 1),
    "after the final files": lambda: before(work, "clear", 2),
}


def kill_at(folder: Path, prepare: Callable[[], None]) -> None:
    def die() -> None:
        os.chdir(folder)
        prepare()
        make(folder, resume=False)

    assert ended(child(die)) == -signal.SIGKILL


def main(base: Path) -> None:
    """Compare with an uninterrupted map, and print what happened."""
    write_small_scene(base / "scene.tif")
    for name in ("whole", "random 0", "random 1", "random 2", *MOMENTS):
        (base / name).mkdir()
    assert ended(child(lambda: make(base / "whole", resume=False))) == 0
    expected = files(base / "whole")
    for name, prepare in MOMENTS.items():
        kill_at(base / name, prepare)
        assert name.startswith("after") or not (base / name / "map.tif").exists()
        pid = child(lambda name=name: make(base / name))
        assert ended(pid) == 0
        sys.stdout.write(f"{name}: {(base / name / 'resumed').read_text()} tiles resumed\n")
    for seed in range(3):
        folder = base / f"random {seed}"
        kills = kill_at_random(folder, seed)
        sys.stdout.write(f"random {seed}: {kills} kills, {(folder / 'resumed').read_text()} tiles resumed\n")
    for folder in (path for path in base.iterdir() if path.is_dir()):
        assert files(folder) == expected, folder
        assert not [path for path in folder.iterdir() if path.name.startswith(".")], folder


if __name__ == "__main__":
    main(Path(sys.argv[1]))
