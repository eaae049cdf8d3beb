"""What libtiff says past everybody: straight to the process's standard error, beside the error that it reports."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock
from typing import IO

_STANDARD_ERROR = 2
_NOISE = b"_tiff"
"""How lines begin that its functions for reading and writing print, such as ``_tiffWriteProc: No space left …``."""


class _Silence:
    """Standard error led into a file while any thread wants it so: the process has but one."""

    def __init__(self) -> None:
        self._lock, self._threads = Lock(), 0
        self._kept: tuple[int, IO[bytes]] | None = None

    def begin(self) -> None:
        """Lead it into a file, unless another thread has."""
        with self._lock:
            self._threads += 1
            if self._kept is None:
                self._kept = _redirected()

    def end(self) -> None:
        """Lead it back when no other thread wants it elsewhere."""
        with self._lock:
            self._threads -= 1
            if self._threads == 0 and self._kept is not None:
                _restore(*self._kept)
                self._kept = None


_silence = _Silence()


@contextmanager
def libtiff_quiet() -> Iterator[None]:
    """Leave out of standard error, during a ``with`` block, what libtiff prints; other lines come when it ends."""
    _silence.begin()
    try:
        yield
    finally:
        _silence.end()


def _redirected() -> tuple[int, IO[bytes]] | None:
    """Lead standard error into a file; gives where it led to, and the file. None where that cannot be."""
    with suppress(OSError), ExitStack() as stack:  # it is closed, and nothing can be seen; or no file can be made
        shown = os.dup(_STANDARD_ERROR)
        stack.callback(os.close, shown)
        said = stack.enter_context(tempfile.TemporaryFile())
        os.dup2(said.fileno(), _STANDARD_ERROR)
        stack.pop_all()  # they stay open
        return shown, said
    return None


def _restore(shown: int, said: IO[bytes]) -> None:
    os.dup2(shown, _STANDARD_ERROR)
    os.close(shown)
    with said:
        said.seek(0)
        rest = b"".join(line for line in said if not line.startswith(_NOISE))
        while rest:
            rest = rest[os.write(_STANDARD_ERROR, rest) :]
