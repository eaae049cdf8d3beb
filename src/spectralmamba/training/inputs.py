"""Opening what a run's configuration names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import xarray as xr

from spectralmamba.labels import open_labels
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.mask import with_mask
from spectralmamba.training.prepare import LabelledScene


def open_scene_with_mask(path: Path, variable: str | None = None, mask: Path | None = None) -> xr.DataArray:
    """Open a scene; pixels that the mask names count as having no data."""
    scene = open_scene(path, variable)
    return scene if mask is None else with_mask(scene, mask)


def open_inputs(data: Sequence[Mapping[str, str]]) -> dict[str, LabelledScene]:
    """Open scenes and labels by distinct keys, as ``RunConfig.data`` has them."""
    opened: dict[str, LabelledScene] = {}
    for item in data:
        mask = item.get("mask")
        cube = open_scene_with_mask(Path(item["scene"]), item.get("variable"), None if mask is None else Path(mask))
        roles = {"labels": "labels", "test": "test_labels", "validation": "validation_labels"}
        maps = {role: open_labels(item[name], like=cube) for role, name in roles.items() if name in item}
        opened[_distinct(str(cube.name), opened)] = LabelledScene(cube, **maps)
    return opened


def _distinct(name: str, taken: dict[str, LabelledScene]) -> str:
    """Number a name that another scene has already."""
    key, i = name, 2
    while key in taken:
        key, i = f"{name}_{i}", i + 1
    return key
