"""Storing the tiles of a map in a thread of its own, while others are computed."""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from spectralmamba.errors import OutputError
from spectralmamba.mapping.computing import TileResult
from spectralmamba.mapping.work import Work

WAITING = 2  # tiles that may wait to be written


@dataclass
class Seconds:
    """Where the time of a map went. What overlaps is counted in each.

    Attributes
    ----------
    reading, inference : float
        Of all tiles together, wherever they were computed.
    writing : float
        Storing tiles, and writing the final files from them.
    waiting : float
        What the one who classifies waited for windows to be read or tiles to be stored.
    total : float
        From the first to the last, by the clock.
    """

    reading: float = 0.0
    inference: float = 0.0
    writing: float = 0.0
    waiting: float = 0.0
    total: float = 0.0

    @contextmanager
    def counting_as_writing(self) -> Iterator[None]:
        """Count the time of a ``with`` block as writing."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.writing += time.perf_counter() - begun

    def add(self, result: TileResult) -> None:
        """Count a tile."""
        self.reading += result.reading
        self.inference += result.inference
        self.waiting += result.waiting


class Writer:
    """Stores tiles, one after the other, in a thread; to be used as a context.

    Parameters
    ----------
    work : Work
    out : Path
        The map, for messages.
    seconds : Seconds
        Where its time is counted.
    """

    def __init__(self, work: Work, out: object, seconds: Seconds) -> None:
        self._work, self._out, self._seconds = work, out, seconds
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._pending: deque[Future[None]] = deque()
        self._failed = False

    def put(self, result: TileResult) -> None:
        """Hand over a tile; waits where too many are waiting.

        Raises
        ------
        OutputError
            An earlier one could not be written.
        """
        begun = time.perf_counter()
        while len(self._pending) >= WAITING:
            self._pending.popleft().result()
        self._seconds.waiting += time.perf_counter() - begun
        self._seconds.add(result)
        self._pending.append(self._pool.submit(self._store, result))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()  # what was handed over is stored even where something else failed
        if error is None:
            for future in self._pending:
                future.result()

    def _store(self, result: TileResult) -> None:
        if self._failed:  # a record after a torn one would be lost
            return
        try:
            with self._seconds.counting_as_writing():
                self._work.put([result])
        except OSError as error:
            self._failed = True
            raise OutputError(f"cannot write {self._out} ({error.strerror or error}); free some space") from error
