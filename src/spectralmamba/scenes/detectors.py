"""Two detectors of one instrument, whose ranges overlap, as one scene."""

from typing import Any, get_args

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError, SceneError
from spectralmamba.scenes.bands import in_order_of_wavelength, mark_bad
from spectralmamba.scenes.derived import Floats, Source, derive
from spectralmamba.scenes.grid import GridMismatch, grid_of
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.overlap import Overlap, seen_once
from spectralmamba.scenes.quality import with_exclusions


def merge_detectors(vnir: xr.DataArray, swir: xr.DataArray, overlap: Overlap = "middle") -> xr.DataArray:
    """Join the bands of two detectors in order of wavelength, without reading them.

    Where both look at the same wavelengths, one of them is used and the other's bands are kept but not ``good``, see
    :func:`spectralmamba.scenes.overlap.seen_once`.

    Parameters
    ----------
    vnir, swir : xarray.DataArray
        Scenes on one grid, all wavelengths known; ``vnir`` begins at the shorter ones. Bands are renumbered from 1,
        those of ``vnir`` first.
    overlap : str
        ``middle``: each detector up to the middle of the range that good bands of both cover. ``vnir`` or ``swir``:
        that one throughout the overlap. ``both``: all bands.

    Returns
    -------
    xarray.DataArray
        Without the pixels that either scene leaves out.

    Raises
    ------
    SceneError
        The scenes lie on different grids, a wavelength is unknown, or ``vnir`` does not begin first.
    ConfigError
        There is no such rule for the overlap.
    """
    if overlap not in get_args(Overlap):
        raise ConfigError(
            f"there is no rule {overlap!r} for the overlap; choose one of: {', '.join(get_args(Overlap))}"
        )
    _require_one_grid(vnir, swir)
    short, long = _wavelengths(vnir), _wavelengths(swir)
    if np.min(short) > np.min(long):
        raise SceneError(f"scene {vnir.name} begins at a longer wavelength than {swir.name}; exchange the two")
    bands: dict[str, Any] = {
        name: ("band", np.concatenate([vnir.coords[name].values, swir.coords[name].values]), vnir.coords[name].attrs)
        for name in ("wavelength", "fwhm", "good")
    }
    bands["band"] = np.arange(1, short.size + long.size + 1)
    merged = _with_exclusions(derive(vnir, StackedArray((vnir, swir)), bands), swir)
    good, is_vnir = np.asarray(bands["good"][1], bool), np.arange(short.size + long.size) < short.size
    used = seen_once(np.concatenate([short, long]), good & is_vnir, good & ~is_vnir, overlap)
    return in_order_of_wavelength(mark_bad(merged, ~used))


def _with_exclusions(merged: xr.DataArray, swir: xr.DataArray) -> xr.DataArray:
    """Leave out what either detector's scene leaves out; a merged scene already has those of the first."""
    if "excluded" not in swir.coords:
        return merged
    if "excluded" not in merged.coords:
        return merged.assign_coords(excluded=swir.coords["excluded"].variable)
    return with_exclusions(merged, merged.coords["excluded"].values | swir.coords["excluded"].values)


def _require_one_grid(one: xr.DataArray, other: xr.DataArray) -> None:
    here, there = grid_of(one), grid_of(other)
    if here.shape != there.shape:
        raise SceneError(
            f"scenes {one.name} and {other.name} have {here.shape} and {there.shape} pixels; give detectors on one grid"
        )
    if here.transform is None or there.transform is None:
        return
    try:
        offset = here.offset_of(there)
    except GridMismatch as error:
        raise SceneError(f"scenes {one.name} and {other.name} differ in {error}; give detectors on one grid") from error
    if offset != (0, 0):
        raise SceneError(f"scenes {one.name} and {other.name} begin at different pixels; give detectors on one grid")


def _wavelengths(scene: xr.DataArray) -> NDArray[np.float64]:
    wavelength = np.asarray(scene.coords["wavelength"].values, np.float64)
    if not np.isfinite(wavelength).all():
        raise SceneError(f"scene {scene.name} has bands of unknown wavelength; detectors are merged by wavelength")
    return wavelength


class StackedArray(WindowedArray):
    """Scenes on one grid, one's bands after the other's.

    Parameters
    ----------
    scenes : sequence of xarray.DataArray
    """

    def __init__(self, scenes: tuple[xr.DataArray, ...]) -> None:
        self.sources = tuple(Source(scene) for scene in scenes)
        self.starts = np.cumsum([0, *(source.shape[0] for source in self.sources)])
        super().__init__((int(self.starts[-1]), *self.sources[0].shape[1:]))

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        """Read bands of a window from the scenes that have them; shape (n, rows, cols), float32."""
        window = np.empty((bands.size, rows.stop - rows.start, cols.stop - cols.start), np.float32)
        for source, start, stop in zip(self.sources, self.starts, self.starts[1:], strict=False):
            here = (bands >= start) & (bands < stop)
            if here.any():
                window[here] = source.read(bands[here] - start, rows, cols)
        return window
