"""Running a kernel on several threads without a second pool of threads.

PyTorch computes on OpenMP's threads, which spin for some milliseconds after each operation, waiting for the next. A
pool of our own would have to compete with them for the cores at each change between an operation of PyTorch and a
scan. So the kernels run on PyTorch's: in the very OpenMP library that it is linked to, by the entry that compilers
emit for a parallel region (``GOMP_parallel``, part of GCC's binary interface, which LLVM's and Intel's libraries have
too). Where it cannot be found, they run on plain Python threads, for kernels need no interpreter; and also in a process
that was forked from one that has used them, since OpenMP's threads do not exist there and GCC's library waits for them.
"""

import ctypes
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import torch

Run = Callable[[int, int, int], None]

_PROCESS = os.getpid()

_LIBRARIES = ("libtorch_cpu.so", "libtorch_cpu.dylib")


def run(kernel: int, job: int, n_threads: int) -> None:
    """Run a kernel to its end.

    Parameters
    ----------
    kernel : int
        Address of a ``void (*)(void *)`` that several threads may call with the same job, among which it shares work.
    job : int
        Address of the job.
    n_threads : int
        How many call it.
    """
    if n_threads == 1:
        _kernel_at(kernel)(job)
    else:
        (_run_on_openmp if _openmp() is not None else _run_on_python_threads)(kernel, job, n_threads)


def describe() -> str:
    """Say which threads the kernels run on."""
    if _openmp() is not None:
        return f"PyTorch's own {torch.get_num_threads()} threads (OpenMP)"
    return f"{torch.get_num_threads()} Python threads"


def _run_on_openmp(kernel: int, job: int, n_threads: int) -> None:
    parallel = _openmp()
    assert parallel is not None  # noqa: S101 - asked before
    parallel(kernel, job, n_threads, 0)


def _run_on_python_threads(kernel: int, job: int, n_threads: int) -> None:
    call = _kernel_at(kernel)
    with ThreadPoolExecutor(n_threads - 1) as pool:
        others = [pool.submit(call, job) for _ in range(n_threads - 1)]
        call(job)
        for other in others:
            other.result()


@cache
def _kernel_at(address: int) -> Callable[[int], None]:
    # A foreign function releases Python's lock while it runs.
    return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)


def _openmp() -> Callable[[int, int, int, int], None] | None:
    """GOMP_parallel(kernel, job, threads, flags) of the library that PyTorch uses; None where it cannot be used."""
    return _parallel_region() if os.getpid() == _PROCESS else None


@cache
def _parallel_region() -> Callable[[int, int, int, int], None] | None:
    for name in _LIBRARIES:
        path = Path(torch.__file__).parent / "lib" / name
        if path.exists():
            try:
                # Not loaded anew; looking a name up in it also searches what it is linked to, in its own order.
                library = ctypes.CDLL(str(path), mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
                parallel = library.GOMP_parallel
            except (OSError, AttributeError):
                continue
            parallel.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
            parallel.restype = None
            return parallel
    return None
