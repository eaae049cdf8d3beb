"""Opening what a run's configuration names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from spectralmamba.labels import open_labels
from spectralmamba.labels.class_table import classes_of
from spectralmamba.scenes.datasets.catalogue import find
from spectralmamba.scenes.datasets.verify import published_classes
from spectralmamba.scenes.options import SceneOptions
from spectralmamba.training.prepare import LabelledScene


def open_scene_with_mask(path: Path, variable: str | None = None, mask: Path | None = None) -> xr.DataArray:
    """Open a scene; pixels that the mask names count as having no data."""
    return SceneOptions(variable, None if mask is None else str(mask)).open(path)


def open_inputs(data: Sequence[Mapping[str, str]]) -> dict[str, LabelledScene]:
    """Open scenes and labels by distinct keys, as ``RunConfig.data`` has them."""
    opened: dict[str, LabelledScene] = {}
    for item in data:
        cube = SceneOptions.from_config(item).open(item["scene"])
        roles = {"labels": "labels", "test": "test_labels", "validation": "validation_labels"}
        maps = {role: open_labels(item[name], like=cube) for role, name in roles.items() if name in item}
        if "more_labels" in item:
            maps["labels"] = joined(maps["labels"], open_labels(item["more_labels"], like=cube))
        if "dataset" in item:
            entry = find(item["dataset"])
            maps = {role: m.assign_attrs(classes=published_classes(entry, m)) for role, m in maps.items()}
        opened[_distinct(str(cube.name), opened)] = LabelledScene(cube, **maps)
    return opened


def joined(labels: xr.DataArray, more: xr.DataArray) -> xr.DataArray:
    """Join two label maps of one grid; where both have a label, the first one's counts."""
    values = np.where(labels.values > 0, labels.values, more.values)
    together = labels.copy(data=values.astype(np.promote_types(labels.dtype, more.dtype)))
    return together.assign_attrs(classes=classes_of(labels).union(classes_of(more)))


def _distinct(name: str, taken: dict[str, LabelledScene]) -> str:
    """Number a name that another scene has already."""
    key, i = name, 2
    while key in taken:
        key, i = f"{name}_{i}", i + 1
    return key
