"""What a person has to do, in words."""

import shlex
from collections.abc import Collection, Mapping
from pathlib import Path

from spectralmamba.scenes.datasets.entry import DataFile, Dataset
from spectralmamba.scenes.datasets.place import folder_of
from spectralmamba.scenes.datasets.record import Known
from spectralmamba.scenes.datasets.resume import NotFetched
from spectralmamba.scenes.datasets.unpack import FOREIGN_SUFFIXES


def command(entry: Dataset, folder: Path, options: str = "") -> str:
    """Return the command that brings a data set to a folder, in quotation marks."""
    to = "" if folder == folder_of(entry) else f" --to {shlex.quote(str(folder))}"
    return f"'spectralmamba datasets download {entry.name}{to}{options}'"


def ask_a_person(entry: Dataset, folder: Path, missing: Mapping[str, NotFetched]) -> str:
    """Say what is missing and why, which page to visit, and what to put where."""
    reasons = "; ".join(dict.fromkeys(str(error) for error in missing.values()))
    later = "try again later, or " if any(error.later for error in missing.values()) else ""
    archive = f" such as {entry.archive}" if entry.archive else ""
    foreign = [path.name for path in folder.iterdir() if path.name.lower().endswith(FOREIGN_SUFFIXES)]
    hint = f" ({foreign[0]} has to be unpacked by another program first)" if foreign else ""
    return (
        f"{entry.name} cannot be fetched whole: {reasons}; {later}get {_by_page(entry, missing)}, put the files, or an "
        f"archive that holds them{archive}, into {folder}{hint}, and run {command(entry, folder)} again"
    )


def _by_page(entry: Dataset, missing: Collection[str]) -> str:
    """List missing files with the pages that lead to them."""
    pages: dict[str, list[str]] = {}
    for file in entry.files:
        if file.name in missing:
            pages.setdefault(file.page or entry.page, []).append(file.name)
    return ", and ".join(f"{_listed(names)} from {page}" for page, names in pages.items())


def changed(entry: Dataset, folder: Path, file: DataFile, known: Known) -> str:
    """Say that a file is another than it was."""
    return (
        f"{folder / file.name} is not what it was when it was verified on {known.verified}; put the old file back, or "
        f"run {command(entry, folder, ' --force')} to "
        + ("fetch it again" if file.address else "take it if its structure is right")
    )


def unpublished(entry: Dataset, folder: Path, file: DataFile, path: Path, found: str) -> str:
    """Say that a file has another checksum than the published one."""
    return (
        f"{path} is not the file that was published: its SHA-256 is {found}, not {file.sha256}; fetch it from "
        f"{entry.page}, or run {command(entry, folder, ' --force')} to take it if its structure is right"
    )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
