"""Mapping one scene for the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import xarray as xr

from spectralmamba.cli.console import note, progress, say, say_exclusions
from spectralmamba.cli.map_targets import Targets
from spectralmamba.labels import ClassTable, open_labels
from spectralmamba.mapping import MapSummary, map_scene
from spectralmamba.mapping.comparison import Comparison
from spectralmamba.mapping.computing import Wanted
from spectralmamba.mapping.identity import is_in_memory, job_digest, job_facts
from spectralmamba.mapping.predictor import Predictor
from spectralmamba.mapping.schedule import Schedule, overlapped


@dataclass(frozen=True)
class MapJob:
    """What is the same for every scene.

    Attributes
    ----------
    predictor : Predictor
    identity : dict of str to str
        What tells it from others, and how scenes are opened.
    open_scene : callable
        Opens a scene with the options that were given, in the bands of the predictor.
    tile : int, optional
    resume, overwrite : bool
    schedule : Schedule
        Who computes the tiles.
    exact : Predictor, optional
        The predictor in float32, where that given is in half precision.
    """

    predictor: Predictor
    identity: dict[str, str]
    open_scene: Callable[[Path], xr.DataArray]
    tile: int | None = None
    resume: bool = False
    overwrite: bool = False
    schedule: Schedule = overlapped
    exact: Predictor | None = None

    def digest(self, cube: xr.DataArray, targets: Targets) -> str:
        """Sum up what the map of an opened scene is made from."""
        wanted = Wanted(targets.outputs.needs_confidence, targets.outputs.needs_probabilities)
        return job_digest(job_facts(self.predictor, cube, (0, 0), wanted, self.identity))

    def map(self, scene: Path, cube: xr.DataArray, targets: Targets, title: str = "mapping") -> MapSummary:
        """Map an opened scene, with a progress bar."""
        if is_in_memory(cube):
            note(f"{scene} was loaded whole ({cube.nbytes / 2**20:,.0f} MiB): its format cannot be read in parts")
        with progress(title) as advance:
            summary = map_scene(
                self.predictor,
                cube,
                targets.out,
                confidence=targets.confidence,
                probabilities=targets.probabilities,
                polygons=targets.polygons,
                sieve=targets.sieve,
                tile_size=self.tile,
                on_tile=lambda done, total: advance(done, total, "tiles"),
                resume=self.resume,
                restart=self.overwrite,
                identity=self.identity,
                schedule=self.schedule,
                exact=self.exact,
            )
        say_exclusions([cube])
        if summary.comparison is not None:
            say_change(scene, summary.comparison)
        return summary


def map_one(job: MapJob, scene: Path, targets: Targets, labels: Path | None) -> None:
    """Map a scene, print what is in the map and where the time went, and draw the figure that was asked for."""
    from spectralmamba.reporting.map_figure import draw_map

    cube = job.open_scene(scene)
    if job.resume and targets.are_whole:
        targets.require_made_by(job.digest(cube, targets))
        note(f"{targets.out} is whole already; --overwrite maps again")
        return
    label_map = None if labels is None else open_labels(labels, like=cube)
    summary = job.map(scene, cube, targets)
    say_classes(summary, job.predictor.classes)
    note_seconds(summary)
    if targets.figure is not None:
        draw_map(
            cube,
            job.predictor.classes,
            targets.figure,
            map_file=targets.out,
            confidence_file=targets.confidence,
            labels=label_map,
        )
    note(f"wrote {', '.join(str(path) for path in targets.paths)}")


def say_change(scene: Path, comparison: Comparison) -> None:
    """Print what half precision changed."""
    if comparison.pixels == 0:
        say(f"{scene}: what half precision changes was not measured, for no sampled tile has data")
        return
    say(
        f"{scene}: half precision gives {comparison.changed:,} of {comparison.pixels:,} pixels "
        f"({100 * comparison.share:.3f} %) in {comparison.tiles} sampled tiles another class than float32, and "
        f"confidences that differ by up to {comparison.confidence:.3f}"
    )


def say_classes(summary: MapSummary, classes: ClassTable) -> None:
    """Print the pixels of each class."""
    total = sum(summary.pixels.values())
    for number, name, _ in classes.classes:
        pixels = summary.pixels.get(number, 0)
        say(f"{number:>6} {name:<24} {pixels:>12,} pixels {100 * pixels / total:6.2f} %")
    say(f"{0:>6} {'no data':<24} {total - summary.valid:>12,} pixels {100 * (1 - summary.valid / total):6.2f} %")


def note_seconds(summary: MapSummary) -> None:
    """Say where the time went."""
    seconds = summary.seconds
    parts = {name: getattr(seconds, name) for name in ("reading", "inference", "writing", "waiting")}
    resumed = f"; {summary.resumed} of {summary.tiles} tiles were done before" if summary.resumed else ""
    note(
        f"{seconds.total:.1f} s, of which overlap: "
        f"{', '.join(f'{name} {value:.1f} s' for name, value in parts.items())}{resumed}"
    )
