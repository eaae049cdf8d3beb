"""``spectralmamba info``: what is in a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli.app import app
from spectralmamba.cli.label_options import LabelFlags
from spectralmamba.cli.scene_options import InputFlags, SceneFlags
from spectralmamba.cli.spreading import spread

if TYPE_CHECKING:
    import xarray as xr

    from spectralmamba.scenes.description import SceneDescription
    from spectralmamba.scenes.options import SceneOptions

    Found = tuple[dict[str, SceneDescription], dict[str, xr.DataArray]]


@app.command()
@spread
def info(
    *,
    inputs: InputFlags,
    patch_size: Annotated[int, typer.Option(help="Of the model, for the split that train would make.", min=1)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    scenes: SceneFlags,
    labelling: LabelFlags,
) -> None:
    """Describe scenes, labels on their grids, and how train would divide these."""
    from spectralmamba.cli.describe import say_labels, say_scene
    from spectralmamba.sampling.description import describe_labels

    found, maps = _gather(_items(inputs, scenes.options(), labelling.texts()))
    valid = {key: found[key].valid for key in maps}
    radius = 0 if patch_size == 1 else patch_size // 2 + 1
    described = describe_labels(maps, valid, patch_size=patch_size, radius=radius) if maps else None
    if as_json:
        document = {"scenes": {key: one.to_json() for key, one in found.items()}}
        typer.echo(json.dumps(document | {"labels": None if described is None else described.to_json()}, indent=2))
        return
    for one in found.values():
        say_scene(one)
    if described is not None:
        say_labels(described)


def _items(inputs: InputFlags, options: "SceneOptions", texts: Mapping[str, str]) -> Sequence[Mapping[str, str]]:
    """Say what is to be opened, as a run's configuration does; only here a scene may be without labels."""
    from spectralmamba.cli.scene_pairs import describe_inputs

    if inputs.scene is None or inputs.labels is not None:
        return describe_inputs(inputs.given(), options=options, label_options=texts)
    alone = {"scene": str(inputs.scene)} | options.to_config()
    if not inputs.pair and inputs.pairs is None:
        return (alone,)
    others = replace(inputs, scene=None)
    return (alone, *describe_inputs(others.given(), options=options, label_options=texts))


def _gather(data: Sequence[Mapping[str, str]]) -> "Found":
    """Describe each scene and open its labels, with one class table, by distinct keys as ``train`` gives them."""
    from spectralmamba.labels.common_classes import CommonClasses
    from spectralmamba.labels.merging import require_merged
    from spectralmamba.labels.opening import open_labels_with
    from spectralmamba.labels.options import LabelOptions
    from spectralmamba.sampling.pairs import distinct_key
    from spectralmamba.scenes.description import describe_scene
    from spectralmamba.scenes.options import SceneOptions

    found: dict[str, SceneDescription] = {}
    maps: dict[str, xr.DataArray] = {}
    classes, in_common = CommonClasses(), sum("labels" in item for item in data) > 1
    for item in data:
        cube = SceneOptions.from_config(item).open(item["scene"])
        key = distinct_key(item.get("name", str(cube.name)), found)
        if "labels" in item:
            options = LabelOptions.from_config(item, in_common=in_common)
            maps[key] = classes.number(open_labels_with(item["labels"], options, cube))
        found[key] = describe_scene(cube.rename(key))
    require_merged(maps.values())
    return found, maps
