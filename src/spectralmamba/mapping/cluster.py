"""Reaching a Dask cluster: one that runs already, or a local one of this process's own."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from spectralmamba.errors import BackendError, ClusterError, ConfigError
from spectralmamba.mapping.forkserver import start_forkserver

ANSWER_SECONDS = 10.0
"""How long a scheduler may take to answer."""

_LOGGERS = ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio")


@contextmanager
def open_client(scheduler: str | None = None, workers: int | None = None) -> Iterator[Any]:
    """Connect to a running cluster, or start one on this machine, for the length of a ``with`` block.

    Parameters
    ----------
    scheduler : str, optional
        Address of a running scheduler, such as ``tcp://10.0.0.1:8786``.
    workers : int, optional
        Start so many worker processes of one thread each, in place of that.

    Yields
    ------
    distributed.Client

    Raises
    ------
    ConfigError
        Not exactly one of the two is given, or there are to be no workers.
    BackendError
        Dask's distributed is not installed.
    ClusterError
        No scheduler answers, or processes cannot be started here.
    """
    if (scheduler is None) == (workers is None):
        raise ConfigError("give either the address of a scheduler or a number of workers")
    if workers is not None and workers < 1:
        raise ConfigError(f"{workers} workers compute nothing; give at least 1")
    forking = workers is not None and start_forkserver()
    distributed = import_distributed()
    if scheduler is not None:
        with _connect(distributed, scheduler) as client:
            yield client
        return
    # Kept while the workers live: one that is lost is started again.
    method = {"distributed.worker.multiprocessing-method": "forkserver"} if forking else {}
    with (
        import_module("dask").config.set(method),
        _start_workers(distributed, workers) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def _start_workers(distributed: Any, workers: int | None) -> Any:  # noqa: ANN401
    # What a worker takes is bounded by the tile. A limit, by default a share of the machine's memory, would make Dask
    # pause workers on machines of many cores.
    try:
        return distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address="127.0.0.1:0",  # its own port would be taken by another cluster
            silence_logs=logging.CRITICAL,
            preload=["spectralmamba.mapping.local_worker"],
        )
    except (OSError, RuntimeError) as error:  # of a machine that forbids it, or in a process that may have no others
        reason: BaseException = error
        while (earlier := reason.__cause__ or reason.__context__) is not None:  # Dask's own says that it failed
            reason = earlier
        raise ClusterError(
            f"worker processes cannot be started here ({reason}); compute without them, or, in a script, start them "
            "under if __name__ == '__main__':"
        ) from error


def import_distributed() -> Any:  # noqa: ANN401 - Dask is typed in part, and an extra
    """Import ``distributed``.

    Raises
    ------
    BackendError
        It is not installed.
    """
    try:
        return import_module("distributed")
    except ImportError as error:
        raise BackendError("Dask's distributed is not installed; pip install 'spectralmamba[distributed]'") from error


def _connect(distributed: Any, scheduler: str) -> Any:  # noqa: ANN401
    # A client that finds nobody leaves a trail of tracebacks behind it, so it is asked first whether anybody is there.
    # In a thread, since a notebook has an event loop of its own.
    try:
        with ThreadPoolExecutor(1) as pool:
            kind = pool.submit(asyncio.run, _ask_kind(distributed, scheduler)).result()
    except (OSError, ValueError, TypeError, ImportError) as error:  # the last three of addresses that are none
        raise ClusterError(f"no Dask scheduler answers at {scheduler}; check the address") from error
    if kind != "Scheduler":
        raise ClusterError(f"what answers at {scheduler} is a Dask {kind.lower()}; give its scheduler's address")
    return distributed.Client(scheduler, timeout=ANSWER_SECONDS)


async def _ask_kind(distributed: Any, address: str) -> str:  # noqa: ANN401
    arguments = distributed.Security().get_connection_args("client")
    async with asyncio.timeout(ANSWER_SECONDS), distributed.rpc(address, connection_args=arguments) as remote:
        return str((await remote.identity())["type"])


def quiet_dask() -> None:
    """Keep Dask from logging, from now on, what comes back as one of our errors or mends itself."""
    import_distributed()  # which sets the levels of its own
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
