"""A cube of a NetCDF file or Zarr store as a scene, read window by window."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.cf.cube import Cube, find_cube
from spectralmamba.scenes.cf.limits import limits_of
from spectralmamba.scenes.cf.place import place_of
from spectralmamba.scenes.cf.spectral import band_coordinates
from spectralmamba.scenes.cf.store import Store
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.quality import counts_from, with_exclusions

READ_ERRORS = (OSError, ValueError, KeyError, TypeError, RuntimeError, IndexError)
"""What h5netcdf, SciPy and Zarr raise of files that they cannot read."""


class CfArray(WindowedArray):
    """A variable of any order of axes.

    xarray keeps the file open, opens it again in another process, and holds the lock that HDF5 needs between threads;
    it also scales the values and replaces missing ones, window by window.
    """

    def __init__(self, cube: Cube, source: str, *, flipped: bool) -> None:
        super().__init__(cube.shape)
        self.variable = cube.variable
        self.axes = (cube.band, cube.y, cube.x)
        self.source = source
        self.flipped = flipped
        self.limits = limits_of(cube.variable)

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> NDArray[np.float32]:
        """Read bands (from 0) of a window; shape (n, rows, cols), float32.

        Raises
        ------
        SceneError
            The store went away or is damaged where the window lies.
        """
        height = self.shape[1]
        stored = slice(height - rows.stop, height - rows.start) if self.flipped else rows
        # A run of bands is read as a slice: lists of indices are slow in HDF5.
        run = slice(int(bands.min()), int(bands.max()) + 1) if bands.size * 4 > np.ptp(bands) else bands
        try:
            part = self.variable.isel(dict(zip(self.axes, (run, stored, cols), strict=True)))
            block = np.asarray(part.transpose(*self.axes).values, np.float32)
        except READ_ERRORS as error:
            raise damaged(self.source, error) from error
        block = block[bands - run.start] if isinstance(run, slice) else block
        if self.limits is not None:
            low, high = self.limits
            block = np.where((block < low) | (block > high), np.float32(np.nan), block)
        return block[:, ::-1] if self.flipped else block


def damaged(source: object, error: Exception) -> SceneError:
    """Make the error of a store that cannot be read."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return SceneError(f"{source} cannot be read ({reason}); it is damaged or incomplete, so fetch or write it again")


def read_store(store: Store, variable: str | None, name: str) -> xr.DataArray:
    """Open the cube of a store as a scene.

    Parameters
    ----------
    store : Store
    variable : str, optional
        Which, where there are several.
    name : str
        Of the scene.

    Raises
    ------
    SceneError
        There is no cube, several and no choice, or what describes it cannot be understood.
    """
    cube = find_cube(store, variable)
    try:
        bands = band_coordinates(store, cube)
        place = place_of(store, cube)
    except SceneError:
        raise
    except READ_ERRORS as error:
        raise damaged(store.path, error) from error
    fill = cube.variable.encoding.get("_FillValue")
    scene = make_scene(
        CfArray(cube, str(store.path), flipped=place.flipped).lazy(),
        name=name,
        source=str(store.path),
        crs=place.grid.crs,
        transform=place.grid.transform,
        nodata=None if fill is None or np.isnan(fill) else float(fill),
    ).assign_coords(bands)
    return _with_exclusions(scene, store, cube, flipped=place.flipped)


def _with_exclusions(scene: xr.DataArray, store: Store, cube: Cube, *, flipped: bool) -> xr.DataArray:
    """Leave out again what a scene that was written left out."""
    excluded = store.near(cube.place, "excluded")
    if excluded is None or excluded.dims != (cube.y, cube.x):
        return scene
    where: NDArray[Any] = np.asarray(excluded.values) != 0
    return with_exclusions(scene, where[::-1] if flipped else where, counts_from(excluded.attrs, where.size))
