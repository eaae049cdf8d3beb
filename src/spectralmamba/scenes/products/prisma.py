"""PRISMA L2D: orthorectified surface reflectance, an HDF-EOS5 file (``.he5``) with a cube for each of two detectors.

Specification: PRISMA Products Specification Document, issue 2.3 (12/03/2020), Italian Space Agency,
https://prisma.asi.it/missionselect/docs/PRISMA%20Product%20Specifications_Is2_3.pdf

What the product leaves to the reader, and what is done about it:

- *Cubes* are stored (row, band, column), the first row northernmost. Reflectance is
  ``L2ScaleMin + DN · (L2ScaleMax − L2ScaleMin) / 65535``, for each detector by itself.
- *Order*: wavelengths fall from band to band; here they rise, from the VNIR to the SWIR detector.
- *Bands that are not there* have wavelength 0 (and flag 0 in ``List_Cw_*_Flags``). They hold nothing and are dropped.
- *Overlap*: both detectors look at about 940 to 970 nm, and both grow noisy towards their ends. VNIR bands are good up
  to the middle of the overlap and SWIR bands beyond it; the others stay, with ``good`` False. The coordinate
  ``detector`` tells the two apart.
- *Corners* (``Product_ULcorner_easting`` …) are the centres of the outermost 30 m pixels, as EnMAP-Box and prismaread
  take them; where they are as far apart as the outer edges would be, they are taken as edges.
- *Pixels outside the strip* are 0 in every band; ground is not 0 in all of the bands at :data:`_LOOKED_AT_NM`.
- *Errors*: the pixel error matrices say for each value 0 = sound, 1 = invalid already at level 1, 2 = negative after
  the atmospheric correction, 4 = saturated after it. Values of 1 are missing. Those of 2 and 4 are kept, clipped as
  the product has them: deep water and the water vapour bands are full of them.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import CRSError

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.hdf5 import holds, is_hdf5, number, numbers, open_hdf5, text
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.overlap import seen_once

FORMAT = "PRISMA L2D"

_SWATHS = "HDFEOS/SWATHS"
_FIELDS = f"{_SWATHS}/PRS_L2D_HCO/Data Fields"
_LEVELS = ("L1", "L2B", "L2C", "L2D")

PIXEL_M = 30.0
"""Side of a pixel of the hyperspectral cubes in metres."""

_DN_MAX = 65535.0
_INVALID = 1  # of the pixel error matrix

_LOOKED_AT_NM = (490.0, 560.0, 665.0, 865.0, 1600.0)
"""Where a pixel is looked at to tell ground from the surroundings of the strip."""


@dataclass(frozen=True, eq=False)
class _Detector:
    """One of the two cubes: its bands that are there, by rising wavelength.

    Attributes
    ----------
    name : str
        ``VNIR`` or ``SWIR``.
    stored : ndarray of int, shape (n,)
        Their places in the file's cube.
    wavelength, fwhm : ndarray, shape (n,)
        In nm.
    low, high : float
        Reflectance at DN 0 and 65535.
    shape : tuple of int
        Rows and columns.
    has_errors : bool
        Whether there is an error matrix.
    """

    name: str
    stored: NDArray[np.intp]
    wavelength: NDArray[np.float64]
    fwhm: NDArray[np.float64]
    low: float
    high: float
    shape: tuple[int, int]
    has_errors: bool

    @property
    def cube(self) -> str:
        """Place of the cube in the file."""
        return f"{_FIELDS}/{self.name}_Cube"

    @property
    def errors(self) -> str:
        """Place of the pixel error matrix in the file."""
        return f"{_FIELDS}/{self.name}_PIXEL_L2_ERR_MATRIX"


def recognises(path: Path) -> bool:
    """Whether ``path`` is an HDF5 file with a PRISMA swath of any level."""
    return is_hdf5(path) and any(holds(path, f"{_SWATHS}/PRS_{level}_HCO") for level in _LEVELS)


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open a PRISMA L2D product as a scene without reading its pixels.

    Parameters
    ----------
    path : pathlib.Path
        The ``.he5`` file.
    variable : str, optional
        ``VNIR_Cube`` or ``SWIR_Cube`` for one detector alone.

    Returns
    -------
    xarray.DataArray
        Reflectance, usually 0 to 1; band coordinates ``detector`` and ``stored_band`` (the band's number, from 1, in
        its cube) beside the usual ones.

    Raises
    ------
    SceneError
        The product is of another level, damaged or incomplete.
    """
    with open_hdf5(path) as file:
        _require_level(file, path)
        detectors = _detectors(file, path, variable)
        crs, transform = _georeferencing(file, path, detectors[0].shape)
    wavelength, fwhm = (np.concatenate([getattr(d, key) for d in detectors]) for key in ("wavelength", "fwhm"))
    names = np.repeat([d.name for d in detectors], [d.stored.size for d in detectors])
    coords: dict[Hashable, Any] = {
        "detector": ("band", names),
        "stored_band": ("band", np.concatenate([d.stored + 1 for d in detectors])),
    }
    return make_scene(
        PrismaArray(path, detectors).lazy(),
        name=path.stem,
        source=str(path),
        wavelength=wavelength,
        fwhm=fwhm,
        good=seen_once(wavelength, names == "VNIR", names == "SWIR"),
        coords=coords,
        crs=crs,
        transform=transform,
    )


def _require_level(file: h5py.File, path: Path) -> None:
    if _FIELDS in file:
        return
    if f"{_SWATHS}/PRS_L2D_HCO" in file:
        raise SceneError(f"{path} is a PRISMA L2D product without its cubes ({_FIELDS}); fetch the file again")
    level = next((level for level in _LEVELS if f"{_SWATHS}/PRS_{level}_HCO" in file), text(file, "Processing_Level"))
    raise SceneError(
        f"{path} is a PRISMA product of level {level}, which is not orthorectified reflectance; pass its L2D product"
    )


def _detectors(file: h5py.File, path: Path, variable: str | None) -> list[_Detector]:
    names: tuple[str, ...] = ("VNIR", "SWIR")
    if variable is not None:
        names = tuple(name for name in names if variable == f"{name}_Cube")
        if not names:
            raise SceneError(f"{path} has no cube {variable!r}; choose VNIR_Cube or SWIR_Cube, or none for both")
    detectors = [_detector(file, path, name) for name in names]
    if len({detector.shape for detector in detectors}) > 1:
        sizes = " and ".join(" × ".join(map(str, detector.shape)) for detector in detectors)
        raise SceneError(f"{path}: the VNIR and SWIR cubes differ in size ({sizes} pixels); fetch the file again")
    return detectors


def _detector(file: h5py.File, path: Path, name: str) -> _Detector:
    key = name.capitalize()
    cube = file.get(f"{_FIELDS}/{name}_Cube")
    if cube is None or cube.ndim != 3:
        raise SceneError(f"{path} has no {name}_Cube of three dimensions; fetch the file again")
    wavelength, fwhm = (numbers(file, f"List_{kind}_{key}", path) for kind in ("Cw", "Fwhm"))
    if not wavelength.size == fwhm.size == cube.shape[1]:
        raise SceneError(
            f"{path} lists {wavelength.size} wavelengths and {fwhm.size} widths for {cube.shape[1]} {name} bands; "
            "fetch the file again"
        )
    order = np.argsort(wavelength, kind="stable")
    order = order[wavelength[order] > 0]
    if not order.size:
        raise SceneError(f"{path}: every {name} band has wavelength 0, so none was recorded; choose the other cube")
    low, high = (number(file, f"L2Scale{key}{end}", path) for end in ("Min", "Max"))
    shape = (cube.shape[0], cube.shape[2])
    has_errors = f"{_FIELDS}/{name}_PIXEL_L2_ERR_MATRIX" in file
    return _Detector(name, order, wavelength[order], fwhm[order], low, high, shape, has_errors)


def _georeferencing(file: h5py.File, path: Path, shape: tuple[int, int]) -> tuple[CRS, Affine]:
    code = number(file, "Epsg_Code", path)
    try:
        crs = CRS.from_epsg(int(code))
    except (CRSError, ValueError) as error:
        raise SceneError(f"{path} names the unknown CRS EPSG:{code:g}; fetch the file again") from error
    eastings, northings = (
        [number(file, f"Product_{corner}corner_{axis}", path) for corner in ("UL", "UR", "LL", "LR")]
        for axis in ("easting", "northing")
    )
    west, east, south, north = min(eastings), max(eastings), min(northings), max(northings)
    height, width = shape
    steps = (round((north - south) / PIXEL_M), round((east - west) / PIXEL_M))
    if steps == (height, width):
        return crs, Affine(PIXEL_M, 0.0, west, 0.0, -PIXEL_M, north)
    if steps != (height - 1, width - 1):
        raise SceneError(
            f"{path}: its corners are {steps[0]} × {steps[1]} pixels of 30 m apart but its cubes have "
            f"{height} × {width} pixels, so it cannot be placed; fetch the file again"
        )
    return crs, Affine(PIXEL_M, 0.0, west - PIXEL_M / 2, 0.0, -PIXEL_M, north + PIXEL_M / 2)


class PrismaArray(WindowedArray):
    """Reflectance of both detectors, one after the other, NaN outside the strip and where level 1 was invalid."""

    def __init__(self, path: Path, detectors: list[_Detector]) -> None:
        super().__init__((sum(d.stored.size for d in detectors), *detectors[0].shape))
        self.path = path
        self.detectors = detectors
        self.first = np.cumsum([0, *(d.stored.size for d in detectors)])

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> NDArray[np.float32]:
        """Read bands (from 0) of a window; shape (n, rows, cols), float32.

        Raises
        ------
        SceneError
            The file went away or is damaged where the window lies.
        """
        size = (rows.stop - rows.start, cols.stop - cols.start)
        block = np.empty((bands.size, *size), np.float32)
        ground = np.zeros(size, bool)
        with open_hdf5(self.path) as file:
            for detector, first in zip(self.detectors, self.first[:-1], strict=True):
                ground |= self._ground(file, detector, rows, cols)
                here = np.flatnonzero((bands >= first) & (bands < first + detector.stored.size))
                if here.size:
                    block[here] = self._reflectance(file, detector, bands[here] - first, rows, cols)
        block[:, ~ground] = np.nan
        return block

    @staticmethod
    def _reflectance(
        file: h5py.File, detector: _Detector, bands: NDArray[np.intp], rows: slice, cols: slice
    ) -> NDArray[np.float32]:
        stored = detector.stored[bands]
        values = _read(file[detector.cube], stored, rows, cols).astype(np.float32)
        values *= np.float32((detector.high - detector.low) / _DN_MAX)
        values += np.float32(detector.low)
        if detector.has_errors:
            values[_read(file[detector.errors], stored, rows, cols) == _INVALID] = np.nan
        return values

    @staticmethod
    def _ground(file: h5py.File, detector: _Detector, rows: slice, cols: slice) -> NDArray[np.bool_]:
        nearest = {int(np.abs(detector.wavelength - nm).argmin()) for nm in _LOOKED_AT_NM}
        return np.asarray(_read(file[detector.cube], detector.stored[sorted(nearest)], rows, cols).any(axis=0))


def _read(cube: Any, stored: NDArray[np.intp], rows: slice, cols: slice) -> NDArray[Any]:  # noqa: ANN401
    """Read bands of a cube (rows, bands, columns) in any order -> (n, rows, columns)."""
    # One contiguous hull of bands is far quicker in HDF5 than a list of them, and most reads ask for all.
    first, last = int(stored.min()), int(stored.max()) + 1
    if stored.size * 4 >= last - first:
        return np.asarray(cube[rows, first:last, cols]).transpose(1, 0, 2)[stored - first]
    parts = [np.asarray(cube[rows, int(band), cols]) for band in stored]
    return np.stack(parts)
