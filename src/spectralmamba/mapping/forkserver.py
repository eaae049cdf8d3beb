"""Worker processes that fork from one which has loaded the libraries, rather than loading them each for itself.

Imports little, so that the server can load while the caller does.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

MODULES = (
    "distributed.nanny",
    "distributed.worker",
    "spectralmamba.mapping.local_worker",
    "spectralmamba.mapping.workers",
    "spectralmamba.models.shipped",
    "spectralmamba.models.inference.dense",
)
"""What a worker that computes maps loads, directly or not. One that is not there is passed over."""

_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1") | {
    "PYTHONSAFEPATH": "1"  # else a file of the user's, such as token.py in the current folder, passes for a library
}
"""Of the process that loads the libraries, which read it then."""

_READY = "spectralmamba.mapping.interruptible"


def start_forkserver(*modules: str) -> bool:
    """Begin to load what workers need in a process that they then fork from; returns at once.

    That process computes nothing and has one thread, so that a fork of it is whole. One that runs already is left as
    it is.

    Parameters
    ----------
    *modules : str
        Further modules to load: what the caller's main module imports, since each worker imports that too.

    Returns
    -------
    bool
        False where processes cannot be made so: elsewhere than on Linux, since libraries of other systems do not
        expect it.
    """
    if sys.platform != "linux":
        return False
    from multiprocessing import forkserver, resource_tracker  # noqa: PLC0415 - not there on every system

    multiprocessing.get_context("forkserver").set_forkserver_preload([*MODULES, *modules, _READY])
    resource_tracker.ensure_running()  # else it is started next, and unblocks the signal
    with _environment(_ENVIRONMENT), _deaf_to_interrupts():
        forkserver.ensure_running()
    return True


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C, in processes that are started meanwhile too; here it comes when the block ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
