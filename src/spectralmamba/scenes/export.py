"""Writing a scene as a GeoTIFF that :func:`spectralmamba.open_scene` reads back: values, grid and spectral metadata."""

from pathlib import Path

import numpy as np
import xarray as xr

from spectralmamba.scenes.grid import grid_of
from spectralmamba.scenes.raster import create_tiff


def write_scene(scene: xr.DataArray, path: Path) -> None:
    """Write a scene with its band tags ``wavelength``, ``fwhm`` (nm) and ``bbl``; missing values are NaN.

    Parameters
    ----------
    scene : DataArray (band, y, x)
    path : Path

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    layout = {"nodata": np.nan, "predictor": 3, "interleave": "band"}
    with create_tiff(path, grid_of(scene), scene.sizes["band"], np.float32, **layout) as file:
        for i, band in enumerate(scene, start=1):
            file.write(band.values, i)
            tags = {"bbl": str(int(band.good)), "wavelength_units": "Nanometers"}
            tags |= {name: repr(float(band[name])) for name in ("wavelength", "fwhm") if np.isfinite(band[name])}
            file.update_tags(i, **tags)
