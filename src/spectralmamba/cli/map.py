"""``spectralmamba map``: a trained run and a scene in, a map out."""

from pathlib import Path
from typing import Annotated

import typer

from spectralmamba.cli.app import app


@app.command("map")
def map_command(
    run: Annotated[Path, typer.Argument(help="Run directory that 'train' wrote.")],
    scene: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")],
    out: Annotated[Path, typer.Option(help="The map, a GeoTIFF.")],
    confidence: Annotated[Path | None, typer.Option(help="Also write the confidence of each pixel.")] = None,
    figure: Annotated[Path | None, typer.Option(help="Also draw scene, map and what else there is, a PNG.")] = None,
    labels: Annotated[Path | None, typer.Option(help="For the figure: labels on the scene's grid.")] = None,
    tile: Annotated[int, typer.Option(help="Pixels a side that are worked on at once.")] = 256,
    mask: Annotated[
        Path | None, typer.Option(help="GeoTIFF on the scene's grid; non-zero pixels are left out.")
    ] = None,
    variable: Annotated[str | None, typer.Option(help="Name of the scene in a file that holds several.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing map.")] = False,
) -> None:
    """Classify every pixel of a scene."""
    from spectralmamba.cli.console import note, progress, say
    from spectralmamba.cli.inputs import keep_inputs
    from spectralmamba.errors import OutputError
    from spectralmamba.files import require_writable
    from spectralmamba.labels import open_labels
    from spectralmamba.mapping import map_scene
    from spectralmamba.models.saved import load_predictor, pick_device
    from spectralmamba.reporting.map_figure import draw_map
    from spectralmamba.training.inputs import open_scene_with_mask

    targets = [path for path in (out, confidence, figure) if path is not None]
    keep_inputs(targets, run, [path for path in (scene, labels, mask) if path is not None])
    for path in filter(None, (out, confidence)):
        if path.suffix.lower() not in (".tif", ".tiff"):
            raise OutputError(f"cannot write {path}: maps are GeoTIFFs; name a file that ends in .tif")
    for path in targets:
        require_writable(path)
        if path.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder; name a file such as {path / 'map.tif'}")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} is there already; name another file or use --overwrite")
    if figure is not None and figure.suffix.lower() != ".png":
        raise OutputError(f"cannot draw {figure}: figures are PNG; name a file that ends in .png")
    if len({path.absolute() for path in targets}) < len(targets):
        raise OutputError(f"two outputs would both be {out}; name different files")
    predictor = load_predictor(run, str(pick_device(device)))
    cube = open_scene_with_mask(scene, variable, mask)
    label_map = None if labels is None else open_labels(labels, like=cube)
    with progress("mapping") as advance:
        summary = map_scene(
            predictor,
            cube,
            out,
            confidence=confidence,
            tile_size=tile,
            on_tile=lambda done, total: advance(done, total, "tiles"),
        )
    total = sum(summary.pixels.values())
    for number, name, _ in predictor.classes.classes:
        pixels = summary.pixels.get(number, 0)
        say(f"{number:>6} {name:<24} {pixels:>12,} pixels {100 * pixels / total:6.2f} %")
    say(f"{0:>6} {'no data':<24} {total - summary.valid:>12,} pixels {100 * (1 - summary.valid / total):6.2f} %")
    if figure is not None:
        draw_map(cube, predictor.classes, figure, map_file=out, confidence_file=confidence, labels=label_map)
    note(f"wrote {', '.join(str(path) for path in targets)}")
