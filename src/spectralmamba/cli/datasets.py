"""``spectralmamba datasets``: benchmark data on demand."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spectralmamba.cli.app import app

if TYPE_CHECKING:
    from spectralmamba.scenes.datasets.entry import Dataset
    from spectralmamba.scenes.datasets.resume import OnBytes

datasets = typer.Typer(name="datasets", help="Benchmark data sets: list, download, verify.", no_args_is_help=True)
app.add_typer(datasets)

Name = Annotated[str, typer.Argument(help="As 'spectralmamba datasets list' gives it.")]


@datasets.command("list")
def list_datasets(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the data sets: what they are, where they come from, and whether they are there."""
    from spectralmamba.scenes.datasets.catalogue import CATALOGUE

    if as_json:
        typer.echo(json.dumps([_described(entry) for entry in CATALOGUE.values()], indent=2, ensure_ascii=False))
    else:
        _print_table(list(CATALOGUE.values()))


@datasets.command()
def download(
    name: Name,
    to: Annotated[Path | None, typer.Option(help="Folder for its files.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Fetch again, and take changed files if their structure is right.")
    ] = False,
) -> None:
    """Fetch a data set from its owner, or take what was put in place by hand, and verify it."""
    from spectralmamba.cli.console import note, say
    from spectralmamba.scenes.datasets.catalogue import find

    entry = find(name)  # before the rest is loaded, which takes a while
    from spectralmamba.scenes.datasets.obtain import download_dataset

    with _reported() as on_bytes:
        folder = download_dataset(name, to, force=force, on_bytes=on_bytes)
    say(f"{entry.name} is whole and verified in {folder}")
    note(f"cite: {entry.citation}")
    note(f"terms: {entry.terms}; {entry.page}")
    if entry.notes:
        note(f"note: {entry.notes}")
    note(f"to train on it: {_training(entry, folder)}")


@datasets.command()
def verify(
    name: Name,
    to: Annotated[Path | None, typer.Option(help="Folder of its files.")] = None,
) -> None:
    """Compare a data set that is there with its checksums and with what was published."""
    from spectralmamba.cli.console import say
    from spectralmamba.scenes.datasets.catalogue import find
    from spectralmamba.scenes.datasets.obtain import verify_dataset

    entry = find(name)
    folder = verify_dataset(name, to)
    say(
        f"{folder} holds {entry.title} as published: {entry.height} × {entry.width} pixels, {entry.bands} bands, "
        f"{entry.labelled:,} labelled pixels of {len(entry.classes)} classes, checksums unchanged"
    )


def _described(entry: "Dataset") -> dict[str, Any]:
    """Say everything about an entry, of plain values."""
    from spectralmamba.scenes.datasets.place import folder_of

    return {
        "name": entry.name,
        "title": entry.title,
        "sensor": entry.sensor,
        "height": entry.height,
        "width": entry.width,
        "bands": entry.bands,
        "classes": [
            {"number": number, "name": name} | {labels.role: labels.counts[i] for labels in entry.labels}
            for i, (number, name) in enumerate(entry.classes)
        ],
        "files": [{"name": f.name, "address": f.address, "sha256": f.sha256} for f in entry.files],
        "owner": entry.owner,
        "page": entry.page,
        "citation": entry.citation,
        "terms": entry.terms,
        "by_hand": entry.by_hand,
        "notes": entry.notes,
        "folder": str(folder_of(entry)),
        "state": _state(entry),
    }


def _state(entry: "Dataset") -> str:
    """Say whether a data set is there, also where its record cannot be read."""
    from spectralmamba.errors import DatasetError
    from spectralmamba.scenes.datasets.place import folder_of
    from spectralmamba.scenes.datasets.record import state_of

    try:
        return state_of(entry, folder_of(entry))
    except DatasetError:
        return "record damaged"


_COLUMNS = ("name", "sensor", "height × width × bands", "classes", "labelled", "from", "fetched", "here")
_NUMBERS = {2, 3, 4}


def _print_table(entries: "list[Dataset]") -> None:
    """Print one line a data set, never wrapped, so that names stay whole in pipes and narrow windows."""
    from spectralmamba.cli.console import note, say
    from spectralmamba.scenes.datasets.place import root_folder

    rows = [_COLUMNS, *map(_row, entries)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            text.rjust(width) if i in _NUMBERS else text.ljust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        say("  ".join(cells).rstrip())
    note(f"folder: {root_folder()}")
    note("by hand: 'spectralmamba datasets download NAME' says which page to visit, and where to put the files")


def _row(entry: "Dataset") -> tuple[str, ...]:
    size = f"{entry.height} × {entry.width} × {entry.bands}"
    fetched = "by program" if entry.is_open else "by hand"
    classes, labelled = str(len(entry.classes)), f"{entry.labelled:,}"
    return entry.name, entry.sensor, size, classes, labelled, entry.owner, fetched, _state(entry)


@contextmanager
def _reported() -> "Iterator[OnBytes]":
    """Give a function that shows how far each file is, in one bar, or lines, a file."""
    from contextlib import ExitStack

    from spectralmamba.cli.console import note, progress

    with ExitStack() as shown:
        current: dict[str, Any] = {"file": None, "advance": None}

        def on_bytes(name: str, done: int, total: int | None) -> None:
            if name != current["file"]:
                shown.close()
                note(f"fetching {name}" + (f" ({total / 1e6:,.1f} MB)" if total else "") + _resumed(done))
                current.update(file=name, advance=shown.enter_context(progress(name)))
            kilobytes = (max(done, 1) + 999) // 1000
            current["advance"](kilobytes, kilobytes if total is None else (max(total, 1) + 999) // 1000, "kB")

        yield on_bytes


def _resumed(done: int) -> str:
    return f", from {done / 1e6:,.1f} MB on" if done else ""


def _training(entry: "Dataset", folder: Path) -> str:
    """Write the command that trains on a data set; on the published split where there is one."""
    import shlex

    by_role = {labels.role: labels.file.name for labels in entry.labels}
    scene, labels = entry.scene.name, by_role.get("labels") or by_role["train"]
    words = ["spectralmamba", "train", str(folder / scene), str(folder / labels)]
    if "test" in by_role:
        words += ["--test-labels", str(folder / by_role["test"])]
    return shlex.join([*words, "--out", f"{entry.name}-run"])
