"""EMIT L2A masks: which pixels of a reflectance product are clouded or otherwise not to be used.

Specification: section on the mask file of the EMIT L2A user guides,
https://lpdaac.usgs.gov/documents/1569/EMITL2ARFL_User_Guide_v1.pdf and, for version 2,
https://www.earthdata.nasa.gov/data/catalog/lpcloud-emitl2amask-002

``mask`` (downtrack, crosstrack, layers) is in sensor geometry, on the lines and columns of the reflectance of the same
acquisition, and ``sensor_band_parameters/mask_bands`` names its layers. Layers have changed from version to version, so
they are found by name. Those that give a quantity (aerosol, water vapour, probability) are no flags.
"""

import logging
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.grid import Grid, GridMismatch, grid_of
from spectralmamba.scenes.hdf5 import holds, open_hdf5
from spectralmamba.scenes.products.emit_lookup import read_lookup
from spectralmamba.scenes.quality import exclude, exclusion_counts

logger = logging.getLogger(__name__)

_NAMES = "sensor_band_parameters/mask_bands"

EXCLUDED = {
    "cloud flag": "cloud",
    "spectf-cloud flag": "cloud",
    "cirrus flag": "cirrus",
    "dilated cloud flag": "dilated cloud",
    "spacecraft flag": "spacecraft",
}
"""Layer, in lower case -> reason. Water is a class to be mapped, not a fault: its flag, and the aggregate that contains
it, exclude nothing."""


def recognises(path: Path) -> bool:
    """Whether ``path`` is an EMIT mask file."""
    return holds(path, "mask") and holds(path, _NAMES)


def is_companion(path: Path) -> bool:
    """Whether ``path`` is a file that EMIT's reflectance comes with, of masks or of uncertainty: no scene by itself."""
    return recognises(path) or (holds(path, "reflectance_uncertainty") and holds(path, "sensor_band_parameters"))


def beside(path: Path) -> Path | None:
    """Find the mask of a reflectance file in its folder: the same name with MASK for RFL, of whatever version.

    ``EMIT_L2A_RFL_001_20220903T163129_2224611_012.nc`` goes with ``EMIT_L2A_MASK_001_20220903T163129_2224611_012.nc``
    or ``EMIT_L2A_MASK_002_20220903T163129.nc``: the time is what all versions have.
    """
    parts = path.name.split("_RFL_")
    if len(parts) != 2:
        return None
    time = parts[1].removesuffix(path.suffix).split("_")[1:2]
    candidates = sorted(path.parent.glob(f"{parts[0]}_MASK_*_{time[0]}*{path.suffix}")) if time else []
    return next((candidate for candidate in reversed(candidates) if recognises(candidate)), None)


def exclude_flags(scene: xr.DataArray, path: Path, glt: NDArray[np.int32] | None = None) -> xr.DataArray:
    """Exclude the pixels that a mask file flags, see :data:`EXCLUDED`.

    Parameters
    ----------
    scene : DataArray
        The reflectance, on its grid or in sensor geometry.
    path : pathlib.Path
        The mask file.
    glt : ndarray of int32, shape (2, height, width), optional
        The reflectance's lookup table; for a scene on a grid the mask's own where not given.

    Raises
    ------
    SceneError
        The mask file is damaged, or of another acquisition.
    """
    flags = _flags(path)
    if glt is None and grid_of(scene).transform is not None:
        glt = _own_lookup(path, scene)
    reasons = flags if glt is None else {reason: _on_grid(seen, glt, path) for reason, seen in flags.items()}
    for where in reasons.values():
        if where.shape != scene.shape[1:]:
            raise SceneError(_of_another(path, scene))
    if reasons.keys() & exclusion_counts(scene).keys():  # by another mask, or by this one: nothing is counted twice
        reasons = {"mask": np.logical_or.reduce(list(reasons.values()))}
    logger.info("%s: pixels flagged by %s are left out", scene.name, path.name)
    return exclude(scene, reasons)


def _of_another(path: Path, scene: xr.DataArray) -> str:
    return f"the mask {path} is of another acquisition than scene {scene.name}; use the one of the same granule"


def _own_lookup(path: Path, scene: xr.DataArray) -> NDArray[np.int32]:
    """Read the mask's lookup table, which has to be on the scene's grid."""
    with open_hdf5(path) as file:
        glt, crs, transform = read_lookup(file, path, file["mask"].shape[:2])
    try:
        offset = grid_of(scene).offset_of(Grid(crs, transform, *glt.shape[1:]))
    except GridMismatch as error:
        raise SceneError(_of_another(path, scene)) from error
    if offset != (0, 0):
        raise SceneError(_of_another(path, scene))
    return glt


def _flags(path: Path) -> dict[str, NDArray[np.bool_]]:
    """Read reason -> flagged, shape (lines, columns), in sensor geometry."""
    flags: dict[str, NDArray[np.bool_]] = {}
    with open_hdf5(path) as file:
        names = [name.decode() if isinstance(name, bytes) else str(name) for name in file[_NAMES][()]]
        for layer, name in enumerate(names):
            reason = EXCLUDED.get(" ".join(name.lower().split()))
            if reason is not None:
                flagged = np.asarray(file["mask"][:, :, layer]) > 0.5
                flags[reason] = flags.get(reason, np.zeros_like(flagged)) | flagged
    if not flags:
        raise SceneError(f"{path} has none of the layers {', '.join(EXCLUDED)}; use the mask file of the product")
    return flags


def _on_grid(seen: NDArray[np.bool_], glt: NDArray[np.int32], path: Path) -> NDArray[np.bool_]:
    lines, columns = glt
    there = lines >= 0
    if int(lines.max()) >= seen.shape[0] or int(columns.max()) >= seen.shape[1]:
        raise SceneError(f"{path} has fewer lines or columns than the reflectance; use the mask of the same granule")
    flagged = np.zeros(there.shape, bool)
    flagged[there] = seen[lines[there], columns[there]]
    return flagged
