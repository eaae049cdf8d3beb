"""``spectralmamba info``: what is in a file."""

import json
from collections.abc import Mapping
from itertools import chain, count
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
    scene: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")],
    labels: Annotated[
        Path | None, typer.Argument(help="GeoTIFF, folder of tiles, .mat …, or polygons or points.")
    ] = None,
    pair: Annotated[list[Path] | None, typer.Option(help="A further SCENE LABELS; repeatable.")] = None,
    patch_size: Annotated[int, typer.Option(help="Of the model, for the split that train would make.", min=1)] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    variable: scene_options.Variable = None,
    mask: scene_options.Mask = None,
    no_quality: scene_options.NoQuality = False,
    fill_gaps: scene_options.FillGaps = 0,
    wavelengths: scene_options.Wavelengths = None,
    drop_water_vapour: scene_options.DropWaterVapour = False,
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
        variable, None if mask is None else str(mask), not no_quality, fill_gaps, wavelengths, drop_water_vapour
    )
    texts = label_options.label_texts(attribute, layer, classes, merge, point_radius, overlap, all_touched)
    found, maps = _gather(_paired(scene, labels, pair or []), options, texts)
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


def _paired(scene: Path, labels: Path | None, more: list[Path]) -> list[tuple[Path, Path | None]]:
    from spectralmamba.errors import ConfigError

    if len(more) % 2:
        raise ConfigError("--pair takes a scene and its labels; give both")
    return [(scene, labels), *zip(more[::2], more[1::2], strict=True)]


def _gather(paths: list[tuple[Path, Path | None]], options: "SceneOptions", texts: Mapping[str, str]) -> "Found":
    """Describe each scene and open its labels, by distinct keys as ``train`` gives them."""
    from spectralmamba.labels.opening import open_labels_with
    from spectralmamba.labels.options import LabelOptions
    from spectralmamba.scenes.description import describe_scene

    found: dict[str, SceneDescription] = {}
    maps: dict[str, xr.DataArray] = {}
    for path, labels in paths:
        cube = options.open(path)
        name = str(cube.name)
        key = next(key for key in chain([name], (f"{name}_{i}" for i in count(2))) if key not in found)
        if labels is not None:
            maps[key] = open_labels_with(labels, LabelOptions.from_config(texts), cube)
        found[key] = describe_scene(cube)
    return found, maps
