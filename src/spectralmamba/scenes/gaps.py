"""Values missing in single bands: short gaps along the spectrum filled by interpolation, on request."""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError
from spectralmamba.scenes.derived import Floats, Source, derive
from spectralmamba.scenes.lazy import WindowedArray


def fill_gaps(scene: xr.DataArray, max_bands: int) -> xr.DataArray:
    """Fill short gaps in the spectra of pixels, linearly between the bands on both sides.

    A gap is a run of missing values among the good bands, with a value before and after it; bands that are not good
    are neither filled nor counted. The interpolation goes by wavelength where all are known and increasing, else by
    band number. What lies at the ends of the spectrum, and what is longer, stays missing, and the pixel invalid.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; it stays as lazy as it is, the filling is done where a window is read.
    max_bands : int
        Bands that a gap may have; 0 fills none.

    Raises
    ------
    ConfigError
        ``max_bands`` is negative.
    """
    if max_bands < 0:
        raise ConfigError(f"gaps of {max_bands} bands cannot be filled; use 0 for none, or a small number such as 3")
    if max_bands == 0:
        return scene
    good = np.flatnonzero(np.asarray(scene.coords["good"].values, bool))
    positions = np.asarray(scene.coords["wavelength"].values, np.float64)[good]
    if not (np.isfinite(positions).all() and (np.diff(positions) > 0).all()):
        positions = good.astype(np.float64)
    return derive(scene, FilledArray(scene, good, positions, max_bands), filled_gaps=max_bands)


class FilledArray(WindowedArray):
    """A scene whose short gaps are filled while it is read.

    Parameters
    ----------
    scene : xarray.DataArray
    good : ndarray of int, shape (n_good,)
        Positions of the bands that are filled, and filled from, ascending.
    positions : ndarray of float, shape (n_good,)
        Where each of them lies in the spectrum, increasing.
    max_bands : int
        Length of the longest gap that is filled.
    """

    def __init__(
        self, scene: xr.DataArray, good: NDArray[np.intp], positions: NDArray[np.float64], max_bands: int
    ) -> None:
        source = Source(scene)
        super().__init__(source.shape)
        self.source, self.good, self.positions, self.max_bands = source, good, positions, max_bands

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        """Read bands of a window, and as many around them as tell the length of a gap; shape (n, rows, cols)."""
        if self.good.size == 0:
            return self.source.read(bands, rows, cols)
        place = np.minimum(np.searchsorted(self.good, bands), self.good.size - 1)
        is_good = self.good[place] == bands
        around = self._around(place[is_good])
        needed = np.union1d(bands, self.good[around])
        block = self.source.read(needed, rows, cols)
        index = np.searchsorted(needed, self.good[around])
        # Runs of neighbouring good bands; between two of them lies nothing that was read.
        for run in np.split(np.arange(around.size), np.flatnonzero(np.diff(around) > 1) + 1):
            if run.size:
                block[index[run]] = filled(block[index[run]], self.positions[around[run]], self.max_bands)
        return block[np.searchsorted(needed, bands)]

    def _around(self, place: NDArray[np.intp]) -> NDArray[np.intp]:
        """Places among the good bands that the given ones are filled from."""
        offsets = np.arange(-self.max_bands, self.max_bands + 1)
        wanted: NDArray[np.intp] = np.unique(place[:, None] + offsets)
        return wanted[(wanted >= 0) & (wanted < self.good.size)]


def filled(block: Floats, positions: NDArray[np.float64], max_bands: int) -> Floats:
    """Fill runs of at most ``max_bands`` NaN between finite values along the first axis.

    Parameters
    ----------
    block : ndarray of float32, shape (n_bands, height, width)
    positions : ndarray of float64, shape (n_bands,)
        Increasing.
    max_bands : int
    """
    finite = np.isfinite(block)
    torn = ~finite.all(axis=0) & finite.any(axis=0)
    if not torn.any():
        return block
    spectra = block[:, torn]  # (n_bands, n)
    before, after = neighbours(finite[:, torn])
    short = (after - before > 1) & (before >= 0) & (after < len(block)) & (after - before - 1 <= max_bands)
    band, pixel = np.nonzero(short)
    low, high = before[band, pixel], after[band, pixel]
    share = ((positions[band] - positions[low]) / (positions[high] - positions[low])).astype(np.float32)
    spectra[band, pixel] = spectra[low, pixel] + share * (spectra[high, pixel] - spectra[low, pixel])
    result = block.copy()
    result[:, torn] = spectra
    return result


def neighbours(there: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Find the nearest values before and after each band of each spectrum, a value being its own.

    Parameters
    ----------
    there : ndarray of bool, shape (n_bands, n)

    Returns
    -------
    before, after : ndarray of int, shape (n_bands, n)
        Positions; -1 and n_bands where there is none.
    """
    number = np.arange(len(there))[:, None]
    before = np.maximum.accumulate(np.where(there, number, -1), axis=0)
    after = np.minimum.accumulate(np.where(there, number, len(there))[::-1], axis=0)[::-1]
    return before, after


def longest_gaps(there: NDArray[np.bool_], counted: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Length of the longest gap of each spectrum that :func:`fill_gaps` would have to fill.

    Parameters
    ----------
    there : ndarray of bool, shape (n_bands, n)
        Where the good bands have values.
    counted : ndarray of bool, shape (n_bands,)
        Bands that matter; a gap counts where it has one of them.

    Returns
    -------
    ndarray of int, shape (n,)
        0 for none; n_bands where a gap lies at an end of the spectrum, and cannot be filled.
    """
    before, after = neighbours(there)
    open_ended = (before < 0) | (after >= len(there))
    lengths = np.where(there | ~counted[:, None], 0, np.where(open_ended, len(there), after - before - 1))
    longest: NDArray[np.intp] = lengths.max(axis=0, initial=0)
    return longest
