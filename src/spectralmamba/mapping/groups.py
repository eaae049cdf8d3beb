"""Groups of tiles: what is sent to a worker at once."""

from collections import deque
from collections.abc import Iterable, Sequence

from spectralmamba.mapping.computing import TileResult
from spectralmamba.mapping.tiles import Tile

TASK_SECONDS = 1.0
"""What a task should take: long against the millisecond that a scheduler spends on it, short enough that little is lost
with a worker."""

GROUP_BYTES = 16 << 20
"""What the results of a group may take; the client holds those of one group at a time."""

_MEMORY = 0.7  # how much of what is known of the cost stays when more becomes known


class Groups:
    """Cuts tiles, in their order, into groups whose size follows what tiles have cost so far.

    Parameters
    ----------
    tiles : sequence of Tile
    tile_bytes : int
        Of the results of a tile.
    """

    def __init__(self, tiles: Sequence[Tile], tile_bytes: int) -> None:
        self._left = deque(tiles)
        self._most = max(GROUP_BYTES // max(tile_bytes, 1), 1)
        self._seconds: float | None = None

    def __bool__(self) -> bool:
        return bool(self._left)

    def learn(self, results: Iterable[TileResult]) -> None:
        """Take note of what tiles have cost."""
        for result in results:
            cost = result.reading + result.inference
            self._seconds = cost if self._seconds is None else _MEMORY * self._seconds + (1 - _MEMORY) * cost

    def take(self, slots: int) -> list[Tile]:
        """Take the next group; towards the end smaller ones, so that ``slots`` workers end together."""
        return [self._left.popleft() for _ in range(min(self._size(slots), len(self._left)))]

    def _size(self, slots: int) -> int:
        if self._seconds is None:  # nothing is known yet
            return 1
        fits = int(TASK_SECONDS / max(self._seconds, 1e-6))
        fair = len(self._left) // max(2 * slots, 1)
        return max(min(fits, fair, self._most), 1)
