"""Reaching a Dask cluster: one that runs already, or a local one of this process's own."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from spectralmamba.errors import BackendError, ConfigError

ANSWER_SECONDS = 10.0
"""How long a scheduler may take to answer."""

_LOGGERS = ("distributed", "tornado", "asyncio")


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
        Dask's distributed is not installed, or no scheduler answers.
    """
    require_one(scheduler, workers)
    distributed = import_distributed()
    with quiet_dask():
        if scheduler is None:
            # What a worker takes is bounded by the tile. A limit, by default a share of the machine's memory, would
            # make Dask pause workers on machines of many cores.
            with (
                distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,
                ) as cluster,
                distributed.Client(cluster) as client,
            ):
                yield client
        else:
            with _connect(distributed, scheduler) as client:
                yield client


def require_one(scheduler: str | None, workers: int | None) -> None:
    """Refuse both, neither, and no workers.

    Raises
    ------
    ConfigError
    """
    if scheduler is not None and workers is not None:
        raise ConfigError("--scheduler and --workers contradict each other; give one of them")
    if scheduler is None and (workers is None or workers < 1):
        raise ConfigError(f"{workers} workers compute nothing; give at least 1, or the address of a scheduler")


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
    try:
        return distributed.Client(scheduler, timeout=ANSWER_SECONDS)
    except (OSError, ValueError, ImportError) as error:  # TimeoutError is an OSError; ImportError: a protocol's library
        raise BackendError(f"no Dask scheduler answers at {scheduler}; check the address") from error


@contextmanager
def quiet_dask() -> Iterator[None]:
    """Keep Dask from logging what comes back as one of our errors, or mends itself; with debugging on it may."""
    if logging.getLogger().isEnabledFor(logging.DEBUG):
        yield
        return
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
