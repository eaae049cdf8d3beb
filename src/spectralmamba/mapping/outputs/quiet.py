"""What libtiff says past everybody: straight to the process's standard error, beside the error that it reports."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_STANDARD_ERROR = 2
_NOISE = b"_tiff"
"""How lines begin that its functions for reading and writing print, such as ``_tiffWriteProc: No space left …``."""


@contextmanager
def libtiff_quiet() -> Iterator[None]:
    """Leave out of standard error, during a ``with`` block, what libtiff prints; other lines come when it ends."""
    try:
        shown = os.dup(_STANDARD_ERROR)
    except OSError:  # it is closed, and nothing can be seen
        yield
        return
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), _STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(shown, _STANDARD_ERROR)
            os.close(shown)
            said.seek(0)
            rest = b"".join(line for line in said if not line.startswith(_NOISE))
            while rest:
                rest = rest[os.write(_STANDARD_ERROR, rest) :]
