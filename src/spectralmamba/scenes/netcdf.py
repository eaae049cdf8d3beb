"""NetCDF: version 4 (which is HDF5) and the classic format, read lazily through xarray.

Conventions: https://cfconventions.org/ . What is made use of: names and ``standard_name`` of dimensions and
coordinates, ``units`` of wavelengths, ``grid_mapping``, ``_FillValue``, ``valid_range``, ``scale_factor`` and
``add_offset``; groups are searched, and inherit from their parents. Rows that run from south to north are turned round.
What ``scene.to_netcdf`` writes is read back as it was.
"""

from pathlib import Path

import xarray as xr

from spectralmamba.scenes.cf.reader import READ_ERRORS, damaged, read_store
from spectralmamba.scenes.cf.store import ROOT, Store
from spectralmamba.scenes.hdf5 import is_hdf5
from spectralmamba.scenes.products import emit_mask

FORMAT = "NetCDF"

_CLASSIC = (b"CDF\x01", b"CDF\x02")


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like NetCDF of either kind; masks that belong to a product are passed over."""
    return _is_classic(path) or (is_hdf5(path) and not emit_mask.is_companion(path))


def _is_classic(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in _CLASSIC


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open the cube of a NetCDF file as a scene without reading its pixels.

    Parameters
    ----------
    path : pathlib.Path
    variable : str, optional
        Name of the cube, with its groups (``group/name``) where the name alone is not enough.

    Raises
    ------
    SceneError
        The file is damaged, has no cube, several and no choice, or not the one asked for.
    """
    try:
        groups = _classic(path) if _is_classic(path) else _groups(path)
    except READ_ERRORS as error:
        raise damaged(path, error) from error
    return read_store(Store(path, groups), variable, path.stem)


def _groups(path: Path) -> dict[str, xr.Dataset]:
    # Dimensions without a name, of plain HDF5, get one; that nobody knows what they are is said later.
    return dict(xr.open_groups(path, engine="h5netcdf", phony_dims="access", decode_times=False, cache=False))


def _classic(path: Path) -> dict[str, xr.Dataset]:
    return {ROOT: xr.open_dataset(path, engine="scipy", decode_times=False, cache=False)}
