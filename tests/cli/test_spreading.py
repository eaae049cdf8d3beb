"""Options of a dataclass become options of a command."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from spectralmamba.cli.spreading import spread


@dataclass(frozen=True)
class Size:
    width: Annotated[int, typer.Option(help="In pixels.")]
    height: Annotated[int, typer.Option(help="In pixels.")] = 3


@dataclass(frozen=True)
class Box(Size):
    depth: Annotated[list[int] | None, typer.Option()] = None


def command():
    app, seen = typer.Typer(), []

    @app.command()
    @spread
    def draw(name: Annotated[str, typer.Argument()], *, box: Box, loud: bool = False) -> None:
        """Draw a box."""
        seen.append((name, box, loud))

    return app, seen, draw


def test_a_group_arrives_whole():
    app, seen, _ = command()
    arguments = ["blue", "--width", "5", "--depth", "1", "--depth", "2", "--loud"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert seen == [("blue", Box(5, 3, [1, 2]), True)]


def test_the_signature_names_every_field_in_order():
    _, _, draw = command()
    parameters = inspect.signature(draw).parameters
    assert list(parameters) == ["name", "width", "height", "depth", "loud"]
    assert parameters["width"].default is inspect.Parameter.empty
    assert draw.__doc__ == "Draw a box."


@pytest.mark.parametrize("arguments", [["blue"], ["blue", "--width", "x"], ["blue", "--width", "5", "--box", "1"]])
def test_bad_options_are_refused(arguments):
    app, seen, _ = command()
    assert CliRunner().invoke(app, arguments).exit_code == 2
    assert not seen
