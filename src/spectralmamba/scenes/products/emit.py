"""EMIT L2A reflectance: a NetCDF-4 file in sensor geometry, placed on the ground by its geometry lookup table (GLT).

Specification: EMIT L2A Surface Reflectance User Guide,
https://lpdaac.usgs.gov/documents/1569/EMITL2ARFL_User_Guide_v1.pdf

``reflectance`` (downtrack, crosstrack, bands) is what the sensor saw, line by line. For each pixel of a grid in degrees
the GLT (``location/glt_x``, ``location/glt_y``, rows × columns of the grid) names the column and line of the sensor to
take, from 1; 0 stands for none, and a negative number for a pixel filled from its nearest neighbour, whose place is the
number without its sign. The grid is that of the attributes ``geotransform`` (outer corner of the upper left pixel, by
GDAL's convention) and ``spatial_ref``.

A window of the grid needs the lines between the least and the greatest that its part of the GLT names; no others are
read. The sensor flies across the grid at an angle, so these are more lines than the window has rows, and wide windows
are read in parts.

Flags of the mask file are excluded where it lies beside the reflectance under its own name, see
:mod:`spectralmamba.scenes.products.emit_mask`.
"""

import logging
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.hdf5 import holds, open_hdf5, text
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.products import emit_mask
from spectralmamba.scenes.products.emit_lookup import read_lookup
from spectralmamba.scenes.units import nm_per_unit

logger = logging.getLogger(__name__)

FORMAT = "EMIT L2A reflectance"

REFLECTANCE = "reflectance"
_BANDS = "sensor_band_parameters"
_FILL = -9999.0

_HULL_PIXELS = 2**16
"""Pixels in sensor geometry that are read at once at most: 75 MB of EMIT's 285 bands."""


def recognises(path: Path) -> bool:
    """Whether ``path`` is an HDF5 file with EMIT's ``reflectance`` and its group of band parameters."""
    return holds(path, REFLECTANCE) and holds(path, f"{_BANDS}/wavelengths") and _is_cube(path)


def _is_cube(path: Path) -> bool:
    with open_hdf5(path) as file:
        return isinstance(file[REFLECTANCE], h5py.Dataset) and file[REFLECTANCE].ndim == 3


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open an EMIT L2A product as a scene on its grid without reading its pixels; the GLT is read.

    Parameters
    ----------
    path : pathlib.Path
        The ``EMIT_L2A_RFL_….nc`` file.
    variable : str, optional
        ``reflectance`` for the array as it is stored: in sensor geometry, without georeferencing.

    Returns
    -------
    xarray.DataArray
        Reflectance; NaN where the grid has no pixel of the sensor. ``good`` is the product's ``good_wavelengths``.

    Raises
    ------
    SceneError
        The product is damaged or incomplete, or has no GLT.
    """
    if variable not in (None, REFLECTANCE):
        raise SceneError(f"{path} has no cube {variable!r}; leave variable out, or name {REFLECTANCE!r}")
    with open_hdf5(path) as file:
        wavelength, fwhm, good = _bands(file, path)
        raw: tuple[int, int, int] = file[REFLECTANCE].shape
        fill = float(np.ravel(file[REFLECTANCE].attrs.get("_FillValue", _FILL))[0])
        glt, crs, transform = (None, None, None) if variable else read_lookup(file, path, raw[:2])
    scene = make_scene(
        EmitArray(path, raw, fill, glt).lazy(),
        name=path.stem,
        source=str(path),
        wavelength=wavelength,
        fwhm=fwhm,
        good=good,
        crs=crs,
        transform=transform,
        nodata=fill,
    )
    mask = emit_mask.beside(path)
    if mask is None:
        logger.warning(
            "%s: no mask file of its name lies beside the reflectance, so no pixel is left out as cloud unless one "
            "is given",
            scene.name,
        )
        return scene
    return emit_mask.exclude_flags(scene, mask, glt)


def _bands(file: h5py.File, path: Path) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Collect wavelength and fwhm (nm) and good, each of shape (n_bands,)."""
    group, n_bands = file[_BANDS], file[REFLECTANCE].shape[2]
    found = {}
    for name in ("wavelengths", "fwhm", "good_wavelengths"):
        if name not in group or group[name].shape != (n_bands,):
            raise SceneError(f"{path} does not give {name} for its {n_bands} bands in {_BANDS}; fetch the file again")
        found[name] = np.asarray(group[name], np.float64)
    remedy = "fetch the file again"
    wavelength = found["wavelengths"]
    factor = nm_per_unit(text(group["wavelengths"], "units"), wavelength, str(path), remedy)
    return wavelength * factor, found["fwhm"] * factor, found["good_wavelengths"] != 0


class EmitArray(WindowedArray):
    """Reflectance on the grid of a lookup table, or in sensor geometry without one; NaN where missing.

    Parameters
    ----------
    path : pathlib.Path
    raw : tuple of int
        Lines, columns and bands of the sensor.
    fill : float
        Value of missing pixels.
    glt : ndarray of int32, shape (2, height, width), optional
        Line and column of the sensor for each pixel of the grid, from 0; -1 for none.
    """

    def __init__(
        self, path: Path, raw: tuple[int, int, int], fill: float, glt: NDArray[np.int32] | None = None
    ) -> None:
        height, width = raw[:2] if glt is None else glt.shape[1:]
        super().__init__((raw[2], height, width))
        self.path = path
        self.fill = fill
        self.glt = glt

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> NDArray[np.float32]:
        """Read bands (from 0) of a window; shape (n, rows, cols), float32.

        Raises
        ------
        SceneError
            The file went away or is damaged where the window lies.
        """
        with open_hdf5(self.path) as file:
            if self.glt is None:
                return np.ascontiguousarray(self._sensor(file, bands, rows, cols).transpose(2, 0, 1))
            block = np.full((bands.size, rows.stop - rows.start, cols.stop - cols.start), np.nan, np.float32)
            self._place(file, bands, self.glt[:, rows, cols], block)
        return block

    def _place(
        self, file: h5py.File, bands: NDArray[np.intp], glt: NDArray[np.int32], block: NDArray[np.float32]
    ) -> None:
        """Fill a block (n, rows, cols), in parts where its hull in sensor geometry is large."""
        there = glt[0] >= 0
        if not there.any():
            return
        lines, columns = glt[:, there]
        hull = [slice(int(places.min()), int(places.max()) + 1) for places in (lines, columns)]
        size = (hull[0].stop - hull[0].start) * (hull[1].stop - hull[1].start)
        if size > _HULL_PIXELS and there.size > 1:
            axis = int(np.argmax(there.shape))
            half = there.shape[axis] // 2
            for part in (slice(None, half), slice(half, None)):
                where = (slice(None), part) if axis == 0 else (slice(None), slice(None), part)
                self._place(file, bands, glt[where], block[where])
            return
        # Spectra lie together in the file: picking pixels before turning the axes copies each spectrum in one piece.
        seen = self._sensor(file, bands, *hull)
        block[:, there] = seen[lines - hull[0].start, columns - hull[1].start].T

    def _sensor(self, file: h5py.File, bands: NDArray[np.intp], lines: slice, columns: slice) -> NDArray[np.float32]:
        """Read (lines, columns, n) in sensor geometry."""
        first, last = int(bands.min()), int(bands.max()) + 1
        values = np.asarray(file[REFLECTANCE][lines, columns, first:last], np.float32)
        if bands.size != last - first or (np.diff(bands) != 1).any():
            values = values[..., bands - first]
        values[values == np.float32(self.fill)] = np.nan
        return values
