"""Opening what was named on the command line."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from spectralmamba.errors import ConfigError
from spectralmamba.labels import open_labels
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.mask import with_mask
from spectralmamba.training import LabelledScene


def open_scene_with_mask(path: Path, variable: str | None = None, mask: Path | None = None) -> xr.DataArray:
    """Open a scene; pixels that the mask names count as having no data."""
    scene = open_scene(path, variable)
    return scene if mask is None else with_mask(scene, mask)


def open_pairs(
    scene: Path,
    labels: Path,
    more: Sequence[Path],
    *,
    variable: str | None = None,
    mask: Path | None = None,
    test_labels: Path | None = None,
    validation_labels: Path | None = None,
) -> dict[str, LabelledScene]:
    """Open a scene with its labels, and further pairs, by distinct keys.

    Raises
    ------
    ConfigError
        An odd number of paths in ``more``, or an option that goes with one scene only.
    """
    if len(more) % 2:
        raise ConfigError("--pair takes a scene and its labels; give both")
    if more and (mask or test_labels or validation_labels):
        raise ConfigError("--mask and fixed test or validation labels go with one scene; leave out --pair")
    paths = [(scene, labels), *zip(more[::2], more[1::2], strict=True)]
    opened: dict[str, LabelledScene] = {}
    for scene_path, labels_path in paths:
        cube = open_scene_with_mask(scene_path, variable, mask)
        given = {"labels": labels_path, "test": test_labels, "validation": validation_labels}
        maps = {role: open_labels(path, like=cube) for role, path in given.items() if path is not None}
        opened[_distinct(str(cube.name), opened)] = LabelledScene(cube, **maps)
    return opened


def _distinct(name: str, taken: dict[str, LabelledScene]) -> str:
    """Number a name that another scene has already."""
    key, i = name, 2
    while key in taken:
        key, i = f"{name}_{i}", i + 1
    return key
