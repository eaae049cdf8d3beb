"""Workers of which each computes alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import RLock

import torch

_THREADS = RLock()


@contextmanager
def threads_of_one() -> Iterator[ThreadPoolExecutor]:
    """As many workers as PyTorch has threads, each with one of its own: parallel across blocks, never inside one."""
    # PyTorch's number of threads belongs to the process; two callers at once could leave it changed.
    with _THREADS:
        threads = torch.get_num_threads()
        try:
            with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
                yield pool
        finally:
            torch.set_num_threads(threads)
