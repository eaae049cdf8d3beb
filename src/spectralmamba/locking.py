"""A lock between processes that the system lets go of when its holder ends, however it ends."""

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def take_lock(file: IO[bytes], *, wait: bool) -> bool:
        """Take the lock on an open file; False where another holds it, which is after ten seconds with ``wait``."""
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def take_lock(file: IO[bytes], *, wait: bool) -> bool:
        """Take the lock on an open file; False where another holds it, which cannot be with ``wait``."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
