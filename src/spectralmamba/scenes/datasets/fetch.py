"""Fetching one file of a data set through pooch."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spectralmamba.errors import OutputError
from spectralmamba.scenes.datasets.entry import DataFile
from spectralmamba.scenes.datasets.resume import NotFetched, OnBytes, ResumingDownloader


def retrieve(file: DataFile, target: Path, *, checked: bool = True, on_bytes: OnBytes | None = None) -> None:
    """Fetch a file; pooch compares its checksum before it gets its name.

    Parameters
    ----------
    file : DataFile
        With an address.
    target : pathlib.Path
        Where it goes. What there is of it lies beside it as ``NAME.partial`` until it is whole.
    checked : bool
        Whether to compare the checksum, where one was published.
    on_bytes : callable, optional
        See :data:`spectralmamba.scenes.datasets.resume.OnBytes`.

    Raises
    ------
    NotFetched
        It does not come, or another file than was published.
    OutputError
        It cannot be written.
    """
    import pooch  # noqa: PLC0415 - it brings in a good deal that what lies here already needs not

    known_hash = file.sha256 if checked else None
    downloader = ResumingDownloader(target.with_name(f"{target.name}.partial"), _named(file.name, on_bytes))
    with _quiet(pooch.get_logger()):
        try:
            pooch.retrieve(file.address, known_hash, fname=target.name, path=target.parent, downloader=downloader)
        except ValueError as error:  # of the checksum; what came is gone
            raise NotFetched(
                f"{file.address} gives another file than the one with the published SHA-256 {known_hash}, which "
                "--force takes if its structure is right"
            ) from error
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"cannot write {target} ({error.strerror or error}); name another folder") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    import pooch  # noqa: PLC0415 - see retrieve

    return str(pooch.file_hash(str(path), alg="sha256"))


def _named(name: str, on_bytes: OnBytes | None) -> OnBytes | None:
    """Tell the listener the file's own name."""
    return None if on_bytes is None else lambda _, done, total: on_bytes(name, done, total)


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch from printing what it does; the caller is told by other means."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
