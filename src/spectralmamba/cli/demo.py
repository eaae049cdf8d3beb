"""``spectralmamba demo``: the whole job on a simulated scene."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli.app import app

if TYPE_CHECKING:
    import xarray as xr

MARKER = "demo.txt"  # a folder with this file was written by a demo and may be written by the next
MARKER_TEXT = "Written by 'spectralmamba demo'; the next demo in this folder replaces it.\n"


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for scene, labels, run, map and figures.")] = Path(
        "spectralmamba-demo"
    ),
    quick: Annotated[bool, typer.Option("--quick", help="A smaller scene and fewer epochs.")] = False,
    seed: Annotated[int, typer.Option(help="Of the scene and of the training.")] = 0,
) -> None:
    """Simulate a scene, train on some labelled pixels of it, and map all of it."""
    from spectralmamba.cli.console import note, progress, say
    from spectralmamba.cli.pipeline import train_and_report
    from spectralmamba.labels import open_labels
    from spectralmamba.mapping import map_scene
    from spectralmamba.reporting import write_report
    from spectralmamba.reporting.map_figure import draw_map
    from spectralmamba.sampling.options import SplitOptions
    from spectralmamba.scenes import open_scene
    from spectralmamba.training import LabelledScene, Run, RunConfig, TrainingOptions

    _claim(out)
    truth = _simulate(out, size=80 if quick else 200, seed=seed)
    scene = open_scene(out / "scene.tif")
    labels = open_labels(out / "labels.tif", like=scene)
    config = RunConfig(
        data=({"scene": str((out / "scene.tif").absolute()), "labels": str((out / "labels.tif").absolute())},),
        training=TrainingOptions(epochs=15 if quick else None, seed=seed),
        split=SplitOptions(seed=seed),
    )
    predictor, _ = train_and_report(
        {"scene": LabelledScene(scene, labels)}, out / "run", config, overwrite=True, references=["random-forest"]
    )
    with progress("mapping") as advance:
        map_scene(
            predictor,
            scene,
            out / "map.tif",
            confidence=out / "confidence.tif",
            on_tile=lambda done, total: advance(done, total, "tiles"),
        )
    draw_map(
        scene,
        predictor.classes,
        out / "run" / "figures" / "scene.png",
        map_file=out / "map.tif",
        confidence_file=out / "confidence.tif",
        labels=labels,
        truth=truth,
    )
    write_report(Run(out / "run"))
    share = _agreement(out / "map.tif", truth)
    say(f"the map agrees with the simulated ground truth in {100 * share:.1f} % of all pixels, borders included")
    note(f"wrote {out}: scene.tif, labels.tif, run/ (with report.html and figures/), map.tif, confidence.tif")
    note("the same, step by step:")
    for line in (
        f"spectralmamba info {out}/scene.tif {out}/labels.tif",
        f"spectralmamba train {out}/scene.tif {out}/labels.tif --out my-run",
        f"spectralmamba map my-run {out}/scene.tif --out my-map.tif",
    ):
        note(f"  {line}")


def _claim(out: Path) -> None:
    """Take a folder that is not there, empty, or an earlier demo's."""
    from spectralmamba.errors import OutputError, RunError
    from spectralmamba.files import require_writable, write_text

    require_writable(out)
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; name a folder with --out")
    if out.is_dir() and any(out.iterdir()) and not (out / MARKER).is_file():
        raise RunError(f"{out} holds files that no demo wrote; name another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / MARKER, MARKER_TEXT)


def _simulate(out: Path, size: int, seed: int) -> "xr.DataArray":
    """Write a simulated scene and its labels as files; give the dense truth."""
    from spectralmamba.cli.console import note
    from spectralmamba.sampling.label_files import write_label_map
    from spectralmamba.scenes.export import write_scene
    from spectralmamba.scenes.simulation import simulate_scene_with_truth

    scene, labels, truth = simulate_scene_with_truth(size, size, seed=seed)
    bands, height, width = scene.shape
    note(
        f"simulated a scene of {height} × {width} pixels and {bands} bands, {int((labels > 0).sum())} of them labelled"
    )
    write_scene(scene, out / "scene.tif")
    write_label_map(labels, out / "labels.tif")
    return truth


def _agreement(map_file: Path, truth: "xr.DataArray") -> float:
    """Share of the mapped pixels whose class is the true one."""
    from spectralmamba.scenes.raster import open_tiff

    with open_tiff(map_file) as file:
        classes = file.read(1)
    return float((classes == truth.values)[classes > 0].mean())
