"""Who computes the tiles: here one thread that reads ahead of the one that classifies."""

import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Protocol

import xarray as xr

from spectralmamba.mapping.computing import TileResult, Wanted, classify_window, read_tile
from spectralmamba.mapping.predictor import Predictor
from spectralmamba.mapping.tiles import Tile

AHEAD = 2  # windows that are read or being read while one is classified


class Schedule(Protocol):
    """Computes tiles somewhere and gives each when it is done, in any order.

    The one who asks stores them, and closes the generator when something fails; what runs has to be stopped then.
    Every error comes out of the generator.
    """

    def __call__(
        self, predictor: Predictor, scene: xr.DataArray, tiles: Sequence[Tile], wanted: Wanted
    ) -> Generator[TileResult, None, None]:
        """Compute each tile once."""


def overlapped(
    predictor: Predictor, scene: xr.DataArray, tiles: Sequence[Tile], wanted: Wanted
) -> Generator[TileResult, None, None]:
    """Classify one window while the next are read.

    Where the predictor computes elsewhere, the reader also begins to bring windows there.
    One reader is enough: GDAL holds no lock of Python's while it unpacks, and ``Predictor.logits`` is itself parallel.
    """
    coming = iter(tiles)
    ahead: deque[tuple[Tile, Future[tuple[Any, float]]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:

        def read_next() -> None:
            for tile in islice(coming, 1):
                ahead.append((tile, reader.submit(read_tile, predictor, scene, tile)))

        try:
            for _ in range(AHEAD):
                read_next()
            while ahead:
                tile, future = ahead.popleft()
                begun = time.perf_counter()
                window, reading = future.result()
                del future  # it holds the window too
                got = time.perf_counter()
                read_next()
                arrays = classify_window(predictor, window, wanted)
                del window
                yield TileResult(tile, arrays, reading, time.perf_counter() - got, got - begun)
        finally:
            for _, future in ahead:
                future.cancel()
