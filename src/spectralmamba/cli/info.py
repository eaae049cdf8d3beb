"""``spectralmamba info``: what is in a file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli import label_options, scene_options
from spectralmamba.cli.app import app

if TYPE_CHECKING:
    import xarray as xr

    from spectralmamba.scenes.description import SceneDescription
    from spectralmamba.scenes.options import SceneOptions

    Found = tuple[dict[str, SceneDescription], dict[str, xr.DataArray]]


@app.command()
def info(
    scene: Annotated[Path | None, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")] = None,
    labels: Annotated[
        Path | None, typer.Argument(help="GeoTIFF, folder of tiles, .mat …, or polygons or points.")
    ] = None,
    pair: Annotated[list[Path] | None, typer.Option(help="A further SCENE LABELS; repeatable.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="CSV with columns scene and labels, as for 'train'.")] = None,
    patch_size: Annotated[int, typer.Option(help="Of the model, for the split that train would make.", min=1)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    variable: scene_options.Variable = None,
    mask: scene_options.Mask = None,
    no_quality: scene_options.NoQuality = False,
    fill_gaps: scene_options.FillGaps = 0,
    wavelengths: scene_options.Wavelengths = None,
    keep_water_vapour: scene_options.KeepWaterVapour = False,
    attribute: label_options.Attribute = None,
    layer: label_options.Layer = None,
    classes: label_options.Classes = None,
    merge: label_options.Merge = None,
    point_radius: label_options.PointRadius = None,
    overlap: label_options.Overlap = None,
    all_touched: label_options.AllTouched = False,
) -> None:
    """Describe scenes, labels on their grids, and how train would divide these."""
    from spectralmamba.cli.describe import say_labels, say_scene
    from spectralmamba.sampling.description import describe_labels
    from spectralmamba.scenes.options import SceneOptions

    options = SceneOptions(
        variable, None if mask is None else str(mask), not no_quality, fill_gaps, wavelengths, keep_water_vapour
    )
    texts = label_options.label_texts(attribute, layer, classes, merge, point_radius, overlap, all_touched)
    found, maps = _gather(_items(scene, labels, pair or [], pairs, options, texts))
    valid = {key: found[key].valid for key in maps}
    radius = 0 if patch_size == 1 else patch_size // 2 + 1
    described = describe_labels(maps, valid, patch_size=patch_size, radius=radius) if maps else None
    if as_json:
        scenes = {key: one.to_json() for key, one in found.items()}
        typer.echo(
            json.dumps({"scenes": scenes, "labels": None if described is None else described.to_json()}, indent=2)
        )
        return
    for one in found.values():
        say_scene(one)
    if described is not None:
        say_labels(described)


def _items(
    scene: Path | None,
    labels: Path | None,
    more: list[Path],
    file: Path | None,
    options: "SceneOptions",
    texts: Mapping[str, str],
) -> Sequence[Mapping[str, str]]:
    """Say what is to be opened, as a run's configuration does; only here a scene may be without labels."""
    from spectralmamba.cli.scene_pairs import describe_inputs, given_pairs

    if scene is None or labels is not None:
        return describe_inputs(given_pairs(scene, labels, more, file), options=options, label_options=texts)
    alone = {"scene": str(scene)} | options.to_config()
    if not more and file is None:
        return (alone,)
    others = describe_inputs(given_pairs(None, None, more, file), options=options, label_options=texts)
    return (alone, *others)


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
