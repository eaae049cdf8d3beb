"""Each recipe as a function of labels, for those who want a split and nothing else."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import xarray as xr

from spectralmamba.labels import ClassTable
from spectralmamba.labels.class_table import classes_of
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.problem import Problem
from spectralmamba.sampling.recipes import make_split
from spectralmamba.sampling.split import Split

Labels = xr.DataArray | Mapping[str, xr.DataArray]


def split_regions(labels: Labels, *, radius: int, **options: Any) -> Split:  # noqa: ANN401 - SplitOptions checks them
    """Divide labels by region: 8-connected areas of one class stay whole.

    Parameters
    ----------
    labels : DataArray (y, x), or mapping of str to such
        Class numbers, 0 = unlabelled; by scene where there are several.
    radius : int
        How far the model looks; 2·radius is kept between training and test pixels.
    **options
        ``train_fraction``, ``validation_fraction``, ``buffer``, ``seed``; see :class:`SplitOptions`.

    Raises
    ------
    LabelError, SplitError, ConfigError
        The labels cannot be divided so, or an option is impossible.
    """
    return _split(labels, SplitOptions(recipe="regions", **options), radius)


def split_blocks(labels: Labels, *, radius: int, **options: Any) -> Split:  # noqa: ANN401
    """Divide labels by square blocks of ``block_size`` pixels; otherwise as :func:`split_regions`."""
    return _split(labels, SplitOptions(recipe="blocks", **options), radius)


def split_random(labels: Labels, *, radius: int, **options: Any) -> Split:  # noqa: ANN401
    """Divide labels pixel by pixel, a fraction or ``train_count`` of each class; neighbours are shared."""
    return _split(labels, SplitOptions(recipe="random", **options), radius)


def split_tiles(
    labels: Labels,
    *,
    radius: int,
    tiles: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    **options: Any,  # noqa: ANN401
) -> Split:
    """Divide labels by tile, with ``folds`` and ``test_fold`` where given; otherwise as :func:`split_regions`.

    ``tiles`` holds :func:`spectralmamba.scenes.tiles_of` of each mosaic, by key; a scene without is one tile. A single
    label map has the key ``scene``.
    """
    return _split(labels, SplitOptions(recipe="tiles", **options), radius, tiles=tiles or {})


def split_scenes(labels: Mapping[str, xr.DataArray], *, radius: int, **options: Any) -> Split:  # noqa: ANN401
    """Divide labels by scene, with ``test_scenes`` and ``validation_scenes`` where given.

    ``labels`` are of two or more scenes, by key. Every class is left a scene to learn it from; where fewer than three
    are to be learned from and none was named for validation, this is some of their regions or blocks. Otherwise as
    :func:`split_regions`.
    """
    return _split(labels, SplitOptions(recipe="scenes", **options), radius)


def split_fixed(
    train: Labels,
    test: Labels,
    validation: Labels | None = None,
    *,
    radius: int,
    **options: Any,  # noqa: ANN401
) -> Split:
    """Take given label maps; without ``validation`` some regions or blocks of ``train`` become it."""
    given = {"test": _by_key(test), "validation": {} if validation is None else _by_key(validation)}
    return _split(train, SplitOptions(recipe="fixed", **options), radius, **given)


def _by_key(labels: Labels) -> Mapping[str, xr.DataArray]:
    return {"scene": labels} if isinstance(labels, xr.DataArray) else labels


def _split(labels: Labels, options: SplitOptions, radius: int, **given: Mapping[str, Any]) -> Split:
    maps = _by_key(labels)
    label_maps = [*maps.values(), *given.get("test", {}).values(), *given.get("validation", {}).values()]
    classes = reduce(ClassTable.union, map(classes_of, label_maps))
    return make_split(Problem(maps, classes, options, radius, patch_size=1, **given))
