"""One process at a time in a folder."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from spectralmamba.errors import OutputError

_log = logging.getLogger(__name__)

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes], *, wait: bool) -> bool:
        """Take the lock; False where another holds it, which is after ten seconds with ``wait``."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(file: IO[bytes], *, wait: bool) -> bool:
        """Take the lock; False where another holds it, which cannot be with ``wait``."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` during a ``with`` block, after waiting for whoever holds it.

    The system lets go of it when the process ends, however it ends. The file stays: to remove it would let two
    processes hold two files of one name.

    Raises
    ------
    OutputError
        The file cannot be written there.
    """
    try:
        file = path.open("ab")
    except OSError as error:
        raise OutputError(f"cannot write {path.parent} ({error.strerror or error}); name another folder") from error
    with file:
        if not _take(file, wait=False):
            _log.warning("another process works in %s; waiting for it to end", path.parent)
            while not _take(file, wait=True):
                pass
        yield
