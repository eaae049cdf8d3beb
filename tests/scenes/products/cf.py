"""Tiny NetCDF files as other programs write them."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from rasterio.crs import CRS

from spectralmamba.scenes.contract import make_scene

from . import CRS as UTM
from . import TRANSFORM

WAVELENGTHS = np.array([450.5, 560.0, 1650.25])


def scene(**options: Any) -> xr.DataArray:
    """A scene as the readers return it, with a missing pixel and a bad band."""
    values = np.random.default_rng(3).uniform(0, 1, (3, 5, 7)).astype(np.float32)
    values[:, 1, 2] = np.nan
    given = {
        "wavelength": WAVELENGTHS,
        "fwhm": [6.5, 7.0, 11.0],
        "good": [True, False, True],
        "crs": CRS.from_string(UTM),
        "transform": TRANSFORM,
        "nodata": -9999.0,
    }
    return make_scene(values, name="flight", source="somewhere.tif", **(given | options))


def cube(n_bands: int = 3, height: int = 5, width: int = 7) -> np.ndarray:
    """Numbers that are all different, (bands, rows, columns)."""
    return np.arange(n_bands * height * width, dtype=np.float32).reshape(n_bands, height, width)


def write(path: Path, variables: dict[str, Any], group: str | None = None, **attrs: Any) -> Path:
    """Write variables as xarray takes them, each ``(dims, values, attributes)``; into a group, beside what is there."""
    mode = "a" if group and path.exists() else "w"
    xr.Dataset(variables, attrs=attrs).to_netcdf(path, engine="h5netcdf", group=group, mode=mode)
    return path
