"""Writing files so that a reader finds either the whole of one or none of it."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spectralmamba.errors import OutputError

_TRIES, _PAUSE_SECONDS = 20, 0.1


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name beside ``path`` that takes its place when the block ends well, and vanishes otherwise.

    Raises
    ------
    OutputError
        The file cannot be written there.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    with _as_output_error(path):
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place when the block ends well, and vanishes otherwise.

    Raises
    ------
    OutputError
        The folder cannot be written there.
    """
    partial = path.with_name(f".{path.name}.partial")
    with _as_output_error(path):
        shutil.rmtree(partial, ignore_errors=True)  # left by a process that was killed
        partial.mkdir(parents=True)
        try:
            yield partial
            shutil.rmtree(path, ignore_errors=True)
            partial.replace(path)
        finally:
            _remove_folder(partial)


def _remove_folder(folder: Path) -> None:
    """Remove a folder; again where threads of a library, which had an error in one of them, still write into it."""
    for _ in range(_TRIES):
        if not folder.exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def _as_output_error(path: Path) -> Iterator[None]:
    """Turn what the system says of a write into one sentence about ``path``."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror or error}); free some space or name another"
        ) from error


@contextmanager
def parent_folder(path: Path) -> Iterator[None]:
    """Make the folder that ``path`` is to lie in; where the block fails, folders that were made for it go again.

    Raises
    ------
    OutputError
        The folder cannot be made.
    """
    require_writable(path)
    made = [folder for folder in path.absolute().parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {path} ({error.strerror or error}); name another place") from error
    try:
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):  # something else was put there in the meantime
                folder.rmdir()
        raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file, or nothing."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a whole UTF-8 text file, or nothing."""
    write_bytes(path, content.encode())


def require_writable(path: Path) -> None:
    """Check that a file or folder could be made at ``path``, without leaving anything there.

    Raises
    ------
    OutputError
        It could not.
    """
    parent = path.absolute()
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() and parent != path.absolute():
        raise OutputError(f"cannot write {path}: {parent} is a file, not a folder; name another place")
    if not os.access(parent, os.W_OK | (os.X_OK if parent.is_dir() else 0)):
        raise OutputError(f"cannot write {path}: no permission to write in {parent}; name another place")
