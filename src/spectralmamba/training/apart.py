"""Labels of several scenes have to lie apart, or no split could keep test pixels from being learned from."""

from collections.abc import Mapping
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from spectralmamba.errors import SplitError
from spectralmamba.sampling.buffers import within
from spectralmamba.scenes.grid import Grid, grid_of
from spectralmamba.scenes.project import can_project, grown, project
from spectralmamba.training.labelled import LabelledScene


def require_apart(scenes: Mapping[str, LabelledScene], radius: int) -> None:
    """Refuse labelled pixels of one scene that lie on or near those of another.

    Scenes without georeferencing are told apart by their files only.

    Parameters
    ----------
    scenes : mapping of str to LabelledScene
        By key.
    radius : int
        How far the model looks; labels have to be more than 2·radius pixels apart.

    Raises
    ------
    SplitError
        Two scenes have labels in the same place, or are one file.
    """
    labelled = {key: _labelled(item) for key, item in scenes.items()}

    @cache  # the same for every other scene
    def surroundings(key: str) -> tuple[NDArray[np.bool_], Grid]:
        wide, around = grown(labelled[key], grid_of(scenes[key].scene), 2 * radius)
        return within(wide, 2 * radius), around

    for (key, one), (other_key, other) in combinations(scenes.items(), 2):
        there = grid_of(other.scene)
        overlap = _same_source(one, other)
        if not overlap and _may_meet(grid_of(one.scene), there, 2 * radius):
            overlap = bool((project(*surroundings(key), there) & labelled[other_key]).any())
        if overlap:
            raise SplitError(
                f"scenes {key} and {other_key} have labels in the same place, or within 2r = {2 * radius} pixels, "
                "which no split could keep apart; leave one out, or open both as one mosaic"
            )


def _labelled(item: LabelledScene) -> NDArray[np.bool_]:
    return np.asarray(np.any([labels.values > 0 for labels in item.maps.values()], axis=0))


def _same_source(one: LabelledScene, other: LabelledScene) -> bool:
    source = one.scene.attrs.get("source")
    return source is not None and source == other.scene.attrs.get("source")


def _may_meet(here: Grid, there: Grid, distance: int) -> bool:
    """Whether two footprints, one of them grown by ``distance`` pixels and one more, meet as far as it can be told.

    Dozens of scenes make hundreds of pairs, few of which are neighbours.
    """
    if here.transform is None or there.transform is None or not can_project(here, there):
        return False
    left, bottom, right, top = _bounds(here, distance + 1)
    if here.crs != there.crs:
        try:
            left, bottom, right, top = transform_bounds(here.crs, there.crs, left, bottom, right, top)
        except RasterioError:
            return True
        if not np.isfinite([left, bottom, right, top]).all() or left > right:  # beyond a projection, or the date line
            return True
    its_left, its_bottom, its_right, its_top = _bounds(there, 1)
    return left <= its_right and its_left <= right and bottom <= its_top and its_bottom <= top


def _bounds(grid: Grid, by: int) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of a grid with ``by`` more pixels on every side."""
    assert grid.transform is not None  # noqa: S101 - the caller has asked
    corners = [grid.transform @ (column, row) for column in (-by, grid.width + by) for row in (-by, grid.height + by)]
    x, y = zip(*corners, strict=True)
    return min(x), min(y), max(x), max(y)
