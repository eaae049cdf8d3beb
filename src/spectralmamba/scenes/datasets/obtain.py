"""Bringing a data set onto this machine: from its owner, from an archive that was put there, or as it was put there."""

import logging
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from spectralmamba.errors import DatasetError, OutputError
from spectralmamba.scenes.datasets import advice, unpack
from spectralmamba.scenes.datasets.catalogue import find
from spectralmamba.scenes.datasets.entry import DataFile, Dataset
from spectralmamba.scenes.datasets.fetch import retrieve, sha256_of
from spectralmamba.scenes.datasets.lock import locked
from spectralmamba.scenes.datasets.place import folder_of
from spectralmamba.scenes.datasets.record import Known, now, read_record, state_of, write_record
from spectralmamba.scenes.datasets.resume import NotFetched, OnBytes
from spectralmamba.scenes.datasets.verify import NotAsPublished, verify_structure

BY_HAND = "by hand"

_STAGING = ".download"
"""Folder inside the data set's for what came but has not been verified yet."""

_log = logging.getLogger(__name__)


def download_dataset(
    name: str,
    folder: str | os.PathLike[str] | None = None,
    *,
    force: bool = False,
    on_bytes: OnBytes | None = None,
) -> Path:
    """Make a data set be there: fetch what has an address, take what was put in place by hand, verify all of it.

    A file counts as there only when the whole data set is as published. Its checksum is then kept in
    ``checksums.json``, so that a file that changes later is noticed. An interrupted transfer goes on where it stopped.
    Of several processes that want the same data set one works and the others wait.

    Parameters
    ----------
    name : str
        See ``spectralmamba datasets list``.
    folder : path, optional
        The folder that gets the files; see :func:`spectralmamba.scenes.datasets.place.folder_of`.
    force : bool
        Fetch again what has an address, and take files whose checksum is another than it was, or than was published,
        if all is as published nevertheless.
    on_bytes : callable, optional
        See :data:`spectralmamba.scenes.datasets.resume.OnBytes`.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    DatasetError
        There is no such data set, a file does not come from its address or has to be put in place by hand (the message
        says which, where from and where to), or a file is not what was published.
    OutputError
        The folder cannot be written.
    """
    entry = find(name)
    target = folder_of(entry, folder)
    if not force and _was_verified(entry, target):
        return _compared(entry, target)
    _make(target)
    with locked(target / ".lock"):
        if not force and _was_verified(entry, target):  # another process was faster
            return _compared(entry, target)
        _Job(entry, target, force, on_bytes, read_record(target)).run()
    return target


def verify_dataset(name: str, folder: str | os.PathLike[str] | None = None) -> Path:
    """Compare the files of a data set with their checksums and with what was published.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    DatasetError
        It is not there, or a file is not as it should be.
    """
    entry = find(name)
    target = folder_of(entry, folder)
    require_there(entry, target)
    _compared(entry, target)
    verify_structure(entry, {file.name: target / file.name for file in entry.files})
    return target


def require_there(entry: Dataset, folder: Path) -> None:
    """Check that a data set was brought to a folder, and has not changed in size since; DatasetError otherwise."""
    if not _was_verified(entry, folder):
        raise DatasetError(f"{entry.name} is not whole and verified in {folder}; run {advice.command(entry, folder)}")
    if state_of(entry, folder) == "changed":
        _compared(entry, folder)


def _was_verified(entry: Dataset, folder: Path) -> bool:
    return state_of(entry, folder) in ("there", "changed")


def _compared(entry: Dataset, folder: Path) -> Path:
    """Return the folder after a look at the checksum of every file."""
    known = read_record(folder)
    for file in entry.files:
        if sha256_of(folder / file.name) != known[file.name].sha256:
            raise DatasetError(advice.changed(entry, folder, file, known[file.name]))
    return folder


@dataclass
class _Job:
    """The work on one data set, inside the lock."""

    entry: Dataset
    folder: Path
    force: bool
    on_bytes: OnBytes | None
    known: dict[str, Known]
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def staging(self) -> Path:
        return self.folder / _STAGING

    def run(self) -> None:
        """Gather the files, verify them, put them in place, and keep their checksums."""
        paths = self._gather()
        try:
            sums = {file.name: self._checked_sum(file, paths[file.name]) for file in self.entry.files}
            verify_structure(self.entry, paths)
        except NotAsPublished as error:
            if error.path.parent != self.staging:  # what a person put there is left
                raise
            error.path.unlink()  # what came is of no use, and its place means nothing to a person
            where = self._origin(error.path.name)
            raise NotAsPublished(error.path, str(error).replace(str(error.path), where)) from error
        for path in paths.values():
            if path.parent == self.staging:
                path.replace(self.folder / path.name)
        write_record(self.folder, self.entry, {name: self._noted(name, total) for name, total in sums.items()})
        shutil.rmtree(self.staging, ignore_errors=True)

    def _gather(self) -> dict[str, Path]:
        """Return where each file lies; DatasetError where one is missing, after all others were fetched."""
        paths: dict[str, Path] = {}
        missing: dict[str, NotFetched] = {}
        for file in self.entry.files:
            try:
                paths[file.name] = self._present(file) or self._brought(file)
            except NotFetched as error:
                missing[file.name] = error
                continue
            fetched = file.address is not None and paths[file.name].parent == self.staging
            self.sources.setdefault(file.name, str(file.address) if fetched else BY_HAND)
        if missing:
            raise DatasetError(advice.ask_a_person(self.entry, self.folder, missing))
        return paths

    def _present(self, file: DataFile) -> Path | None:
        """Return the file where it is in place, or was fetched by an earlier run that did not come to its end."""
        again = self.force and file.address is not None
        places = () if again else (self.folder / file.name, self.staging / file.name)
        return next((path for path in places if path.is_file()), None)

    def _brought(self, file: DataFile) -> Path:
        """Return the file from its address, or else from an archive that a person put into the folder."""
        try:
            return self._fetched(file)
        except NotFetched as error:
            complaints = [str(error)]
            for archive in sorted(path for path in self.folder.iterdir() if unpack.is_archive(path)):
                try:
                    member = _member(file, archive)
                    if member is not None:
                        return self._unpacked(file, archive, member)
                except DatasetError as fault:  # another archive may hold it
                    complaints.append(str(fault))
            raise NotFetched("; ".join(complaints), later=error.later) from error

    def _unpacked(self, file: DataFile, archive: Path, member: str) -> Path:
        """Take the file out of an archive, into the staging folder."""
        inside, target = self.staging / f"{archive.name}.unpacked", self.staging / file.name
        unpack.unpack(archive, inside, only=[member])
        (inside / member).replace(target)
        shutil.rmtree(inside)
        self.sources[file.name] = f"{BY_HAND}, in {archive.name}"
        return target

    def _fetched(self, file: DataFile) -> Path:
        """Fetch the file into the staging folder."""
        if file.address is None:
            raise NotFetched(self.entry.by_hand or "it has no address")
        _make(self.staging)
        target = self.staging / file.name
        target.unlink(missing_ok=True)
        retrieve(file, target, checked=not self.force, on_bytes=self.on_bytes)
        return target

    def _checked_sum(self, file: DataFile, path: Path) -> str:
        """Return a file's checksum; DatasetError where another was expected, unless ``force``."""
        found = sha256_of(path)
        known = self.known.get(file.name)
        if known is not None and known.sha256 != found and not self.force:
            raise NotAsPublished(path, advice.changed(self.entry, self.folder, file, known))
        if file.sha256 not in (None, found):
            if known is None and not self.force:  # a known one was taken knowingly
                raise NotAsPublished(path, advice.unpublished(self.entry, self.folder, file, path, found))
            _log.warning("%s: its SHA-256 %s is not the published %s", path, found, file.sha256)
        return found

    def _origin(self, name: str) -> str:
        """Say where a file in the staging folder came from."""
        source = self.sources[name]
        return f"{name} ({source})" if source.startswith(BY_HAND) else source

    def _noted(self, name: str, sha256: str) -> Known:
        """Make the record of a file that is in place."""
        file = next(file for file in self.entry.files if file.name == name)
        before = self.known.get(name)
        source = before.source if before is not None and before.sha256 == sha256 else self.sources[name]
        return Known(sha256, (self.folder / file.name).stat().st_size, source, now())


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write {folder} ({error.strerror or error}); name another folder") from error


def _member(file: DataFile, archive: Path) -> str | None:
    """Return the path of a file in an archive; None where it is not there. Its folder decides where names repeat."""
    wanted = file.member or file.name
    listed = unpack.list_archive(archive)
    for end in (wanted, file.name):
        found = [path for path in listed if path == end or path.endswith(f"/{end}")]
        if len(found) == 1:
            return found[0]
    return None
