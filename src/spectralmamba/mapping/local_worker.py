"""What Dask runs in each worker process that :func:`spectralmamba.mapping.cluster.open_client` starts."""

import signal
from threading import current_thread, main_thread
from typing import Any


def dask_setup(worker: Any) -> None:  # noqa: ANN401, ARG001 - as Dask calls it
    """Leave Ctrl-C, which reaches all processes of a terminal, to the one that started the worker and will end it."""
    if current_thread() is main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
