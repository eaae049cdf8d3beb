"""What a kernel is told: one record of integers, so that it is compiled once for every shape, layout and option."""

from typing import Any

import numpy as np
from numba import from_dtype
from numpy.typing import NDArray

STATES_AT_ONCE = 4
"""The scan keeps this many states in registers; N is padded to a multiple of it."""

# Addresses are 0 where a tensor is not given; distances are in bytes.
_SHARED = (
    # Sharing the work: threads number themselves by `tickets`, and take `grain` items at a time from 0..items − 1.
    *("tickets", "counter", "items", "grain", "workspace", "workspace_size"),
    # A block is up to 16 channels, one a lane.
    *("batch", "dim", "length", "blocks"),
    # Backward: an item is `sequences` sequences in each of `span` blocks; every sequence has `spans` spans. What all
    # sequences share is summed in partials, (items of sequences, blocks, partial_rows) vectors.
    *("sequences", "span", "spans", "partials", "partial_rows"),
)


def _sequences(*names: str) -> tuple[str, ...]:
    """Where each (B, D, L) is."""
    return tuple(f"{name}{part}" for name in names for part in ("", "_batch", "_lane", "_step"))


_PROJECTIONS = ("B", "C")

SCAN = np.dtype(
    [
        (name, np.int64)
        for name in (
            *_SHARED,
            *_sequences("u", "delta", "z", "y", "grad_y", "grad_u", "grad_delta", "grad_z"),
            # Channels come in segments within which neither B nor C changes group.
            *("states", "softplus", "segment", "blocks_per_segment"),
            *(f"{name}{part}" for name in _PROJECTIONS for part in ("", "_batch", "_group", "_lane", "_state", "_step")),
            # Whether B or C is constant (D, N); how many channels share it otherwise.
            *(f"{name}{part}" for name in _PROJECTIONS for part in ("_fixed", "_channels")),
            *("A", "D", "delta_bias", "last_state", "grad_last_state"),  # contiguous, N padded
            *(f"grad_{name}{part}" for name in _PROJECTIONS for part in ("", "_span", "_batch", "_group")),
        )
    ]
)

CONVOLUTION = np.dtype(
    [
        (name, np.int64)
        for name in (
            *_SHARED,
            *_sequences("u", "y", "grad_y", "grad_u"),
            *("taps", "weight", "bias", "silu"),  # weight (D, taps), contiguous
        )
    ]
)

scan_job, convolution_job = from_dtype(SCAN), from_dtype(CONVOLUTION)

Job = Any  # a record of one of these types; in compiled code its fields are attributes


def make_job(kind: "np.dtype[np.void]", values: dict[str, int]) -> NDArray[np.int64]:
    """Make a record; fields not named are 0.

    Raises
    ------
    KeyError
        A value that this kind has no field for.
    """
    record = _ZEROS[kind] | values  # in the order of the fields
    if len(record) != len(kind.names or ()):
        raise KeyError(f"a job has no field {sorted(set(record) - set(_ZEROS[kind]))}")
    return np.array(list(record.values()), np.int64)


_ZEROS = {kind: dict.fromkeys(kind.names or (), 0) for kind in (SCAN, CONVOLUTION)}
