"""What is in labels: classes, regions, and how they would be divided."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SplitError
from spectralmamba.labels import ClassTable
from spectralmamba.labels.class_table import classes_of
from spectralmamba.sampling.groups import region_groups
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.problem import Problem, explain_recipe
from spectralmamba.sampling.recipes import make_split
from spectralmamba.sampling.split import only_where


@dataclass(frozen=True, eq=False)
class LabelDescription:
    """What is in the labels of one or several scenes.

    Attributes
    ----------
    classes : ClassTable
        All classes of all scenes.
    pixels, regions : mapping of str to dict of int to int
        By scene and class number; a region is an 8-connected area of one class.
    scene_pixels : mapping of str to int
        All pixels of each scene, labelled or not.
    without_data : mapping of str to int
        Labelled pixels that cannot be used, by scene.
    recipe : str, optional
        How ``train`` would divide the labels by default; None where it cannot.
    reason : str
        Why so, or why not.
    counts : dict of str to int
        Pixels of training, validation and test in that division.
    """

    classes: ClassTable
    pixels: Mapping[str, dict[int, int]]
    regions: Mapping[str, dict[int, int]]
    scene_pixels: Mapping[str, int]
    without_data: Mapping[str, int]
    recipe: str | None
    reason: str
    counts: dict[str, int]

    def labelled(self, key: str) -> int:
        """Labelled pixels of a scene."""
        return sum(self.pixels[key].values())

    def to_json(self) -> dict[str, Any]:
        """Give everything as JSON-able values.

        Keys: ``classes``, a list with ``number``, ``name``, ``colour``, ``pixels`` and ``regions`` (of all scenes);
        ``scenes``, by key, with ``labelled``, ``share`` (of its pixels), ``without_data``, ``pixels`` and ``regions``
        (by class number); ``split`` with ``recipe`` (or null), ``reason`` and ``pixels`` (by part).
        """
        rows = [
            {"number": number, "name": name, "colour": colour}
            | {what: sum(of[key].get(number, 0) for key in of) for what, of in self._tables().items()}
            for number, name, colour in self.classes.classes
        ]
        scenes = {
            key: {
                "labelled": self.labelled(key),
                "share": self.labelled(key) / self.scene_pixels[key],
                "without_data": self.without_data[key],
            }
            | {what: {str(number): n for number, n in of[key].items()} for what, of in self._tables().items()}
            for key in self.pixels
        }
        split = {"recipe": self.recipe, "reason": self.reason, "pixels": self.counts}
        return {"classes": rows, "scenes": scenes, "split": split}

    def _tables(self) -> dict[str, Mapping[str, dict[int, int]]]:
        return {"pixels": self.pixels, "regions": self.regions}


def describe_labels(
    labels: Mapping[str, xr.DataArray],
    valid: Mapping[str, NDArray[np.bool_]] | None = None,
    *,
    patch_size: int = 3,
    radius: int = 2,
) -> LabelDescription:
    """Describe label maps, and divide them as ``train`` would by default.

    Parameters
    ----------
    labels : mapping of str to DataArray (y, x)
        By scene; class numbers, 0 = unlabelled.
    valid : mapping of str to ndarray of bool, shape (height, width), optional
        Pixels that can be used; all where not given.
    patch_size, radius : int
        Of the model that is to be trained; the defaults are those of the default model.

    Raises
    ------
    LabelError
        Two scenes disagree about a class number.
    """
    classes = reduce(ClassTable.union, (classes_of(label_map) for label_map in labels.values()))
    usable = labels if valid is None else {key: only_where(m, valid[key]) for key, m in labels.items()}
    recipe, reason, counts = _division(usable, classes, patch_size, radius)
    return LabelDescription(
        classes=classes,
        pixels={key: _count(m.values) for key, m in labels.items()},
        regions={key: _count_regions(m.values) for key, m in labels.items()},
        scene_pixels={key: m.size for key, m in labels.items()},
        without_data={key: int(((m.values > 0) & (usable[key].values == 0)).sum()) for key, m in labels.items()},
        recipe=recipe,
        reason=reason,
        counts=counts,
    )


def _count(numbers: NDArray[np.integer]) -> dict[int, int]:
    present, counts = np.unique(numbers[numbers > 0], return_counts=True)
    return {int(number): int(count) for number, count in zip(present, counts, strict=True)}


def _count_regions(numbers: NDArray[np.integer]) -> dict[int, int]:
    groups = region_groups(numbers)
    _, first = np.unique(groups[groups > 0], return_index=True)
    return _count(numbers[groups > 0][first])


def _division(
    labels: Mapping[str, xr.DataArray], classes: ClassTable, patch_size: int, radius: int
) -> tuple[str | None, str, dict[str, int]]:
    """Divide labels: recipe, why, and pixels of each part."""
    present = {n for label_map in labels.values() for n in _count(label_map.values)}
    classes = classes.without([number for number in classes.numbers if number not in present])
    if len(classes) < 2:
        return None, "fewer than two classes have usable pixels", {}
    problem = Problem(labels, classes, SplitOptions(), radius, patch_size)
    asked, reason = explain_recipe(problem)
    try:
        split = make_split(problem)
    except (LabelError, SplitError) as error:
        return None, str(error), {}
    if split.recipe != asked:
        reason = f"{reason}, but the distance kept between {asked} would leave too little of some class"
    return split.recipe, reason, {part: split.total(part) for part in ("train", "validation", "test")}
