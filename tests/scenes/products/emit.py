"""A tiny EMIT L2A granule with the structure of real ones: reflectance and mask, in sensor geometry with a GLT.

Groups, names, axes and fill values are those of EMITL2ARFL version 1, as its user guide has them; sizes are small, and
so is the angle by which the sensor flies across the grid.
"""

from pathlib import Path

import h5py
import numpy as np
from rasterio.crs import CRS

LINES, COLUMNS = 7, 6
WAVELENGTHS = np.array([381.0, 560.5, 1380.0, 2493.0], np.float32)
GOOD = np.array([1, 1, 0, 1], np.uint8)
GEOTRANSFORM = (12.5, 0.00054, 0.0, 52.5, 0.0, -0.00054)
MASK_LAYERS = (
    "Cloud flag",
    "Cirrus flag",
    "Water flag",
    "Spacecraft Flag",
    "Dilated Cloud Flag",
    "AOD550",
    "H2O (g cm-2)",
    "Aggregate Flag",
)
RFL, MASK = (f"EMIT_L2A_{kind}_001_20220903T163129_2224611_012.nc" for kind in ("RFL", "MASK"))


def reflectance(seed: int = 0) -> np.ndarray:
    """Of shape (lines, columns, bands), one pixel missing."""
    values = np.random.default_rng(seed).uniform(0.01, 0.6, (LINES, COLUMNS, WAVELENGTHS.size)).astype(np.float32)
    values[..., GOOD == 0] = -0.01
    values[6, 5] = -9999.0
    return values


def lookup(height: int = 9, width: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Column and line of the sensor, from 1, for each pixel of the grid: a strip that leans to the right."""
    rows, cols = np.mgrid[:height, :width]
    line, column = rows + 1 - cols // 4, cols + 1 - rows // 3
    there = (line >= 1) & (line <= LINES) & (column >= 1) & (column <= COLUMNS)
    x, y = np.where(there, column, 0).astype(np.int32), np.where(there, line, 0).astype(np.int32)
    x[4, 4], y[4, 4] = -x[4, 4], -y[4, 4]  # filled from its nearest neighbour
    return x, y


def orthorectified(seed: int = 0) -> np.ndarray:
    """What the scene should be, (bands, rows, columns), pixel by pixel."""
    values, (x, y) = reflectance(seed).astype(np.float64), lookup()
    grid = np.full((WAVELENGTHS.size, *x.shape), np.nan)
    for row, col in np.argwhere(x != 0):
        spectrum = values[abs(y[row, col]) - 1, abs(x[row, col]) - 1]
        grid[:, row, col] = np.where(spectrum == -9999, np.nan, spectrum)
    return grid


def write(folder: Path, *, glt: bool = True, units: str = "nm") -> Path:
    """Write the reflectance file of a granule."""
    with _granule(folder / RFL, glt=glt) as file:
        cube = file.create_dataset("reflectance", data=reflectance(), chunks=(3, 3, 2), compression="gzip")
        cube.attrs["_FillValue"] = np.array([-9999.0], np.float32)
        bands = file["sensor_band_parameters"]
        for name, values in (("wavelengths", WAVELENGTHS), ("fwhm", np.full(4, 8.5, np.float32))):
            bands.create_dataset(name, data=values).attrs["units"] = units
        bands.create_dataset("good_wavelengths", data=GOOD)
    return folder / RFL


def write_mask(folder: Path, flags: dict[str, list[tuple[int, int]]], name: str = MASK) -> Path:
    """Write the mask file of a granule; flags: layer -> (line, column) of the sensor, from 0."""
    with _granule(folder / name) as file:
        mask = np.zeros((LINES, COLUMNS, len(MASK_LAYERS)), np.float32)
        mask[..., 5] = 0.3
        mask[..., 6] = 1.7
        for layer, places in flags.items():
            for line, column in places:
                mask[line, column, MASK_LAYERS.index(layer)] = 1
        file.create_dataset("mask", data=mask).attrs["_FillValue"] = np.array([-9999.0], np.float32)
        names = np.array(MASK_LAYERS, dtype=h5py.string_dtype())
        file["sensor_band_parameters"].create_dataset("mask_bands", data=names)
    return folder / name


def _granule(path: Path, *, glt: bool = True) -> h5py.File:
    file = h5py.File(path, "w")
    file.attrs["geotransform"] = np.array(GEOTRANSFORM)
    file.attrs["spatial_ref"] = CRS.from_epsg(4326).to_wkt()
    file.create_group("sensor_band_parameters")
    location = file.create_group("location")
    if glt:
        for name, values in zip(("glt_x", "glt_y"), lookup(), strict=True):
            location.create_dataset(name, data=values).attrs["_FillValue"] = np.array([0], np.int32)
    return file
