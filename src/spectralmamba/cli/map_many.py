"""Mapping several scenes into a folder: a bad one is reported and skipped, and a table ends the run."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from spectralmamba.cli import console
from spectralmamba.cli.map_one import MapJob
from spectralmamba.cli.map_targets import Targets
from spectralmamba.errors import ClusterError, OutputError, SpectralMambaError
from spectralmamba.labels import ClassTable
from spectralmamba.mapping.register import Register

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of a scene (``mapped``, ``whole already``, ``failed``, ``left out``); pixels by class; seconds."""

    scene: Path
    status: str
    pixels: Mapping[int, int] | None = None
    seconds: float = 0.0


def map_many(job: MapJob, run: Path, scenes: Sequence[Path], folders: Targets) -> bool:
    """Map scenes into folders; says whether all went well.

    Maps are named after their scenes; a register in the folder remembers which is whose, and which are whole.
    """
    scenes = list({scene.absolute(): scene for scene in scenes}.values())  # one named twice is mapped once
    register = Register(folders.out)
    names = register.names_for(scenes)
    outcomes = []
    for i, scene in enumerate(scenes, 1):
        name = names[scene]
        targets = folders.inside(name)
        try:
            outcomes.append(_map(job, run, scene, targets, register, f"mapping {i}/{len(scenes)}"))
        except Exception as error:  # noqa: BLE001 - one scene in a thousand must not keep the others from their maps
            _log.debug("%s failed", scene, exc_info=True)
            console.fail(f"{scene}: {_reason(error)}")
            outcomes.append(Outcome(scene, "failed"))
            if isinstance(error, ClusterError):  # it would fail the others, too
                outcomes += [Outcome(other, "left out") for other in scenes[i:]]
                break
    console.out.print(_table(outcomes, job.predictor.classes))
    failed = sum(outcome.pixels is None for outcome in outcomes)
    console.note(f"wrote {folders.out}: {len(outcomes) - failed} of {len(outcomes)} scenes have a map")
    return failed == 0


def _map(job: MapJob, run: Path, scene: Path, targets: Targets, register: Register, title: str) -> Outcome:
    cube = job.open_scene(scene)
    digest = job.digest(cube, targets)
    entry = register.whole(scene)
    if entry is not None and entry.pixels is not None and job.resume and targets.are_whole:
        if entry.job != digest:
            raise OutputError(f"{targets.out} was made from another scene or model; map it again with --overwrite")
        return Outcome(scene, "whole already", {int(n): count for n, count in entry.pixels.items()}, entry.seconds)
    # A map that was finished in the moment before the register could say so is made again.
    unnoted = entry is None and job.resume
    targets.check(run, [scene], resume=job.resume, overwrite=job.overwrite or unnoted)
    summary = job.map(scene, cube, targets, title)
    register.note(scene, digest, summary.pixels, summary.seconds.total)
    return Outcome(scene, "mapped", summary.pixels, summary.seconds.total)


def _reason(error: Exception) -> str:
    if isinstance(error, SpectralMambaError):
        return " ".join(str(error).split())
    if isinstance(error, OSError):
        return f"{error.strerror or error}; check the path and the disk"
    if isinstance(error, MemoryError):
        return "out of memory; use a smaller --tile"
    return f"internal error ({type(error).__name__}: {error}); please report it with the output of --debug"


def _table(outcomes: Sequence[Outcome], classes: ClassTable) -> Table:
    table = Table("scene", title="maps", title_justify="left")
    for column in ("pixels", "no data %", "s"):
        table.add_column(column, justify="right")
    table.add_column("classes, %")
    table.add_column("status")
    for outcome in outcomes:
        pixels = outcome.pixels or {}
        total, empty = sum(pixels.values()), pixels.get(0, 0)
        figures = [f"{total - empty:,}", f"{100 * empty / total:.1f}", f"{outcome.seconds:.1f}"] if total else ["–"] * 3
        table.add_row(escape(str(outcome.scene)), *figures, escape(_shares(pixels, classes)), escape(outcome.status))
    return table


def _shares(pixels: Mapping[int, int], classes: ClassTable) -> str:
    """Classes by their share of the mapped pixels, the largest first."""
    names = dict(zip(classes.numbers, classes.names, strict=True))
    found = sorted(((count, number) for number, count in pixels.items() if number and count), reverse=True)
    valid = sum(count for count, _ in found)
    return ", ".join(f"{names.get(number, number)} {100 * count / valid:.1f}" for count, number in found)
