"""From files of polygons and points to a label map on a scene's grid."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.labels.found import Found
from spectralmamba.labels.options import LabelOptions
from spectralmamba.labels.vector.attributes import number_classes
from spectralmamba.labels.vector.claims import Claims, join, settle
from spectralmamba.labels.vector.discs import disc_pixels, metric, reach
from spectralmamba.labels.vector.layers import choose_layers
from spectralmamba.labels.vector.reading import Layer, read_layer
from spectralmamba.labels.vector.slivers import without_centre
from spectralmamba.scenes.grid import Grid


def read_vectors(paths: Sequence[Path], grid: Grid, options: LabelOptions, *, any_class: bool = False) -> Found:
    """Read layers of polygons and points, number their classes in common, and burn them.

    Parameters
    ----------
    paths : sequence of pathlib.Path
    grid : Grid
        The scene's.
    options : LabelOptions
    any_class : bool
        Whether only the features' places are asked for; all then have the class 1.

    Raises
    ------
    LabelError
        A file cannot be read or placed, no feature lies in the scene, or features of different classes overlap.
    """
    if grid.transform is None:
        raise LabelError(
            f"the scene has no georeferencing, so {paths[0]} cannot be placed on it; pass labels of the scene's size"
        )
    to_unit = metric(grid, options.point_radius)
    margin = reach(to_unit, options.point_radius)
    layers = [
        read_layer(path, name, options.attribute, grid, margin, any_class=any_class)
        for path in paths
        for name in choose_layers(path, options.layers, every=any_class)
    ]
    source = ", ".join(str(path) for path in paths)
    if not any(len(layer.geometries) for layer in layers):
        raise LabelError(f"{source}: {_why_none(layers)}")
    numbers, table = number_classes([layer.known for layer in layers], options.classes)
    claims = join([_claims(layer, numbers, to_unit, options, grid) for layer in layers])
    overlap = "first" if any_class else options.overlap
    values = settle(claims, grid.shape, table, overlap, all_touched=options.all_touched, source=source)
    if not values.any():
        raise LabelError(f"{source}: no feature holds the centre of a pixel; try all_touched (--all-touched)")
    by_name = options.classes is None and any(isinstance(value, str) for value in numbers)
    remarks = [remark for layer in layers for remark in _remarks(layer, grid, all_touched=options.all_touched)]
    return Found(values, table, any(layer.points for layer in layers), tuple(remarks), by_name)


def _claims(
    layer: Layer, numbers: Mapping[Hashable, int], to_unit: NDArray[np.float64], options: LabelOptions, grid: Grid
) -> Claims:
    own = np.array([numbers[value] for value in layer.values], np.uint32)
    nothing = np.empty(0, np.int64)
    if not layer.points:
        return Claims(own, layer.geometries, np.arange(len(own)), nothing, nothing, nothing)
    pixels = disc_pixels(layer.geometries, to_unit, options.point_radius, grid.shape)
    return Claims(own, np.empty(0, object), nothing, *pixels)


def _why_none(layers: Sequence[Layer]) -> str:
    if any(layer.known.size for layer in layers) and all(layer.without_class == len(layer.known) for layer in layers):
        return "no feature has a class; fill in the attribute, or name another"
    return "no feature with a class lies in the scene; pass labels that overlap it"


def _remarks(layer: Layer, grid: Grid, *, all_touched: bool) -> Iterator[str]:
    """Say what of a layer labels nothing, though it was meant to."""
    if layer.without_class:
        count = f"{layer.without_class} of {len(layer.known)} features"
        yield f"{count} of {layer.path.name} have no class and are left out"
    lost = 0 if layer.points or all_touched else int(without_centre(layer.geometries, grid.shape).sum())
    if lost:
        yield (
            f"{lost} of the polygons of {layer.path.name} in the scene hold the centre of no pixel and label none; "
            "all_touched (--all-touched) takes the pixels that they touch"
        )
