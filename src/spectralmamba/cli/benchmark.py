"""``spectralmamba benchmark``: models compared on one scene, with seeds, folds and a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli import cluster
from spectralmamba.cli.app import app

if TYPE_CHECKING:
    from rich.console import Console

    from spectralmamba.benchmarks.results import ResultFolder
    from spectralmamba.benchmarks.summary import Summary
    from spectralmamba.benchmarks.units import Unit

_DATA_VARIABLE = "SPECTRALMAMBA_DATA"
WIDE = 180  # characters a line where there is no terminal


@app.command()
def benchmark(
    protocol: Annotated[str | None, typer.Argument(help="Name of a shipped protocol, or a YAML file.")] = None,
    models: Annotated[list[str] | None, typer.Option(help="Only this model of the protocol; repeatable.")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Number of seeds, from 0, in place of the protocol's.", min=1)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the results (default benchmarks/PROTOCOL).")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of the protocol.", envvar=_DATA_VARIABLE, show_envvar=True)
    ] = None,
    train_labels: Annotated[
        Path | None, typer.Option(help="Map of training pixels, in place of the protocol's split.")
    ] = None,
    test_labels: Annotated[Path | None, typer.Option(help="Map of test pixels; goes with --train-labels.")] = None,
    keep_runs: Annotated[bool, typer.Option("--keep-runs", help="Keep every run directory, for maps.")] = False,
    scheduler: cluster.Scheduler = None,
    workers: cluster.Workers = None,
    list_only: Annotated[bool, typer.Option("--list", help="List the shipped protocols.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the protocol's file, to change a copy of it.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run and how long, and end.")] = False,
) -> None:
    """Run a comparison of models: every model with every seed on every fold; what has run already is not run again."""
    import json

    from spectralmamba.benchmarks.reading import protocol_text, read_protocol, shipped_protocols
    from spectralmamba.benchmarks.results import ResultFolder
    from spectralmamba.benchmarks.runner import run_benchmark
    from spectralmamba.benchmarks.summary import summarise, to_json
    from spectralmamba.benchmarks.tables import write_tables
    from spectralmamba.benchmarks.units import units_of
    from spectralmamba.cli.console import note, percent, progress, say
    from spectralmamba.files import require_writable, write_text

    if list_only or protocol is None:
        for name, title in shipped_protocols().items():
            say(f"{name:<28} {title}")
        return
    if show:
        typer.echo(protocol_text(protocol), nl=False)
        return
    cluster.check_options(scheduler, workers)
    cluster.begin_to_load(workers)
    asked = read_protocol(protocol, None if data is None else data.absolute())
    asked = (asked.only(models) if models else asked).on_maps(train_labels, test_labels)
    if seeds is not None:
        asked = asked.with_seeds(range(seeds))
    folder = out or Path("benchmarks") / asked.name
    require_writable(folder)
    units = units_of(asked)
    _announce(units, ResultFolder(folder, keep_runs), workers or 1, elsewhere=scheduler is not None)
    if dry_run:
        return
    try:
        with cluster.cluster_client(scheduler, workers) as client, progress("benchmark") as advance:
            results = run_benchmark(
                asked,
                folder,
                keep_runs=keep_runs,
                client=client,
                on_result=lambda r, done, total: advance(
                    done, total, f"{r.name}, seed {r.seed}: OA {percent(r.matrix.overall_accuracy)} %"
                ),
            )
    except KeyboardInterrupt:
        note(f"interrupted; what has run is kept in {folder}, and the same command goes on from there")
        raise
    summary = summarise(asked, results)
    files = write_tables(summary, results, folder)
    write_text(folder / "summary.json", json.dumps(to_json(summary), indent=1) + "\n")
    _print(summary)
    note(f"wrote {', '.join(str(file) for file in files)}")


def _announce(units: "list[Unit]", folder: "ResultFolder", workers: int, *, elsewhere: bool) -> None:
    """Say what there is to do, and about how long it takes."""
    from spectralmamba.benchmarks.estimate import estimate_seconds
    from spectralmamba.cli.console import note

    keys = {unit.key for unit in units}
    there = sum(folder.ready(key) is not None for key in keys)
    note(f"{len(keys)} runs, {there} of them there already")
    if there == len(keys):
        return
    seconds, unknown = estimate_seconds(units, folder)
    text = f"the rest takes about {_duration(seconds / workers)}"
    text += ", divided by the number of the cluster's threads" if elsewhere else ""
    note(text + (f", and {'; '.join(unknown)}, whose time is not known beforehand" if unknown else ""))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _print(summary: "Summary") -> None:
    """Print the tables and what has to be read with them."""
    from rich.console import Console

    from spectralmamba.benchmarks.tables import class_table, in_columns, main_table, remarks
    from spectralmamba.cli.console import out, say

    console = out if out.is_terminal else Console(width=WIDE)
    _print_table(console, main_table(summary), summary.title)
    for part in in_columns(class_table(summary), console.width):
        _print_table(console, part, "producer's accuracy, %")
    for line in remarks(summary):
        say(line)


def _print_table(console: "Console", cells: list[list[str]], title: str) -> None:
    from rich.markup import escape
    from rich.table import Table

    head, *rows = [[escape(cell) for cell in row] for row in cells]
    table = Table(head[0], title=escape(title), title_justify="left")
    for column in head[1:]:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
