"""Opening what was named on the command line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import xarray as xr

from spectralmamba.errors import ConfigError, OutputError
from spectralmamba.labels import open_labels
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.mask import with_mask
from spectralmamba.training import LabelledScene


def open_scene_with_mask(path: Path, variable: str | None = None, mask: Path | None = None) -> xr.DataArray:
    """Open a scene; pixels that the mask names count as having no data."""
    scene = open_scene(path, variable)
    return scene if mask is None else with_mask(scene, mask)


def keep_inputs(targets: Sequence[Path], run: Path, inputs: Sequence[Path]) -> None:
    """Refuse outputs that would take the place of an input, lie in the run, or join the tiles of a folder.

    Raises
    ------
    OutputError
        An output is one of these.
    """
    for target in (path.resolve() for path in targets):
        if run.resolve() in (target, *target.parents):
            raise OutputError(f"cannot write {target}: it lies in the run {run}; name another place")
        for source in (path.resolve() for path in inputs):
            if target == source or (source.is_dir() and target.parent == source):
                raise OutputError(f"cannot write {target}: it is, or lies among, what is read; name another place")


def describe_inputs(
    scene: Path,
    labels: Path,
    more: Sequence[Path],
    *,
    kept: Sequence[Mapping[str, str]] = (),
    variable: str | None = None,
    **files: Path | None,
) -> tuple[dict[str, str], ...]:
    """Say what is to be opened, one dict a scene with its labels, as a run's configuration keeps it.

    Parameters
    ----------
    scene, labels : Path
    more : sequence of Path
        Further scenes and labels in turn.
    kept : sequence of dict
        Of the run to resume: what was given then, and is not now, is taken from there.
    variable : str, optional
    **files
        ``mask``, ``test_labels``, ``validation_labels``; None where not given.

    Raises
    ------
    ConfigError
        An odd number of paths in ``more``, or an option that goes with one scene only.
    """
    if len(more) % 2:
        raise ConfigError("--pair takes a scene and its labels; give both")
    options = {name: str(path.absolute()) for name, path in files.items() if path is not None}
    if variable is not None:
        options["variable"] = variable
    before = {key: value for key, value in (kept[0] if kept else {}).items() if key not in ("scene", "labels")}
    options = before | options
    if more and set(options) - {"variable"}:
        raise ConfigError("--mask and fixed test or validation labels go with one scene; leave out --pair")
    paths = [(scene, labels), *zip(more[::2], more[1::2], strict=True)]
    return tuple({"scene": str(one.absolute()), "labels": str(its.absolute())} | options for one, its in paths)


def open_inputs(data: Sequence[Mapping[str, str]]) -> dict[str, LabelledScene]:
    """Open scenes and labels by distinct keys, as :func:`describe_inputs` put them."""
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
