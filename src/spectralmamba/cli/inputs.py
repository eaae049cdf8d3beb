"""Outputs named on the command line that spare the inputs."""

from collections.abc import Sequence
from pathlib import Path

from spectralmamba.errors import OutputError


def keep_inputs(targets: Sequence[Path], run: Path, inputs: Sequence[Path]) -> None:
    """Refuse outputs that would take the place of an input, lie in the run, or join the tiles of a folder.

    Raises
    ------
    OutputError
        An output is one of these.
    """
    for target in (path.resolve() for path in targets):
        if run.resolve() in (target, *target.parents):
            raise OutputError(f"cannot write {target}: it lies in the run {run}; name another place")
        for source in (path.resolve() for path in inputs):
            if target == source or (source.is_dir() and target.parent == source):
                raise OutputError(f"cannot write {target}: it is, or lies among, what is read; name another place")
