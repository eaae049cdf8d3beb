"""``spectralmamba figure``: pictures of benchmarks, one command each."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spectralmamba.cli.app import app

if TYPE_CHECKING:
    from spectralmamba.benchmarks.record import Benchmark

SUFFIXES = (".png", ".pdf", ".svg")

figure = typer.Typer(name="figure", help="Figures of benchmarks, from their folders of results.", no_args_is_help=True)
app.add_typer(figure)

Folders = Annotated[list[Path], typer.Argument(help="Folders of results that 'benchmark' wrote.", metavar="FOLDER...")]
Out = Annotated[Path, typer.Option(help="The figure: PNG, PDF or SVG by its suffix.")]
Models = Annotated[list[str] | None, typer.Option(help="Only this model of the benchmark; repeatable.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")]


@figure.command()
def radar(folders: Folders, out: Out, models: Models = None, overwrite: Overwrite = False) -> None:
    """Draw OA, parameters and MACs of each model as a polygon, outward the better."""
    from spectralmamba.reporting.comparison import figure_radar

    _draw(figure_radar, folders, out, models, overwrite=overwrite)


@figure.command("accuracy-macs")
def accuracy_macs(folders: Folders, out: Out, models: Models = None, overwrite: Overwrite = False) -> None:
    """Draw OA against MACs, a model's size as its marker's area, published figures hollow."""
    from spectralmamba.reporting.comparison import figure_accuracy_macs

    _draw(figure_accuracy_macs, folders, out, models, overwrite=overwrite)


@figure.command()
def classes(folders: Folders, out: Out, models: Models = None, overwrite: Overwrite = False) -> None:
    """Draw producer's accuracy of each class and model as bars."""
    from spectralmamba.reporting.comparison import figure_classes

    _draw(figure_classes, folders, out, models, overwrite=overwrite)


@figure.command()
def sweep(folders: Folders, out: Out, models: Models = None, overwrite: Overwrite = False) -> None:
    """Draw OA, parameters and MACs over R, for both layouts."""
    from spectralmamba.reporting.comparison import figure_sweep

    _draw(figure_sweep, folders, out, models, overwrite=overwrite)


@figure.command()
def ablation(
    folders: Folders,
    out: Out,
    table: Annotated[Path | None, typer.Option(help="The same as a table: .md or .csv.")] = None,
    models: Models = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw the table of GSSM, PSS and S6 on and off."""
    from spectralmamba.cli.console import note
    from spectralmamba.reporting.comparison.ablation import check_table, figure_ablation, write_ablation_table

    if table is not None:
        check_table(table)
        _check_free(table, overwrite=overwrite)
    benchmarks = _draw(figure_ablation, folders, out, models, overwrite=overwrite)
    if table is not None:
        write_ablation_table(benchmarks, table)
        note(f"wrote {table}")


@figure.command()
def panel(
    folder: Annotated[Path, typer.Argument(help="Folder of results of a benchmark that was run with --keep-runs.")],
    out: Out,
    models: Models = None,
    overwrite: Overwrite = False,
) -> None:
    """Draw a scene, training and test labels, and every model's map; takes the time of mapping the scene."""
    from spectralmamba.cli.console import progress
    from spectralmamba.reporting.comparison import figure_panel

    with progress("mapping") as advance:
        _draw(
            lambda ones, path: figure_panel(ones[0], path, on_map=advance), [folder], out, models, overwrite=overwrite
        )


def _draw(
    draw: "Callable[[Sequence[Benchmark], Path], None]",
    folders: Sequence[Path],
    out: Path,
    models: Sequence[str] | None,
    *,
    overwrite: bool,
) -> "list[Benchmark]":
    """Check the output, read the benchmarks, draw, and give what was read."""
    from spectralmamba.benchmarks.record import read_benchmark
    from spectralmamba.cli.console import note
    from spectralmamba.errors import OutputError

    if out.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"cannot draw {out}: figures are PNG, PDF or SVG; name a file that ends in .png, .pdf or .svg"
        )
    _check_free(out, overwrite=overwrite)
    benchmarks = [read_benchmark(folder) for folder in folders]
    if models:
        benchmarks = [benchmark.only(models) for benchmark in benchmarks]
    draw(benchmarks, out)
    note(f"wrote {out}")
    return benchmarks


def _check_free(path: Path, *, overwrite: bool) -> None:
    """Refuse a place that cannot be written, or that is taken."""
    from spectralmamba.errors import OutputError
    from spectralmamba.files import require_writable

    require_writable(path)
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; name a file in it")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} is there already; name another file or use --overwrite")
