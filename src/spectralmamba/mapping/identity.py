"""What makes a map the map it is: two jobs with the same facts give the same bytes."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from spectralmamba.mapping.computing import Wanted
from spectralmamba.mapping.predictor import Predictor
from spectralmamba.scenes.grid import grid_of
from spectralmamba.scenes.mosaic import tiles_of

Facts = dict[str, Any]
"""By name, as a user reads it, a value that JSON can hold."""

TILE = "tile size"

PACKAGES = ("spectralmamba", "numpy", "numba", "torch")
"""Other versions of these may give other last bits."""


def job_facts(
    predictor: Predictor,
    scene: xr.DataArray,
    shape: tuple[int, int],
    wanted: Wanted,
    identity: Mapping[str, str] | None,
) -> Facts:
    """Gather what the arrays of a map depend on.

    Parameters
    ----------
    predictor : Predictor
    scene : DataArray (band, y, x)
    shape : (int, int)
        Rows and columns of a tile: the journal counts in tiles.
    wanted : Wanted
    identity : mapping of str to str, optional
        What tells this predictor from others: a digest of its weights, and on what it computes.

    Returns
    -------
    dict
        ``resumable`` (bool) tells whether it says enough for another process to go on.
    """
    height, width = scene.shape[1:]
    arrays = wanted.arrays(predictor, height, width)
    source = None if identity is None else scene_source(scene)
    return {
        "resumable": source is not None,
        **{f"version of {name}": number for name, number in installed_versions().items()},
        **{name: str(value) for name, value in (identity or {}).items()},
        "class table": predictor.classes.to_json(),
        "radius": predictor.radius,
        "bands": [int(band) for band in predictor.bands],
        "temperature": float(predictor.temperature),
        "scene": source,
        "scene's grid": _describe_grid(scene),
        "nodata value": None if scene.rio.nodata is None else str(float(scene.rio.nodata)),
        "mask": _mask_digest(scene),
        "outputs": {name: [list(its), dtype.str] for name, (its, dtype) in arrays.items()},
        TILE: list(shape),
    }


def installed_versions() -> dict[str, str]:
    """Find the versions, in this process, of the packages that matter; those that are not there are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def differences(facts: Facts, others: Facts) -> list[str]:
    """Name the facts in which two jobs differ."""
    return [name for name in {**facts, **others} if facts.get(name) != others.get(name)]


def job_digest(facts: Facts) -> str:
    """Sum up what a whole map depends on, so not on the tiles that it was computed by."""
    return hashlib.sha256(json.dumps(facts | {TILE: None}, sort_keys=True).encode()).hexdigest()


def scene_source(scene: xr.DataArray) -> list[Any] | None:
    """Say where a scene's values come from, so that another scene, or the same file changed since, reads differently.

    Returns
    -------
    list or None
        Of a scene in memory a digest of its values; of one that is read from files their paths, sizes and times of
        change. None where neither is known, or not of each tile of a mosaic.
    """
    if is_in_memory(scene):
        return [_digest(np.ascontiguousarray(scene.values))]
    source = Path(str(scene.attrs.get("source", ""))).absolute()
    if source.is_file():
        return [str(source), *_stamp(source)]
    if not scene.attrs.get("source") or not source.is_dir():
        return None
    files = _files_of_tiles(source, [str(tile["name"]) for tile in tiles_of(scene)])
    if files is None:
        return None
    return [str(source), [[file.relative_to(source).as_posix(), *_stamp(file)] for file in files]]


def is_in_memory(scene: xr.DataArray) -> bool:
    """Whether a scene was loaded whole, so that its size counts against the memory."""
    return bool(scene.variable._in_memory)  # noqa: SLF001 - xarray has no public way to ask without loading it


def _files_of_tiles(folder: Path, names: list[str]) -> list[Path] | None:
    """List the files of a mosaic's tiles, which may lie deeper in its folder; without tiles all files of the folder.

    None where a tile lies elsewhere, as in a list of tiles from several folders.
    """
    paths = [folder / name for name in names]
    if names and len(set(names)) == len(names) and all(path.exists() for path in paths):
        return [file for path in paths for file in _files_of(path)]
    files = [file for file in _files_of(folder) if not names or file.name in names]
    return files if len(files) >= len(names) and {file.name for file in files} >= set(names) else None


def _files_of(part: Path) -> list[Path]:
    """List a file, or all files in a folder: the numbers of a Zarr lie deep in it."""
    files = sorted(part.rglob("*")) if part.is_dir() else [part]
    # What a GIS leaves beside a file that it has opened (.aux.xml) is no part of the scene, nor is a map's work folder.
    return [
        file
        for file in files
        if file.is_file()
        and not file.name.endswith(".aux.xml")
        and not any(folder.startswith(".") for folder in file.relative_to(part).parts[:-1])
    ]


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns


def _describe_grid(scene: xr.DataArray) -> list[Any]:
    grid = grid_of(scene)
    placed = None if grid.transform is None else [float(value) for value in tuple(grid.transform)[:6]]
    return [list(scene.shape), None if grid.crs is None else grid.crs.to_wkt(), placed]


def _mask_digest(scene: xr.DataArray) -> str | None:
    return _digest(np.packbits(scene.coords["excluded"].values)) if "excluded" in scene.coords else None


def _digest(values: np.ndarray) -> str:
    return hashlib.sha256(values.data.cast("B")).hexdigest()
