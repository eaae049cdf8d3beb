"""Memory for results and for the threads' workspaces."""

import ctypes
import mmap
import sys
from functools import cache
from threading import local
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spectralmamba.ops.cpu.simd import BYTES

HUGE_PAGE = 2 * 1024 * 1024
LARGE = 2 * HUGE_PAGE
"""From this size on a result asks for huge pages.

A large tensor is fresh memory, which the system clears at the first touch of each page. Measured: filling 40 MB takes
1 ms in memory used before, 16 ms in fresh pages of 4 KiB and 3 ms in huge ones; the scan itself takes 6 ms for 26 MB.
"""

_arenas = local()


def empty(*shape: int) -> Tensor:
    """Make a contiguous float32 tensor that will be written as a whole."""
    tensor = torch.empty(*shape)
    size = tensor.numel() * tensor.element_size()
    if size >= LARGE:
        first, last = -(-tensor.data_ptr() // HUGE_PAGE), (tensor.data_ptr() + size) // HUGE_PAGE
        _advise(first * HUGE_PAGE, (last - first) * HUGE_PAGE)
    return tensor


def workspace(size: int) -> int:
    """Address of ``size`` bytes, aligned to a vector, that the calling thread keeps for its next call."""
    arena: NDArray[np.uint8] | None = getattr(_arenas, "arena", None)
    if arena is None or arena.size < size + BYTES:
        arena = _arenas.arena = np.empty(size + BYTES, np.uint8)
    return -(-arena.ctypes.data // BYTES) * BYTES


def _advise(place: int, size: int) -> None:
    """Ask for huge pages; a system that knows none, or says no, changes nothing."""
    madvise = _madvise()
    if madvise is not None and size > 0:
        madvise(place, size, mmap.MADV_HUGEPAGE)


@cache
def _madvise() -> Any:  # noqa: ANN401 - a foreign function
    if sys.platform != "linux":
        return None
    function = ctypes.CDLL(None).madvise
    function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int], ctypes.c_int
    return function
