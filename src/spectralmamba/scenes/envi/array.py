"""The numbers of an ENVI file, read window by window."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.layout import Layout
from spectralmamba.scenes.lazy import WindowedArray

_BEYOND_ALL = 1e30


class EnviArray(WindowedArray):
    """An ENVI image, scaled, with NaN for the value to ignore.

    The file is mapped anew for every window, so that no page of it stays in memory between two reads.

    Parameters
    ----------
    path : pathlib.Path
        The file of numbers.
    layout : Layout
    nodata : float, optional
        The stored value that stands for missing.
    gains, offsets : ndarray, shape (n_bands,)
        Value = gain · stored + offset.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        nodata: float | None,
        gains: NDArray[np.floating],
        offsets: NDArray[np.floating],
    ) -> None:
        super().__init__(layout.shape)
        self.path = path
        self.layout = layout
        self.nodata = nodata
        self.gains = gains.astype(np.float32)
        self.offsets = offsets.astype(np.float32)

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> NDArray[np.float32]:
        """Read bands (from 0) of a window; shape (n, rows, cols), float32.

        Raises
        ------
        SceneError
            The file went away, or lost its end, since it was opened.
        """
        require_complete(self.path, self.layout)
        stored = self.layout.view(self.path)[_picked(bands), rows, cols]
        with np.errstate(over="ignore"):  # what float64 has for missing is often beyond float32
            values: NDArray[np.float32] = stored.astype(np.float32, order="C")
        if not (self.gains == 1).all():
            values *= self.gains[bands, None, None]
        if self.offsets.any():
            values += self.offsets[bands, None, None]
        if self.nodata is not None:
            values[is_ignored(stored, self.nodata)] = np.nan
        return values


def is_ignored(stored: NDArray[Any], nodata: float) -> NDArray[np.bool_]:
    """Tell the stored numbers that stand for missing: those that equal the header's at the precision of the file.

    Headers write the ends of the range of floating point numbers with few digits (``-3.40282e+038``), so beyond
    1e30, where nothing is measured, five digits have to agree.
    """
    with np.errstate(over="ignore"):
        if stored.dtype.kind == "f" and abs(nodata) > _BEYOND_ALL:
            return np.asarray(np.isclose(stored, stored.dtype.type(nodata), rtol=1e-5, atol=0))
        return np.asarray(stored == nodata)


def require_complete(path: Path, layout: Layout) -> None:
    """Compare the file's size with what its header says.

    Raises
    ------
    SceneError
        The file is gone or shorter.
    """
    if not path.exists():
        raise SceneError(f"{path} is no longer there; put it back, or open the scene from its new place")
    size = path.stat().st_size
    if size < layout.n_bytes:
        bands, height, width = layout.shape
        raise SceneError(
            f"{path} is truncated: its header says {height} lines × {width} samples × {bands} bands of "
            f"{layout.dtype.itemsize} bytes, {layout.n_bytes} in all, but the file has {size}; fetch or write it again"
        )


def _picked(bands: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Write neighbouring bands as a slice, which takes a view in place of a copy."""
    return slice(int(bands[0]), int(bands[-1]) + 1) if (np.diff(bands) == 1).all() else bands
