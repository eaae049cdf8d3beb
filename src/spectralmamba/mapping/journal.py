"""The journal of an unfinished map: what is mapped with what, and which tiles are done.

A text file. Each line is a record, its check sum before it: first the head (a JSON object), then one record for each
finished tile. Records are only ever appended, and each is written after its tile's data are on the disk. So whatever
moment a process is killed at, what the journal says is true; a last line that was torn is recognised and cut off.
"""

import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

FORMAT = 1

_TORN_HEAD = re.compile(rb"[0-9a-f]{0,8}|[0-9a-f]{8} (\{.*)?", re.DOTALL)


class JournalError(ValueError):
    """A journal that was whole once and cannot be used; the message says why, to be put into a sentence."""


@dataclass(frozen=True)
class Noted:
    """What a journal says.

    Attributes
    ----------
    job : dict
        What identifies the job.
    done : dict of int to dict of str to int
        Index of each finished tile, and the check sums of its arrays.
    length : int
        Bytes of it that are whole.
    """

    job: dict[str, Any]
    done: dict[int, dict[str, int]]
    length: int


def read_journal(path: Path) -> Noted | None:
    """Read a journal without changing it; None where there is none, or it was torn before its head was whole.

    Raises
    ------
    JournalError
        Its head is damaged, or of another format; or the file is no journal at all.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if b"\n" not in content:
        if not _TORN_HEAD.fullmatch(content):
            raise JournalError("its journal is damaged, or none of ours")
        return None
    records = _records(content)
    head, length = next(records, ({}, 0))
    if not length:
        raise JournalError("its journal is damaged")
    if head.get("format") != FORMAT:
        raise JournalError(f"its journal has format {head.get('format')}, this version reads {FORMAT}")
    done = {}
    for record, end in records:
        done[int(record["tile"])], length = dict(record["sums"]), end
    return Noted(head["job"], done, length)


class Journal:
    """A journal to go on with.

    Parameters
    ----------
    path : Path
    noted : Noted
        What it says; a torn end is cut off.

    Attributes
    ----------
    done : dict of int to dict of str to int
    """

    def __init__(self, path: Path, noted: Noted) -> None:
        self.done = dict(noted.done)
        self._file = path.open("r+b", buffering=0)
        self._file.truncate(noted.length)
        self._file.seek(noted.length)

    @classmethod
    def create(cls, path: Path, job: Mapping[str, Any]) -> Self:
        """Begin a journal in place of what is there."""
        line = _line({"format": FORMAT, "job": job})
        with path.open("wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        return cls(path, Noted(dict(job), {}, len(line)))

    def add(self, sums: Mapping[int, Mapping[str, int]]) -> None:
        """Note tiles as finished, each with the check sums of its arrays, whose data must be on the disk by now."""
        view = memoryview(b"".join(_line({"tile": tile, "sums": dict(its)}) for tile, its in sums.items()))
        while view:
            view = view[self._file.write(view) :]
        os.fsync(self._file.fileno())
        self.done.update({tile: dict(its) for tile, its in sums.items()})

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _records(content: bytes) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield each whole record from the beginning and the position of its end, up to the first that is not."""
    start = 0
    while (end := content.find(b"\n", start)) >= 0:
        text = content[start + 9 : end]
        if content[start : start + 9] != b"%08x " % zlib.crc32(text):
            return
        yield json.loads(text), end + 1
        start = end + 1
