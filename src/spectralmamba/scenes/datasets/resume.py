"""Fetching one file over HTTP, going on where an interrupted transfer stopped."""

import errno
import json
import logging
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests  # it comes with pooch

from spectralmamba import __version__
from spectralmamba.errors import OutputError
from spectralmamba.files import write_text

OnBytes = Callable[[str, int, int | None], None]
"""Told the name of a file, the bytes that are there, and their total where the server says it."""

ATTEMPTS = 4
"""Times in a row that a transfer may stop without having brought a byte."""

BACK_OFF_S = 1.0
"""Wait before the second attempt; doubled before each further one."""

TIMEOUT_S = (15.0, 60.0)
"""To connect, and between two pieces of an answer."""

_PIECE = 1 << 14
"""Bytes at a time; of a piece that a broken connection leaves incomplete nothing is kept."""

WEB_PAGE = "a web page in place of the file, which may want a login"

_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_log = logging.getLogger(__name__)


class NotFetched(Exception):  # noqa: N818 - it never leaves this place: a DatasetError comes of it
    """A file does not come from its address.

    Parameters
    ----------
    reason : str
        In words, with the address or its host.
    later : bool
        Whether trying again later may help.
    """

    def __init__(self, reason: str, *, later: bool = False) -> None:
        super().__init__(reason)
        self.later = later


class _Interrupted(Exception):  # noqa: N818 - see NotFetched
    """A transfer stopped, but the next attempt may go on."""


class ResumingDownloader:
    """A downloader for pooch that keeps what it has, and asks the server for the rest.

    The part lies in ``partial``, and beside it, in ``partial`` + ``.json``, what the server called the file's state
    (``ETag``, else ``Last-Modified``). The rest is asked for under the condition that this is still the state
    (``If-Range``), so that a file that was changed in the meantime is fetched anew from its beginning, as it is where
    the server does not say its state or does not give parts (RFC 9110, sections 13.1.5 and 14.2).

    Parameters
    ----------
    partial : pathlib.Path
    on_bytes : callable, optional
        See :data:`OnBytes`.
    """

    def __init__(self, partial: Path, on_bytes: OnBytes | None = None) -> None:
        self.partial = partial
        self.state = partial.with_name(f"{partial.name}.json")
        self.on_bytes = on_bytes or (lambda *_: None)

    def __call__(self, url: str, output_file: str | Path, pooch: Any) -> None:  # noqa: ANN401, ARG002 - pooch's call
        """Fetch ``url`` into ``output_file``.

        Raises
        ------
        NotFetched
            The server does not give the file, or not all of it after several attempts.
        OutputError
            The file cannot be written.
        """
        failures = 0
        while True:
            before = self._size()
            try:
                self._attempt(url)
                break
            except _Interrupted as interruption:
                failures = 1 if self._size() > before else failures + 1
                if failures >= ATTEMPTS:
                    raise NotFetched(str(interruption), later=True) from interruption
                _log.info("%s: %s; trying again", url, interruption)
                time.sleep(BACK_OFF_S * 2 ** (failures - 1))
        self.state.unlink(missing_ok=True)
        if _is_web_page(self.partial):
            self.partial.unlink()
            raise NotFetched(f"{url} gives {WEB_PAGE}")
        self.partial.replace(output_file)

    def _attempt(self, url: str) -> None:
        """Ask once, and keep what comes."""
        have, validator = self._kept(url)
        headers = {"User-Agent": f"spectralmamba/{__version__}", "Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": validator}
        try:
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
                if response.status_code == requests.codes.requested_range_not_satisfiable:
                    return self._require_whole(response, have)
                return self._receive(response, url, _start(response, have))
        except requests.RequestException as error:
            raise _translated(error, url) from error

    def _kept(self, url: str) -> tuple[int, str]:
        """Return how much of the file is there and the state that it belongs to; 0 where the two do not go together."""
        try:
            state = json.loads(self.state.read_text())
            if state["address"] == url and state["validator"]:
                return self._size(), str(state["validator"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return 0, ""

    def _size(self) -> int:
        return self.partial.stat().st_size if self.partial.exists() else 0

    def _require_whole(self, response: Any, have: int) -> None:  # noqa: ANN401 - requests is untyped
        """Of a server that has nothing beyond our part: it is all, or it is too much."""
        if response.headers.get("Content-Range", "").endswith(f"/{have}"):
            return
        self.partial.unlink(missing_ok=True)
        raise _Interrupted("what was there is longer than the file")

    def _receive(self, response: Any, url: str, start: int) -> None:  # noqa: ANN401 - requests is untyped
        """Write the body behind the first ``start`` bytes."""
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and "Content-Encoding" not in response.headers else None
        _require_space(self.partial, None if total is None else total - start)
        write_text(self.state, json.dumps({"address": url, "validator": _validator(response)}))
        size = start
        with _opened(self.partial, "ab" if start else "wb") as file:
            self.on_bytes(self.partial.name, size, total)
            for piece in response.iter_content(_PIECE):
                _write(file, piece, self.partial)
                size += len(piece)
                self.on_bytes(self.partial.name, size, total)
        if total is not None and size < total:
            raise _Interrupted(f"the connection ended after {size:,} of {total:,} bytes")


def _start(response: Any, have: int) -> int:  # noqa: ANN401 - requests is untyped
    """Return where in the file the body of a good answer begins; raise for any other answer."""
    status, url = response.status_code, response.url
    if status in _TRANSIENT:
        raise _Interrupted(f"the server answers {status} {response.reason}")
    if status in (401, 403):
        raise NotFetched(f"{url} wants a login (HTTP {status})")
    if status in (404, 410):
        raise NotFetched(f"{url} is gone (HTTP {status})")
    if status not in (200, 206):
        raise NotFetched(f"{url} answers {status} {response.reason}")
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise NotFetched(f"{url} gives {WEB_PAGE}")
    if status == 206 and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise NotFetched(f"{url} gives another part of the file than it was asked for")
    return have if status == 206 else 0


def _is_web_page(path: Path) -> bool:
    """Whether a file begins as a page for people does: a login, however the server calls it."""
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _validator(response: Any) -> str:  # noqa: ANN401 - requests is untyped
    """Return what names the state of the file strictly enough for ``If-Range``; empty where nothing does."""
    tag = str(response.headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(response.headers.get("Last-Modified", ""))


def _translated(error: requests.RequestException, url: str) -> Exception:
    """Say in words what went wrong on the way, and whether another attempt makes sense."""
    host = urlsplit(url).netloc
    if _stands_behind(error, socket.gaierror):
        return NotFetched(f"{host} is not known: there is no network, or the address is gone", later=True)
    if isinstance(error, requests.exceptions.SSLError):
        return NotFetched(f"{host} cannot prove who it is (TLS certificate)")
    passing = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    if isinstance(error, passing):
        return _Interrupted(f"no connection to {host}, or it broke off")
    return NotFetched(f"{url} cannot be fetched ({type(error).__name__})")


def _stands_behind(error: BaseException | None, kind: type[BaseException]) -> bool:
    """Whether an error of a kind is the cause, however far back."""
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


def _require_space(path: Path, needed: int | None) -> None:
    free = shutil.disk_usage(path.parent).free
    if needed is not None and needed > free:
        raise OutputError(
            f"cannot write {path}: {needed / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free; "
            "free some space or name another folder"
        )


def _opened(path: Path, mode: str) -> Any:  # noqa: ANN401 - a file, or an error
    try:
        return path.open(mode)
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(file: Any, piece: bytes, path: Path) -> None:  # noqa: ANN401 - a file opened for bytes
    # Errors of requests are OSErrors too, so only the write itself is watched.
    try:
        file.write(piece)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"cannot write {path} ({error.strerror}); free some space and run the same again, it goes on from there"
        )
    return OutputError(f"cannot write {path} ({error.strerror or error}); name another folder")
