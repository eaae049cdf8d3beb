"""The program ``spectralmamba``: commands, and the one place that turns errors into a line and an exit code."""

import logging
import sys
import traceback
from collections.abc import Sequence

from spectralmamba.cli import benchmark, count, datasets, demo, doctor, evaluate, figure, info, map, train  # noqa: A004, F401 - they join the program
from spectralmamba.cli.app import app
from spectralmamba.errors import SpectralMambaError

BAD_INPUT, DEFECT, INTERRUPTED = 2, 1, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit: 0 on success, 2 on bad input with one line that says what to do."""
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))


def run(arguments: list[str]) -> int:
    """Run the program and return its exit code."""
    # `--debug` is wanted when a command has just failed, so it is taken wherever it was added.
    debug = "--debug" in arguments
    arguments = _spread_pairs([a for a in arguments if a != "--debug"])
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Ours alone: Numba, compiling, tells millions of lines at this level.
    logging.getLogger("spectralmamba").setLevel(logging.DEBUG if debug else logging.NOTSET)
    for name in () if debug else ("rasterio", "fiona", "pyogrio", "matplotlib"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters of theirs comes back as one of our errors
    try:
        code = app(arguments, standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - each becomes a line and an exit code
        if debug:
            traceback.print_exception(error)
        return _report(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _report(error: Exception) -> int:
    """Print one line about an error and choose the exit code."""
    from spectralmamba.cli.console import fail

    if isinstance(error, SpectralMambaError):
        fail(str(error))
        return error.exit_code
    if hasattr(error, "format_message"):  # Click's own: an unknown option, a missing argument
        if not error.format_message():  # no command: the help was printed
            return BAD_INPUT
        fail(f"{error.format_message()} Try 'spectralmamba --help'.")
        return BAD_INPUT
    if isinstance(error, OSError):
        fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}; check the path and the disk")
        return BAD_INPUT
    if isinstance(error, MemoryError):
        fail("out of memory; use a smaller scene, --tile or --batch-size")
        return BAD_INPUT
    fail(f"internal error ({type(error).__name__}: {error}); please report it with the output of --debug")
    return DEFECT


def _spread_pairs(arguments: list[str]) -> list[str]:
    """Turn ``--pair SCENE LABELS`` into ``--pair SCENE --pair LABELS``, since Typer's lists take one value each."""
    spread: list[str] = []
    for i, argument in enumerate(arguments):
        if i >= 2 and arguments[i - 2] == "--pair" and not argument.startswith("-"):
            spread.append("--pair")
        spread.append(argument)
    return spread
