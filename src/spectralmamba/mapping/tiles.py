"""Tiles: windows that cover a scene, in reading order."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import xarray as xr

from spectralmamba.errors import ConfigError

TILE_SIZE = 256
"""Pixels a side where nothing else is asked for, and a window's bands fit into :data:`WINDOW_BYTES`."""

WINDOW_BYTES = 48 << 20
"""What a window of the default size may take. Up to ten of them are in memory at once: one being read, its copies, one
waiting, and one being classified, with what the predictor makes of it."""


@dataclass(frozen=True)
class Tile:
    """Rows top..bottom-1 and columns left..right-1 of a scene; ``index`` is its place in reading order."""

    top: int
    bottom: int
    left: int
    right: int
    index: int = 0

    @property
    def window(self) -> tuple[slice, slice]:
        """Index of the tile in an array (height, width)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


def iterate_tiles(height: int, width: int, size: int | tuple[int, int]) -> Iterator[Tile]:
    """Cover height × width with tiles of at most ``size`` pixels a side, or of at most ``size`` rows and columns.

    Raises
    ------
    ConfigError
        ``size`` is below 1.
    """
    rows, columns = (size, size) if isinstance(size, int) else size
    if min(rows, columns) < 1:
        raise ConfigError(f"tile size {min(rows, columns)} is not possible; use at least 1 pixel")
    corners = ((top, left) for top in range(0, height, rows) for left in range(0, width, columns))
    for index, (top, left) in enumerate(corners):
        yield Tile(top, min(top + rows, height), left, min(left + columns, width), index)


def default_size(n_bands: int) -> int:
    """Choose how many pixels a side a tile has: 256, or fewer where the window of that many bands would be large."""
    fits = math.isqrt(WINDOW_BYTES // (4 * max(n_bands, 1)))
    return TILE_SIZE if fits >= TILE_SIZE else max(fits // 16 * 16, 16)


def tile_shape(scene: xr.DataArray, size: int) -> tuple[int, int]:
    """Choose rows and columns of the tiles so that a window reads whole blocks of the file.

    In a file whose blocks are strips, a square tile makes the reader unpack every column for the few that it wants
    (measured on 144 bands of 1905 columns: 1.0 s for 256 × 256 pixels, 0.13 s for as many in 34 full rows). There the
    tiles are bands of full rows with as many pixels as the square. The result does not depend on it.

    Parameters
    ----------
    scene : DataArray (band, y, x)
        A reader tells its file's blocks in ``encoding["preferred_chunks"]``, as xarray's own readers do.
    size : int
        Pixels a side of a square tile.

    Raises
    ------
    ConfigError
        ``size`` is below 1.
    """
    if size < 1:
        raise ConfigError(f"tile size {size} is not possible; use at least 1 pixel")
    _, height, width = scene.shape
    blocks = scene.encoding.get("preferred_chunks", {})
    strip, across = int(blocks.get("y", size)), int(blocks.get("x", size))
    if across < width or width <= size or strip > size:
        return size, size
    rows = max(size * size // width, 1)
    return min(max(rows // strip * strip, 1) if rows >= strip else rows, height), width
