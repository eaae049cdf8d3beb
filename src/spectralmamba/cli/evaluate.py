"""``spectralmamba evaluate``: how good a run is on labels."""

import json
from pathlib import Path
from typing import Annotated

import typer

from spectralmamba.cli import label_options, scene_options
from spectralmamba.cli.app import app


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory that 'train' wrote.")],
    scene: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")],
    labels: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, .mat …, or polygons or points.")],
    variable: Annotated[str | None, typer.Option(help="Name of the scene in a file that holds several.")] = None,
    mask: scene_options.Mask = None,
    no_quality: scene_options.NoQuality = False,
    fill_gaps: scene_options.FillGaps = 0,
    resample: scene_options.Resample = False,
    attribute: label_options.Attribute = None,
    layer: label_options.Layer = None,
    classes: label_options.Classes = None,
    merge: label_options.Merge = None,
    point_radius: label_options.PointRadius = None,
    overlap: label_options.Overlap = None,
    all_touched: label_options.AllTouched = False,
    exclude: Annotated[
        list[Path] | None, typer.Option(help="Labels whose pixels, and those about them, are left out; repeatable.")
    ] = None,
    buffer: Annotated[
        int | None, typer.Option(help="Pixels to keep from those learned from (default the run's) or excluded (2r).")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a run's accuracy on labelled pixels that it has not learned from."""
    import numpy as np

    from spectralmamba.cli.console import print_accuracy, say, say_exclusions
    from spectralmamba.evaluation import evaluate as measure
    from spectralmamba.labels.opening import labelled_places, open_labels_with
    from spectralmamba.labels.options import LabelOptions
    from spectralmamba.mapping.predictor import scene_for
    from spectralmamba.models.saved import load_predictor, pick_device
    from spectralmamba.scenes.options import SceneOptions
    from spectralmamba.training import Run

    predictor = load_predictor(run, str(pick_device(device)))
    options = SceneOptions(variable, None if mask is None else str(mask), not no_quality, fill_gaps)
    cube = scene_for(predictor, options.open(scene), resample=resample)
    texts = label_options.label_texts(attribute, layer, classes, merge, point_radius, overlap, all_touched)
    label_map = open_labels_with(labels, LabelOptions.from_config(texts), cube)
    left_out = [labelled_places(path, cube) for path in exclude or ()]
    result = measure(
        predictor,
        Run(run).split(),
        cube,
        label_map,
        exclude=np.any(left_out, axis=0) if left_out else None,
        buffer=buffer,
    )
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
        return
    say_exclusions([cube])
    print_accuracy(result.matrix, "accuracy")
    for remark in result.remarks:
        say(remark)
    say(f"expected calibration error of the confidences {100 * result.calibration_error:.1f} %")
