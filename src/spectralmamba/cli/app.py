"""The Typer program that every command adds itself to."""

from typing import Annotated

import typer

from spectralmamba import __version__

app = typer.Typer(
    name="spectralmamba",
    help="Hyperspectral image classification: from a scene and labels to an honest accuracy and a map.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"spectralmamba {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Hyperspectral image classification: from a scene and labels to an honest accuracy and a map."""
