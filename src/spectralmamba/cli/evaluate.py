"""``spectralmamba evaluate``: how good a run is on labels."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli.app import app
from spectralmamba.cli.label_options import LabelFlags
from spectralmamba.cli.scene_options import InputFlags, PixelFlags, Resample
from spectralmamba.cli.spreading import spread
from spectralmamba.errors import ConfigError

if TYPE_CHECKING:
    from spectralmamba.evaluation import Evaluation, SeveralEvaluations
    from spectralmamba.models.predictor import ModelPredictor
    from spectralmamba.sampling.split import Split
    from spectralmamba.training import LabelledScene, Run


@app.command()
@spread
def evaluate(
    run: Annotated[Path, typer.Argument(help="Run directory that 'train' wrote.")],
    *,
    inputs: InputFlags,
    pixels: PixelFlags,
    resample: Resample = False,
    labelling: LabelFlags,
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
    from spectralmamba.cli.scene_pairs import describe_inputs
    from spectralmamba.evaluation.several import evaluate_scenes
    from spectralmamba.mapping.predictor import uses_water_vapour
    from spectralmamba.models.saved import load_predictor, pick_device
    from spectralmamba.training import Run

    predictor, own = load_predictor(run, str(pick_device(device))), Run(run)
    data = describe_inputs(
        inputs.given(),
        options=replace(pixels.options(), keep_water_vapour=uses_water_vapour(predictor)),
        label_options=labelling.texts(),
    )
    split = own.split()
    opened = _open(predictor, data, _names_in_run(own, split), resample=resample)
    result: Evaluation | SeveralEvaluations
    if len(opened) == 1:
        result = _measure_one(predictor, split, next(iter(opened.items())), exclude or [], buffer)
    elif exclude:
        raise ConfigError("--exclude goes with one scene; evaluate the scenes one by one")
    else:
        result = evaluate_scenes(predictor, split, opened, buffer=buffer)
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=2))
    else:
        _say(result, opened)


def _names_in_run(run: "Run", split: "Split") -> dict[str, str]:
    """Keys that scenes have in a run, by path."""
    data = run.config().data
    return dict(zip((item["scene"] for item in data), split.scenes, strict=False))


def _open(
    predictor: "ModelPredictor", data: Sequence[Mapping[str, str]], names: Mapping[str, str], *, resample: bool
) -> "dict[str, LabelledScene]":
    """Open scenes with the model's bands, and their labels, by the keys that they have in the run, or others."""
    from spectralmamba.labels.merging import require_merged
    from spectralmamba.labels.opening import open_labels_with
    from spectralmamba.labels.options import LabelOptions
    from spectralmamba.mapping.predictor import scene_for
    from spectralmamba.sampling.pairs import distinct_key
    from spectralmamba.scenes.options import SceneOptions
    from spectralmamba.training.labelled import LabelledScene

    opened: dict[str, LabelledScene] = {}
    for item in data:
        cube = scene_for(predictor, SceneOptions.from_config(item).open(item["scene"]), resample=resample)
        label_map = open_labels_with(item["labels"], LabelOptions.from_config(item, in_common=len(data) > 1), cube)
        name = names.get(item["scene"], item.get("name", str(cube.name)))
        opened[distinct_key(name, opened)] = LabelledScene(cube, label_map)
    require_merged(item.labels for item in opened.values())
    return opened


def _measure_one(
    predictor: "ModelPredictor",
    split: "Split",
    named: "tuple[str, LabelledScene]",
    exclude: Sequence[Path],
    buffer: int | None,
) -> "Evaluation":
    import numpy as np

    from spectralmamba.evaluation import evaluate as measure
    from spectralmamba.labels.opening import labelled_places

    key, item = named
    left_out = [labelled_places(path, item.scene) for path in exclude]
    return measure(
        predictor,
        split,
        item.scene.rename(key),
        item.labels,
        exclude=np.any(left_out, axis=0) if left_out else None,
        buffer=buffer,
    )


def _say(result: "Evaluation | SeveralEvaluations", opened: "Mapping[str, LabelledScene]") -> None:
    from spectralmamba.cli.console import out, print_accuracy, say, say_exclusions, scenes_table
    from spectralmamba.evaluation import Evaluation

    pooled = result if isinstance(result, Evaluation) else result.pooled
    say_exclusions(item.scene for item in opened.values())
    print_accuracy(pooled.matrix, "accuracy" if len(opened) == 1 else f"accuracy on {len(opened)} scenes together")
    if not isinstance(result, Evaluation):
        out.print(scenes_table({key: one.matrix for key, one in result.by_scene.items()}))
    for remark in pooled.remarks:
        say(remark)
    say(f"expected calibration error of the confidences {100 * pooled.calibration_error:.1f} %")
