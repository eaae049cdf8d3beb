"""Dask clusters on the command line: ``--scheduler ADDRESS`` and ``--workers N``."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spectralmamba.errors import ConfigError

if TYPE_CHECKING:
    from spectralmamba.mapping.schedule import Schedule

Scheduler = Annotated[str | None, typer.Option(help="Address of a Dask scheduler to run on.", metavar="ADDRESS")]
Workers = Annotated[int | None, typer.Option(help="Run in this many processes on this machine.", min=1, metavar="N")]


def check_options(scheduler: str | None, workers: int | None, *, half: bool = False) -> None:
    """Refuse options that contradict each other.

    Raises
    ------
    ConfigError
    """
    if scheduler is not None and workers is not None:
        raise ConfigError("--scheduler and --workers contradict each other; give one of them")
    if half and (scheduler is not None or workers is not None):
        raise ConfigError("--half goes with one process, not with --scheduler or --workers; leave it out")


def begin_to_load(workers: int | None) -> None:
    """Let a process beside this one load what workers of this machine will need, where there are to be any."""
    if workers is not None:
        from spectralmamba.mapping.forkserver import start_forkserver

        start_forkserver("spectralmamba.cli.main")


@contextmanager
def cluster_client(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    """Connect to a Dask cluster, or start one here; None for neither.

    Raises
    ------
    ConfigError, BackendError
        See :func:`spectralmamba.mapping.cluster.open_client`.
    """
    if scheduler is None and workers is None:
        yield None
        return
    from spectralmamba.mapping.cluster import open_client, quiet_dask

    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        quiet_dask()
    with open_client(scheduler, workers) as client:
        yield client


@contextmanager
def schedule_on(scheduler: str | None, workers: int | None, run: Path, device: str) -> "Iterator[Schedule]":
    """Let tiles be computed by a run's model on a cluster; in this process where none is asked for.

    Raises
    ------
    ConfigError, BackendError
        As above.
    """
    from spectralmamba.cli.console import note
    from spectralmamba.mapping.schedule import overlapped

    with cluster_client(scheduler, workers) as client:
        if client is None:
            yield overlapped
            return
        from spectralmamba.mapping.distributed import OnCluster
        from spectralmamba.models.shipped import ShippedModel

        with OnCluster(client, ShippedModel.read(run, device)) as schedule:
            yield schedule
        note(f"computed by {schedule.workers} {'worker' if schedule.workers == 1 else 'workers'} of Dask")
