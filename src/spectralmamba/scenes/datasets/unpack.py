"""Unpacking archives that came from elsewhere: only files, only inside the folder, and no more than expected."""

import lzma
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Protocol

from spectralmamba.errors import DatasetError
from spectralmamba.files import replacing_folder

LARGEST = 20 * 10**9
"""Bytes that an archive may unpack to; the largest data set in the catalogue has a fiftieth of it."""

MOST_MEMBERS = 100_000

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
FOREIGN_SUFFIXES = (".rar", ".7z")
"""Archives that Python cannot unpack."""

_PIECE = 1 << 20


@dataclass(frozen=True)
class Member:
    """A file or folder of an archive, as the archive describes it.

    Parameters
    ----------
    path : str
        With forward slashes.
    size : int
        In bytes, unpacked.
    kind : {"file", "folder", "other"}
        "other" are links, devices and pipes.
    """

    path: str
    size: int
    kind: str


class _Archive(Protocol):
    def members(self) -> Iterable[Member]: ...
    def open(self, path: str) -> IO[bytes]: ...
    def close(self) -> None: ...


class _Zip:
    def __init__(self, path: Path) -> None:
        self._file = zipfile.ZipFile(path)
        self._infos = {info.filename.replace("\\", "/"): info for info in self._file.infolist()}

    def members(self) -> list[Member]:
        # From the list, not the dict: a path that occurs twice has to be seen.
        return [
            Member(info.filename.replace("\\", "/"), info.file_size, _zip_kind(info)) for info in self._file.infolist()
        ]

    def open(self, path: str) -> IO[bytes]:
        return self._file.open(self._infos[path])

    def close(self) -> None:
        self._file.close()


def _zip_kind(info: zipfile.ZipInfo) -> str:
    if info.is_dir():
        return "folder"
    mode = stat.S_IFMT(info.external_attr >> 16)  # 0 where the archive was not made on a Unix
    return "file" if mode in (0, stat.S_IFREG) else "other"


class _Tar:
    def __init__(self, path: Path) -> None:
        self._file = tarfile.open(path)  # noqa: SIM115 - closed by close()

    def members(self) -> Iterator[Member]:
        # One by one, so that an archive that is too large is not read to its end.
        for info in self._file:
            yield Member(info.name, info.size, _tar_kind(info))

    def open(self, path: str) -> IO[bytes]:
        opened = self._file.extractfile(path)
        if opened is None:
            raise tarfile.TarError(f"{path} is no file")
        return opened

    def close(self) -> None:
        self._file.close()


def _tar_kind(info: tarfile.TarInfo) -> str:
    return "file" if info.isreg() else "folder" if info.isdir() else "other"


def is_archive(path: Path) -> bool:
    """Whether a file is called like an archive that can be unpacked here."""
    return path.name.lower().endswith(SUFFIXES)


def list_archive(archive: Path) -> list[str]:
    """Return the paths of an archive's files, after the checks of :func:`unpack`.

    Raises
    ------
    DatasetError
        It is damaged or not safe.
    """
    with _opened(archive) as opened:
        return [member.path for member in _safe_members(opened, archive) if member.kind == "file"]


def unpack(archive: Path, folder: Path, only: Sequence[str] | None = None) -> None:
    """Unpack a zip or tar archive into a folder, which appears when it is whole, and takes the place of what was there.

    Parameters
    ----------
    archive, folder : pathlib.Path
    only : sequence of str, optional
        Paths of the files to unpack, as :func:`list_archive` gives them; all where not given. Every member is checked
        nevertheless.

    Raises
    ------
    DatasetError
        The archive is damaged, or a member is absolute, leads out of the folder, is neither file nor folder, or is told
        from another by case alone; or it is larger than :data:`LARGEST`.
    OutputError
        The folder cannot be written.
    """
    with _opened(archive) as opened, replacing_folder(folder) as partial:
        for member in _safe_members(opened, archive):
            target = partial.joinpath(*PurePosixPath(member.path).parts)
            if member.kind == "folder" or (only is not None and member.path not in only):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(opened, member, target, archive)


def _copy(opened: _Archive, member: Member, target: Path, archive: Path) -> None:
    """Write one member; it may not be longer than it says."""
    size = 0
    with target.open("xb") as file:
        for piece in _pieces(opened, member.path, archive):
            size += len(piece)
            if size > member.size:
                raise DatasetError(f"{archive} holds more in {member.path!r} than it says; do not use it")
            file.write(piece)


def _pieces(opened: _Archive, path: str, archive: Path) -> Iterator[bytes]:
    with _as_damaged(archive), opened.open(path) as source:
        while piece := source.read(_PIECE):
            yield piece


@contextmanager
def _opened(archive: Path) -> Iterator[_Archive]:
    if archive.name.lower().endswith(FOREIGN_SUFFIXES):
        raise DatasetError(
            f"{archive} cannot be unpacked here; unpack it with another program, and leave its files there"
        )
    with _as_damaged(archive):
        opened: _Archive = _Zip(archive) if zipfile.is_zipfile(archive) else _Tar(archive)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def _as_damaged(archive: Path) -> Iterator[None]:
    """Turn what the libraries say of a bad archive into one sentence."""
    try:
        yield
    except DatasetError:
        raise
    except RuntimeError as error:  # a password, or a compression that zipfile does not know
        raise DatasetError(f"{archive} cannot be unpacked here ({error}); unpack it with another program") from error
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise DatasetError(f"{archive} is damaged or cannot be read ({error}); fetch it again") from error


def _safe_members(opened: _Archive, archive: Path) -> list[Member]:
    with _as_damaged(archive):
        return list(_safe(opened.members(), archive))


def _safe(members: Iterable[Member], archive: Path) -> Iterator[Member]:
    """Pass on the members of an archive as long as none does harm."""
    seen: dict[str, str] = {}
    total = 0
    for member in members:
        total += member.size
        if total > LARGEST or len(seen) >= MOST_MEMBERS:
            raise DatasetError(f"{archive} unpacks to more than {LARGEST / 1e9:g} GB or too many files; do not use it")
        fault = _fault(member)
        if fault:
            raise DatasetError(f"{archive} is not safe to unpack: {member.path!r} {fault}; fetch it from its owner")
        plain = unicodedata.normalize("NFC", "/".join(PurePosixPath(member.path).parts)).casefold()
        if plain in seen:
            raise DatasetError(
                f"{archive} is not safe to unpack: {member.path!r} and {seen[plain]!r} would be one file on some "
                "systems; fetch it from its owner"
            )
        seen[plain] = member.path
        yield member


def _fault(member: Member) -> str | None:
    path = member.path
    if member.kind == "other":
        return "is a link or a device"
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).anchor:
        return "is an absolute path"
    return "leads out of the folder" if ".." in PurePosixPath(path).parts else None
