"""The work folder: an unfinished map beside its place, that another process can go on with."""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO, Any

import numpy as np

from spectralmamba.errors import OutputError, SpectralMambaError
from spectralmamba.locking import take_lock
from spectralmamba.mapping.computing import TileResult
from spectralmamba.mapping.identity import Facts, differences
from spectralmamba.mapping.journal import Journal, JournalError, Noted, read_journal
from spectralmamba.mapping.stored import StoredArray, check_sum
from spectralmamba.mapping.tiles import Tile

LOCK, JOURNAL, SUFFIX = "lock", "journal", ".array"

Shapes = dict[str, tuple[tuple[int, ...], np.dtype[Any]]]


def folder_of(out: Path) -> Path:
    """Name the work folder of a map."""
    return out.with_name(f".{out.name}.work")


class Work:
    """Arrays of a map on disk, and which of its tiles are done.

    Attributes
    ----------
    folder : Path
    arrays : dict of str to StoredArray
        By the names that :class:`spectralmamba.mapping.computing.Wanted` gives.
    resumable : bool
        Whether enough is known of the job for another process to go on with it.
    """

    def __init__(self, folder: Path, arrays: dict[str, StoredArray], journal: Journal, *, resumable: bool) -> None:
        self.folder, self.arrays, self._journal, self.resumable = folder, arrays, journal, resumable

    @property
    def done(self) -> set[int]:
        """Indices of the tiles that are done."""
        return set(self._journal.done)

    @property
    def worth_keeping(self) -> bool:
        """Whether another process could go on with it."""
        return self.resumable and bool(self._journal.done)

    def put(self, results: Sequence[TileResult]) -> None:
        """Store tiles; when it returns they are done, whatever happens then."""
        sums = {
            result.tile.index: {
                name: self.arrays[name].write_tile(result.tile, values) for name, values in result.arrays.items()
            }
            for result in results
        }
        for array in self.arrays.values():
            array.flush()
        self._journal.add(sums)

    def forget_damaged(self, tiles: Sequence[Tile]) -> None:
        """Take back tiles whose data are not those that were stored."""
        for tile in tiles:
            sums = self._journal.done.get(tile.index)
            if sums is not None and any(
                check_sum(array.read_tile(tile)) != sums.get(name) for name, array in self.arrays.items()
            ):
                del self._journal.done[tile.index]

    @contextmanager
    def telling_what_is_kept(self, total: int) -> Iterator[None]:
        """Say in an error how many of ``total`` tiles are kept."""
        try:
            yield
        except SpectralMambaError as error:
            if not self.worth_keeping:
                raise
            raise type(error)(f"{error} ({len(self.done)} of {total} tiles are kept: --resume goes on)") from error

    def forget(self) -> None:
        """Take back every tile: nobody is to go on with this."""
        self._journal.done.clear()

    def close(self) -> None:
        """Close the files."""
        self._journal.close()
        for array in self.arrays.values():
            array.close()


@contextmanager
def locked_folder(out: Path) -> Iterator[Path]:
    """Make the work folder of ``out`` and keep other processes from it during a ``with`` block.

    It goes again at the end where nothing but the lock is in it.

    Raises
    ------
    OutputError
        Another process writes this map, or the folder cannot be made.
    """
    folder = folder_of(out)
    try:
        lock = _take(folder)
    except OSError as error:
        raise OutputError(f"cannot write {out} ({error.strerror or error}); name another place") from error
    if lock is None:
        raise OutputError(f"another process is writing {out}; wait for it to end, or name another file")
    with lock:
        try:
            yield folder
        finally:
            if [path.name for path in folder.iterdir()] == [LOCK]:
                (folder / LOCK).unlink()
                with suppress(OSError):
                    folder.rmdir()


def _take(folder: Path) -> IO[bytes] | None:
    """Open and lock the folder's lock file; None where another process holds it."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            file = (folder / LOCK).open("ab")
        except FileNotFoundError:  # another process has just ended and removed the folder
            continue
        if not take_lock(file, wait=False):
            file.close()
            return None
        if _is_still(file, folder / LOCK):
            return file
        file.close()  # the lock of a file that its holder has removed keeps nobody out


def _is_still(file: IO[bytes], path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def read_unfinished(out: Path) -> Noted | None:
    """Say what an unfinished map is of and how far it is; None where there is nothing that anybody could go on with.

    Raises
    ------
    OutputError
        There is something, but its journal cannot be used.
    """
    try:
        noted = read_journal(folder_of(out) / JOURNAL)
    except JournalError as error:
        raise OutputError(
            f"the unfinished {out} cannot be gone on with: {error}; begin anew with --overwrite"
        ) from error
    return noted if noted is not None and noted.done and noted.job.get("resumable") else None


@contextmanager
def open_work(out: Path, facts: Facts, shapes: Shapes, noted: Noted | None) -> Iterator[Work]:
    """Begin the work of a map in its locked folder, or go on with it.

    When the block ends well, or with an error and nothing that can be gone on with, what is in the folder goes.

    Parameters
    ----------
    out : Path
    facts : dict
        See :func:`spectralmamba.mapping.identity.job_facts`.
    shapes : dict
        Shape and type of each array.
    noted : Noted, optional
        What to go on with; anything else in the folder is thrown away.

    Raises
    ------
    OutputError
        The disk has no space, or arrays to go on with are not there.
    """
    folder = folder_of(out)
    if noted is None:
        clear(folder)
    try:
        work = _open(folder, facts, shapes, noted)
    except OSError as error:
        if noted is not None:
            raise OutputError(
                f"the unfinished {out} cannot be gone on with: its data are not there any more "
                f"({error.strerror or error}); begin anew with --overwrite"
            ) from error
        clear(folder)
        raise OutputError(f"cannot write {out} ({error.strerror or error}); free some space or name another") from error
    keep = False
    try:
        yield work
    except BaseException:
        keep = work.worth_keeping
        raise
    finally:
        work.close()
        if not keep:
            clear(folder)


def _open(folder: Path, facts: Facts, shapes: Shapes, noted: Noted | None) -> Work:
    with ExitStack() as stack:
        arrays = {
            name: stack.enter_context(StoredArray(folder / f"{name}{SUFFIX}", *its, create=noted is None))
            for name, its in shapes.items()
        }
        path = folder / JOURNAL
        journal = Journal.create(path, facts) if noted is None else Journal(path, noted)
        work = Work(folder, arrays, journal, resumable=bool(facts["resumable"]))
        stack.pop_all()  # they stay open
        return work


def require_same(out: Path, facts: Facts, noted: Noted, *, resume: bool) -> None:
    """Refuse to touch an unfinished map that is not to be resumed, or is of another job.

    Raises
    ------
    OutputError
    """
    if not resume:
        raise OutputError(
            f"an unfinished {out} with {len(noted.done)} tiles lies in {folder_of(out)}; "
            "go on with --resume, or begin anew with --overwrite"
        )
    different = differences(facts, noted.job)
    if different:
        raise OutputError(
            f"the unfinished {out} is of another job (different: {', '.join(different)}); "
            "repeat what it was begun with, or begin anew with --overwrite"
        )


def sweep(out: Path, files: Sequence[Path]) -> None:
    """Remove what a killed process left of final files that it had begun to write.

    Only where its work folder tells of it, and is locked: another process would be writing them otherwise.
    """
    if (folder_of(out) / JOURNAL).exists():
        for path in files:
            for rest in path.parent.glob(f".{escape(path.name)}.*"):
                name = rest.name.removeprefix(f".{path.name}.")
                if re.fullmatch(r"\d+\.partial", name):
                    rest.unlink(missing_ok=True)
                elif re.fullmatch(r"[a-z0-9_]{8}", name) and rest.is_dir():  # of the tempfile module
                    shutil.rmtree(rest, ignore_errors=True)


def clear(folder: Path) -> None:
    """Remove what mapping wrote, but not the lock."""
    for path in [folder / JOURNAL, *sorted(folder.glob(f"*{SUFFIX}"))]:  # without a journal the rest means nothing
        path.unlink(missing_ok=True)
