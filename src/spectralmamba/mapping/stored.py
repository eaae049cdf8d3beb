"""Arrays as plain files: tiles are written at their place, rows are read back."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from spectralmamba.mapping.tiles import Tile


class Rows(Protocol):
    """What rows can be taken from: an array in memory or in a file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width), or (K, height, width)."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""

    def __getitem__(self, rows: slice, /) -> NDArray[Any]:
        """Rows start..stop-1, of every plane."""


class StoredArray:
    """An uncompressed array (height, width) or (K, height, width) in a file, of which only what is asked for is read.

    Reads and writes go by position. A memory map would be less code, but its pages count as the process's memory.
    One thread at a time may use it.

    Parameters
    ----------
    path : Path
    shape : tuple of int
    dtype : numpy dtype
    create : bool
        Make the file and take all of its space now, so that a disk without it is found out at once. Otherwise it must
        be there.

    Raises
    ------
    OSError
        It cannot be made, or opened, or is not as large as the array.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], *, create: bool = False) -> None:
        self.path, self.shape, self.dtype = path, shape, dtype
        self._file = path.open("w+b" if create else "r+b", buffering=0)
        size = int(np.prod(shape)) * dtype.itemsize
        try:
            if create:
                _reserve(self._file.fileno(), size)
            elif path.stat().st_size != size:
                raise OSError(f"{path} has {path.stat().st_size} bytes, not {size}")
        except OSError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        """Read rows (without a step) of an array with two axes, or of every plane of one with three."""
        start, stop, _ = rows.indices(self.shape[-2])
        return self.read_tile(Tile(start, max(stop, start), 0, self.shape[-1]))

    def read_tile(self, tile: Tile) -> NDArray[Any]:
        """Read a tile: (rows, columns), or (K, rows, columns)."""
        values = np.empty((*self.shape[:-2], *tile.shape), self.dtype)
        for part, position in self._runs(tile, values):
            self._file.seek(position)
            view = part.data.cast("B")
            while view:
                got = self._file.readinto(view)
                if not got:
                    raise OSError(f"{self.path} ends early")
                view = view[got:]
        return values

    def write_tile(self, tile: Tile, values: NDArray[Any]) -> int:
        """Write a tile at its place; gives the check sum of its bytes."""
        values = np.ascontiguousarray(values, self.dtype)
        for part, position in self._runs(tile, values):
            self._file.seek(position)
            view = part.data.cast("B")
            while view:  # a disk that is nearly full takes a part
                view = view[self._file.write(view) :]
        return check_sum(values)

    def flush(self) -> None:
        """Wait until what was written would survive a power cut."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _runs(self, tile: Tile, values: NDArray[Any]) -> Iterator[tuple[NDArray[Any], int]]:
        """Yield contiguous parts of ``values`` (a tile) and their positions, in bytes, in the file."""
        if not values.size:
            return
        height, width = self.shape[-2:]
        whole = tile.left == 0 and tile.right == width
        for k, plane in enumerate(values if values.ndim == 3 else values[None]):
            for i, part in enumerate([plane] if whole else plane):
                yield part, ((k * height + tile.top + i) * width + tile.left) * self.dtype.itemsize


def check_sum(values: NDArray[Any]) -> int:
    """Sum up the bytes of a contiguous array, so that a damaged copy is told from it."""
    return zlib.crc32(values.data.cast("B"))


def _reserve(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:  # pragma: no cover - macOS and Windows: the space is taken as it is written
        os.truncate(descriptor, size)
