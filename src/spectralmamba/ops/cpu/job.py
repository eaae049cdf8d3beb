"""What a kernel is told: one record of integers, so that it is compiled once for every shape, layout and option."""

from typing import Any

import numpy as np
from numba import from_dtype
from numpy.typing import NDArray

STATES_AT_ONCE = 4
"""The kernels keep this many states in registers; N is padded to a multiple of it."""

_SEQUENCES = ("u", "delta", "z", "y", "grad_y", "grad_u", "grad_delta", "grad_z")  # (B, D, L)
_PROJECTIONS = ("B", "C")

FIELDS = (
    # Sharing the work: threads number themselves by `tickets`, and take `grain` items at a time from 0..items − 1.
    *("tickets", "counter", "items", "grain", "workspace", "workspace_size"),
    *("batch", "dim", "length", "states", "softplus"),
    # A block is up to 16 channels, one a lane. Channels come in segments within which B and C do not change group.
    *("segment", "blocks_per_segment", "blocks"),
    # Addresses, 0 where a tensor is not given, and distances in bytes.
    *(f"{name}{part}" for name in _SEQUENCES for part in ("", "_batch", "_lane", "_step")),
    *(f"{name}{part}" for name in _PROJECTIONS for part in ("", "_batch", "_group", "_lane", "_state", "_step")),
    # Whether B or C is constant (D, N); how many channels share it otherwise.
    *(f"{name}{part}" for name in _PROJECTIONS for part in ("_fixed", "_channels")),
    *("A", "D", "delta_bias", "last_state", "grad_last_state"),  # contiguous, N padded
    # Backward: an item is `sequences` sequences in each of `span` blocks; every sequence has `spans` spans.
    *("sequences", "span", "spans", "partials", "partial_rows"),
    *(f"grad_{name}{part}" for name in _PROJECTIONS for part in ("", "_span", "_batch", "_group")),
)

JOB = np.dtype([(name, np.int64) for name in FIELDS])
job_type = from_dtype(JOB)

Job = Any  # a record of type JOB; in compiled code its fields are attributes


def make_job(values: dict[str, int]) -> NDArray[np.void]:
    """Make the record; fields not named are 0."""
    return np.array([tuple(values.get(name, 0) for name in FIELDS)], JOB)
