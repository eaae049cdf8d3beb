"""``spectralmamba info``: what is in a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli import label_options
from spectralmamba.cli.app import app

if TYPE_CHECKING:
    import xarray as xr


@app.command()
def info(
    scene: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")],
    labels: Annotated[
        Path | None, typer.Argument(help="GeoTIFF, folder of tiles, .mat …, or polygons or points.")
    ] = None,
    variable: Annotated[str | None, typer.Option(help="Name of the scene in a file that holds several.")] = None,
    attribute: label_options.Attribute = None,
    layer: label_options.Layer = None,
    classes: label_options.Classes = None,
    merge: label_options.Merge = None,
    point_radius: label_options.PointRadius = None,
    overlap: label_options.Overlap = None,
    all_touched: label_options.AllTouched = False,
) -> None:
    """Describe a scene, and labels on its grid."""
    from spectralmamba.labels.opening import open_labels_with
    from spectralmamba.labels.options import LabelOptions
    from spectralmamba.scenes import open_scene

    cube = open_scene(scene, variable)
    texts = label_options.label_texts(attribute, layer, classes, merge, point_radius, overlap, all_touched)
    opened = None if labels is None else open_labels_with(labels, LabelOptions.from_config(texts), cube)
    _describe_scene(cube)
    if opened is not None:
        _describe_labels(opened)


def _describe_scene(scene: "xr.DataArray") -> None:
    import numpy as np

    from spectralmamba.cli.console import say
    from spectralmamba.scenes.grid import grid_of
    from spectralmamba.scenes.statistics import scene_statistics

    bands, height, width = scene.shape
    grid = grid_of(scene)
    say(f"{scene.name}: {height} × {width} pixels, {bands} bands")
    tiles = scene.attrs.get("tiles")
    if tiles:
        say(f"mosaic of {len(tiles)} tiles")
    say(f"CRS {grid.crs.to_string() if grid.crs else 'none (not georeferenced)'}")
    if grid.transform is not None:
        a = grid.transform
        say(f"upper left corner ({a.c:.10g}, {a.f:.10g}), pixel size {abs(a.a):.10g} × {abs(a.e):.10g}")
    wavelength = np.asarray(scene.wavelength.values)
    known = wavelength[np.isfinite(wavelength)]
    say(f"wavelengths {known.min():.1f}–{known.max():.1f} nm" if known.size else "wavelengths unknown")
    good = np.asarray(scene.good.values, bool)
    say(f"{int(good.sum())} bands marked good" + ("" if good.all() else f"; bad: {_ranges(np.flatnonzero(~good) + 1)}"))
    found = scene_statistics(scene)
    if found.empty_bands.size:
        say(f"bands without varying values: {_ranges(found.empty_bands + 1)}")
    share = found.valid_pixels / (height * width)
    say(f"{found.valid_pixels:,} valid pixels ({100 * share:.1f} %), data in every good band that is not empty")
    if found.valid_pixels:
        say(f"values {found.minimum:.4g} … {found.maximum:.4g}")


def _describe_labels(labels: "xr.DataArray") -> None:
    import numpy as np

    from spectralmamba.cli.console import say
    from spectralmamba.sampling.groups import region_groups

    table = labels.attrs["classes"]
    total = int((labels.values > 0).sum())
    say(f"labels: {total:,} pixels of {len(table)} classes ({100 * total / labels.size:.2f} % of the scene)")
    for number, name, _ in table.classes:
        mask = labels.values == number
        regions = int(region_groups(np.where(mask, labels.values, 0)).max())
        say(f"{number:>6} {name:<24} {int(mask.sum()):>9,} pixels in {regions:,} regions")
    if labels.attrs.get("points"):
        say("they are points, which a split divides by blocks")


def _ranges(numbers: "object") -> str:
    """Write 1, 2, 3, 7 as '1–3, 7'."""
    import numpy as np

    values = np.asarray(numbers)
    groups = np.split(values, np.flatnonzero(np.diff(values) != 1) + 1)
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 1 else f"{g[0]}" for g in groups)
