"""Zarr: a store with a cube, version 2 or 3, read lazily through xarray.

Specification: https://zarr-specs.readthedocs.io/ ; coordinates, CRS and scaling follow the CF conventions as in
:mod:`spectralmamba.scenes.netcdf`. What ``scene.to_zarr`` writes is read back as it was.
"""

import json
from importlib.util import find_spec
from pathlib import Path

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.cf.reader import READ_ERRORS, damaged, read_store
from spectralmamba.scenes.cf.store import Store

FORMAT = "Zarr"

_GROUPS = (".zgroup", "zarr.json")
_ARRAY = ".zarray"


def recognises(path: Path) -> bool:
    """Whether ``path`` is a folder with the marks of a Zarr store."""
    return path.is_dir() and any((path / name).is_file() for name in (*_GROUPS, _ARRAY))


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open the cube of a Zarr store as a scene without reading its pixels.

    Parameters
    ----------
    path : pathlib.Path
        The store's folder.
    variable : str, optional
        Name of the cube, where there are several.

    Raises
    ------
    SceneError
        Zarr is not installed; the store is damaged or a single array; or it has no cube, several and no choice, or not
        the one asked for.
    """
    if find_spec("zarr") is None:
        raise SceneError(f"{path} is a Zarr store, but zarr is not installed; pip install 'spectralmamba[distributed]'")
    if _is_single_array(path):
        raise SceneError(
            f"{path} is a Zarr array by itself, which says nothing of bands and place; write a group, as xarray's "
            "to_zarr does"
        )
    try:
        groups = dict(
            xr.open_groups(path, engine="zarr", consolidated=False, chunks=None, decode_times=False, cache=False)
        )
    except READ_ERRORS as error:
        raise damaged(path, error) from error
    return read_store(Store(path, groups), variable, path.stem)


def _is_single_array(path: Path) -> bool:
    if (path / _ARRAY).is_file():
        return True
    described = path / "zarr.json"
    try:
        return described.is_file() and json.loads(described.read_bytes()).get("node_type") == "array"
    except (ValueError, AttributeError):  # opening it says what is wrong with it
        return False
