"""``spectralmamba evaluate``: how good a run is on labels."""

import json
from pathlib import Path
from typing import Annotated

import typer

from spectralmamba.cli import scene_options
from spectralmamba.cli.app import app


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory that 'train' wrote.")],
    scene: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")],
    labels: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, .mat or .npy on the scene's grid.")],
    variable: Annotated[str | None, typer.Option(help="Name of the scene in a file that holds several.")] = None,
    mask: scene_options.Mask = None,
    no_quality: scene_options.NoQuality = False,
    fill_gaps: scene_options.FillGaps = 0,
    resample: scene_options.Resample = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a run's accuracy on labelled pixels that it has not learned from."""
    from spectralmamba.cli.console import print_accuracy, say, say_exclusions
    from spectralmamba.evaluation import evaluate as measure
    from spectralmamba.labels import open_labels
    from spectralmamba.mapping.predictor import scene_for
    from spectralmamba.models.saved import load_predictor, pick_device
    from spectralmamba.scenes.options import SceneOptions
    from spectralmamba.training import Run

    predictor = load_predictor(run, str(pick_device(device)))
    options = SceneOptions(variable, None if mask is None else str(mask), not no_quality, fill_gaps)
    cube = scene_for(predictor, options.open(scene), resample=resample)
    result = measure(predictor, Run(run).split(), cube, open_labels(labels, like=cube))
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
        return
    say_exclusions([cube])
    print_accuracy(result.matrix, "accuracy")
    for remark in result.remarks:
        say(remark)
    say(f"expected calibration error of the confidences {100 * result.calibration_error:.1f} %")
