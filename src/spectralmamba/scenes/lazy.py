"""A cube that stays on disk: xarray asks for parts of it, a reader delivers windows."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from xarray.backends import BackendArray
from xarray.core import indexing


class WindowedArray(BackendArray, ABC):
    """A float32 array (n_bands, height, width) of which only the windows asked for are read.

    Subclasses hold nothing that cannot be pickled, and are safe to read from several threads at once.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self.dtype = np.dtype(np.float32)

    @abstractmethod
    def read_window(self, bands: np.ndarray, rows: slice, cols: slice) -> np.ndarray:
        """Read a window that is not empty.

        Parameters
        ----------
        bands : numpy.ndarray of int, shape (n,)
            Band indices from 0, in the order wanted.
        rows, cols : slice
            With start and stop, without step, inside the array.

        Returns
        -------
        numpy.ndarray, shape (n, rows, cols), float32
            Missing values are NaN.
        """

    def lazy(self) -> indexing.LazilyIndexedArray:
        """Return the form in which an ``xarray.Variable`` keeps this array unread."""
        return indexing.LazilyIndexedArray(self)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:  # noqa: ANN401 - as the base class has it
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        """Read for one int, slice or 1-D index array per axis (ints drop their axis)."""
        picked = [np.atleast_1d(np.arange(size)[k]) for size, k in zip(self.shape, key, strict=True)]
        block = self._read_picked(*picked)
        return block[tuple(0 if isinstance(k, int | np.integer) else slice(None) for k in key)]

    def _read_picked(self, bands: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        if 0 in (bands.size, rows.size, cols.size):
            return np.empty((bands.size, rows.size, cols.size), np.float32)
        block = self.read_window(bands, _hull(rows), _hull(cols))
        if block.shape[1:] == (rows.size, cols.size) and _ascending(rows) and _ascending(cols):
            return block
        return block[:, (rows - rows.min())[:, None], cols - cols.min()]


def _hull(indices: np.ndarray) -> slice:
    return slice(int(indices.min()), int(indices.max()) + 1)


def _ascending(indices: np.ndarray) -> bool:
    return bool((np.diff(indices) > 0).all())
