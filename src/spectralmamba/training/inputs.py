"""Opening what a run's configuration names."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from spectralmamba.labels.class_table import classes_of
from spectralmamba.labels.common_classes import CommonClasses
from spectralmamba.labels.merging import require_merged
from spectralmamba.labels.opening import has_attributes, open_labels_with
from spectralmamba.labels.options import YES, LabelOptions
from spectralmamba.sampling.pairs import distinct_key
from spectralmamba.scenes.datasets.catalogue import find
from spectralmamba.scenes.datasets.verify import published_classes
from spectralmamba.scenes.options import SceneOptions
from spectralmamba.training.bands import on_first_bands
from spectralmamba.training.labelled import LabelledScene

LABEL_KEYS = ("labels", "test_labels", "validation_labels", "more_labels")


def open_inputs(data: Sequence[Mapping[str, str]]) -> dict[str, LabelledScene]:
    """Open scenes and labels by distinct keys, as ``RunConfig.data`` has them.

    Where label maps name the same classes but number them differently, the first one's numbers count; see
    :class:`spectralmamba.labels.common_classes.CommonClasses`.
    """
    opened: dict[str, LabelledScene] = {}
    classes, resampled = CommonClasses(), set[str]()
    in_common = sum(name in item for item in data for name in LABEL_KEYS) > 1
    for item in data:
        cube = SceneOptions.from_config(item).open(item["scene"])
        roles = {"labels": "labels", "test": "test_labels", "validation": "validation_labels"}
        maps = {
            role: _open_labels(item, name, cube, in_common=in_common) for role, name in roles.items() if name in item
        }
        maps = {role: classes.number(labels) for role, labels in maps.items()}
        if "more_labels" in item:
            more = _open_labels(item, "more_labels", cube, in_common=in_common)
            maps["labels"] = joined(maps["labels"], classes.number(more))
        if "dataset" in item and not {"classes", "merge"} & item.keys():
            entry = find(item["dataset"])
            maps = {role: m.assign_attrs(classes=published_classes(entry, m)) for role, m in maps.items()}
        key = distinct_key(item.get("name", str(cube.name)), opened)
        opened[key] = LabelledScene(cube, **maps)
        if item.get("resample") == YES:
            resampled.add(key)
    require_merged(labels for item in opened.values() for labels in item.maps.values())
    return on_first_bands(opened, resampled) if resampled else opened


def _open_labels(item: Mapping[str, str], name: str, cube: xr.DataArray, *, in_common: bool) -> xr.DataArray:
    """Open the labels called ``name``; options that have no meaning for a raster do not go to further rasters."""
    options = LabelOptions.from_config(item, in_common=in_common)
    if name != "labels" and not has_attributes(item[name]):
        options = options.for_rasters()
    return open_labels_with(item[name], options, cube)


def joined(labels: xr.DataArray, more: xr.DataArray) -> xr.DataArray:
    """Join two label maps of one grid; where both have a label, the first one's counts."""
    values = np.where(labels.values > 0, labels.values, more.values)
    together = labels.copy(data=values.astype(np.promote_types(labels.dtype, more.dtype)))
    points = {"points": True} if more.attrs.get("points") else {}
    lacking = tuple(name for name in labels.attrs.get("not_merged", ()) if name in more.attrs.get("not_merged", ()))
    classes = classes_of(labels).union(classes_of(more))
    return together.assign_attrs(classes=classes, not_merged=lacking, **points)
