"""Writing a scene as a GeoTIFF that :func:`spectralmamba.open_scene` reads back: values, grid and spectral metadata."""

import warnings
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from rasterio.errors import NotGeoreferencedWarning

from spectralmamba.files import replacing
from spectralmamba.scenes.grid import grid_of


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
    grid = grid_of(scene)
    known = {"crs": grid.crs, "transform": grid.transform}
    georeference = {key: value for key, value in known.items() if value is not None}
    with replacing(path) as partial:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            file = rasterio.open(
                partial,
                "w",
                driver="GTiff",
                height=grid.height,
                width=grid.width,
                count=scene.sizes["band"],
                dtype=np.float32,
                nodata=np.nan,
                compress="deflate",
                predictor=3,
                interleave="band",
                **georeference,
            )
        with file:
            for i, band in enumerate(scene, start=1):
                file.write(band.values, i)
                tags = {"bbl": str(int(band.good)), "wavelength_units": "Nanometers"}
                tags |= {name: repr(float(band[name])) for name in ("wavelength", "fwhm") if np.isfinite(band[name])}
                file.update_tags(i, **tags)
