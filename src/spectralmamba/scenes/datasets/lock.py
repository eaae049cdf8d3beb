"""One process at a time in a folder."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spectralmamba.errors import OutputError
from spectralmamba.locking import take_lock

_log = logging.getLogger(__name__)


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
        if not take_lock(file, wait=False):
            _log.warning("another process works in %s; waiting for it to end", path.parent)
            while not take_lock(file, wait=True):
                pass
        yield
