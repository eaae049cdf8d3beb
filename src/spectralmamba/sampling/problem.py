"""The task of dividing labelled pixels, as every recipe is given it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.labels import ClassTable
from spectralmamba.sampling.groups import (
    count_classes,
    region_groups,
)
from spectralmamba.sampling.options import SplitOptions

MIN_REGIONS = 3  # one region of each class for training, one for selection, one for testing
MORE_THAN_A_POINT = 2  # pixels; point labels are divided by block even where the model looks at single pixels
TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, -1

Parts = NDArray[np.int64]  # (height, width): one of the four numbers above


@dataclass(frozen=True)
class Problem:
    """Labels of one or several scenes, and everything that recipes ask of them.

    Attributes
    ----------
    labels : mapping of str to DataArray (y, x)
        Usable labelled pixels of each scene.
    classes : ClassTable
        The classes that occur.
    options : SplitOptions
        What the user asked for.
    radius, patch_size : int
        How far the model looks; P.
    test, validation : mapping of str to DataArray
        For ``fixed``: given label maps.
    tiles : mapping of str to sequence of mapping
        Tiles of each mosaic, see :func:`spectralmamba.scenes.tiles_of`.
    fold_maps : mapping of str to ndarray of int, shape (height, width)
        For ``folds``: fold of each pixel, -1 where it is in none.
    """

    labels: Mapping[str, xr.DataArray]
    classes: ClassTable
    options: SplitOptions
    radius: int
    patch_size: int
    test: Mapping[str, xr.DataArray] = field(default_factory=dict)
    validation: Mapping[str, xr.DataArray] = field(default_factory=dict)
    tiles: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    fold_maps: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    _targets: dict[str, NDArray[np.int64]] = field(default_factory=dict, init=False, repr=False)

    def targets(self, key: str) -> NDArray[np.int64]:
        """Class index of each pixel of a scene, -1 where unlabelled."""
        if key not in self._targets:  # asked for at every draw
            self._targets[key] = np.asarray(self.classes.index_of(self.labels[key].values))
        return self._targets[key]


def choose_recipe(problem: Problem) -> str:
    """Pick the default: regions where they are many and large enough, otherwise blocks (DESIGN, Semantics 7).

    Labels that were points, as their ``attrs["points"]`` says, are divided by blocks, also where discs were drawn about
    them.
    """
    return explain_recipe(problem)[0]


def explain_recipe(problem: Problem) -> tuple[str, str]:
    """Pick the default recipe, see :func:`choose_recipe`, and say why."""
    if any(labels.attrs.get("points") for labels in problem.labels.values()):
        return "blocks", "the labels are points"
    counts, sizes = np.zeros(len(problem.classes), np.int64), []
    for key, labels in problem.labels.items():
        groups = region_groups(labels.values)
        per_region = count_classes(groups, problem.targets(key), int(groups.max()), len(problem.classes))
        counts += (per_region > 0).sum(axis=0)
        sizes.append(per_region.sum(axis=1))
    median, least = np.median(np.concatenate(sizes)), max(problem.patch_size**2, MORE_THAN_A_POINT)
    if median < least:
        return "blocks", f"the median region has {median:g} pixels, fewer than {least}"
    if (counts < MIN_REGIONS).any():
        rarest = int(np.argmin(counts))
        return "blocks", f"{problem.classes.names[rarest]} has {counts[rarest]} regions, fewer than {MIN_REGIONS}"
    return "regions", f"every class has at least {counts.min()} regions, and the median region {median:g} pixels"
