"""What is known of the files in a data set's folder: ``checksums.json``, written when they have been verified."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from spectralmamba.errors import DatasetError
from spectralmamba.files import write_text
from spectralmamba.scenes.datasets.entry import Dataset

RECORD = "checksums.json"
FORMAT = 1

State = Literal["there", "changed", "in part", "absent"]


@dataclass(frozen=True)
class Known:
    """A verified file.

    Parameters
    ----------
    sha256 : str
    bytes : int
    source : str
        Its address, or "by hand".
    verified : str
        When, ISO 8601 in UTC.
    """

    sha256: str
    bytes: int
    source: str
    verified: str


def read_record(folder: Path) -> dict[str, Known]:
    """Return what is known of the files in a folder, by name; empty where nothing is.

    Raises
    ------
    DatasetError
        The record cannot be read.
    """
    path = folder / RECORD
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}")
        return {name: Known(**item) for name, item in document["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{path} cannot be understood ({error}); delete it, and the files are verified as if they were new"
        ) from error


def write_record(folder: Path, entry: Dataset, known: Mapping[str, Known]) -> None:
    """Keep what is known of the files of a data set."""
    files = {name: asdict(item) for name, item in known.items()}
    write_text(folder / RECORD, json.dumps({"format": FORMAT, "dataset": entry.name, "files": files}, indent=2) + "\n")


def now() -> str:
    """Return the time as a record has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def state_of(entry: Dataset, folder: Path) -> State:
    """Tell whether a data set is there, which is to say that all its files were verified, and are as large as then."""
    known = read_record(folder)
    sizes = {file.name: _size(folder / file.name) for file in entry.files}
    if all(size is None for size in sizes.values()):
        return "absent"
    if any(size is None or name not in known for name, size in sizes.items()):
        return "in part"
    return "there" if all(known[name].bytes == size for name, size in sizes.items()) else "changed"


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None
