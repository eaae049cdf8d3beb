"""Tiles: windows that cover a scene, in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass

from spectralmamba.errors import ConfigError


@dataclass(frozen=True)
class Tile:
    """Rows top..bottom-1 and columns left..right-1 of a scene."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Index of the tile in an array (height, width)."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def iterate_tiles(height: int, width: int, size: int) -> Iterator[Tile]:
    """Cover height × width with tiles of at most ``size`` pixels a side.

    Raises
    ------
    ConfigError
        ``size`` is below 1.
    """
    if size < 1:
        raise ConfigError(f"tile size {size} is not possible; use at least 1 pixel")
    for top in range(0, height, size):
        for left in range(0, width, size):
            yield Tile(top, min(top + size, height), left, min(left + size, width))


def count_tiles(height: int, width: int, size: int) -> int:
    """Count the tiles that :func:`iterate_tiles` gives."""
    return -(-height // size) * -(-width // size)
