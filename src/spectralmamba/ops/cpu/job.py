"""What a kernel is told: one record of integers, so that it is compiled once for every shape, layout and option."""

from typing import Any

import numpy as np
from numba import from_dtype

STATES_AT_ONCE = 4
"""The scan keeps this many states in registers; N is padded to a multiple of it."""

# Addresses are 0 where a tensor is not given; distances are in bytes.
_SHARED = (
    # Threads share the work by three counters, COUNTERS_APART bytes apart: they number themselves, take `grain` items
    # at a time from 0..items − 1, and count those that are done.
    *("counters", "items", "grain", "workspace", "workspace_size"),
    # A block is up to 16 channels, one a lane.
    *("batch", "dim", "length", "blocks"),
    # Backward: an item is `sequences` sequences in each of `span` blocks; every sequence has `spans` spans. What all
    # sequences share is summed in partials, (chunks of sequences, blocks, partial_rows) vectors.
    *("sequences", "span", "spans", "chunks", "partials", "partial_rows"),
)

COUNTERS_APART = 128
"""Two cache lines: processors fetch them in pairs, and threads would wait for each other's."""


def _sequences(*names: str) -> tuple[str, ...]:
    """Where each (B, D, L) is."""
    return tuple(f"{name}{part}" for name in names for part in ("", "_batch", "_lane", "_step"))


_PROJECTIONS = ("B", "C")

SCAN_FIELDS = (
    *_SHARED,
    *_sequences("u", "delta", "z", "y", "grad_y", "grad_u", "grad_delta", "grad_z"),
    # Channels come in segments within which neither B nor C changes group. N is padded, and n_states as it was given.
    *("states", "n_states", "softplus", "segment", "blocks_per_segment"),
    *(f"{name}{part}" for name in _PROJECTIONS for part in ("", "_batch", "_group", "_lane", "_state", "_step")),
    # Whether B or C is constant (D, N); how many channels share it otherwise.
    *(f"{name}{part}" for name in _PROJECTIONS for part in ("_fixed", "_channels")),
    *("A", "D", "delta_bias", "last_state", "grad_last_state"),  # contiguous, N padded
    # (spans, B, G, L, N padded) where B or C varies, states contiguous; else (D, N).
    *(f"grad_{name}{part}" for name in _PROJECTIONS for part in ("", "_span", "_batch", "_group", "_step")),
    *("grad_A", "grad_D", "grad_delta_bias"),  # (D, N), (D,), (D,)
)

CONVOLUTION_FIELDS = (
    *_SHARED,
    *_sequences("u", "y", "grad_y", "grad_u"),
    *("taps", "weight", "bias", "silu", "grad_weight", "grad_bias"),  # weight (D, taps)
)


def _record(fields: tuple[str, ...]) -> Any:  # noqa: ANN401 - a type of Numba
    return from_dtype(np.dtype([(name, np.int64) for name in fields]))


scan_job, convolution_job = _record(SCAN_FIELDS), _record(CONVOLUTION_FIELDS)

Job = Any  # a record of one of these types; in compiled code its fields are attributes
