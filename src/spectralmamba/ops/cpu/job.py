"""What a kernel is told: one record of integers, so that it is compiled once for every shape, layout and option."""

from typing import Any

import numpy as np
from numba import from_dtype

STATES_AT_ONCE = 4
"""The scan keeps this many states in registers; N is padded to a multiple of it by copies of the last state."""

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


def _tensors(names: tuple[str, ...], *parts: str) -> tuple[str, ...]:
    """Where tensors are: the address of each, and distances in it."""
    return tuple(f"{name}.{part}" for name in names for part in ("place", *parts))


def _sequences(*names: str) -> tuple[str, ...]:
    """Where each (B, D, L) is."""
    return _tensors(names, "batch", "lane", "step")


SCAN_FIELDS = (
    *_SHARED,
    *_sequences("u", "delta", "z", "y", "grad_y", "grad_u", "grad_delta", "grad_z"),
    # Channels come in segments within which neither B nor C changes group. N is padded, and n_states as it was given.
    *("states", "n_states", "softplus", "segment", "blocks_per_segment"),
    # `fixed`: whether B or C is constant (D, N); `channels`: how many share it otherwise.
    *_tensors(("B", "C"), "batch", "group", "lane", "state", "step", "fixed", "channels"),
    *("A", "D", "delta_bias", "last_state", "grad_last_state"),  # contiguous, N padded
    # (spans, B, G, L, N padded) where B or C varies, states contiguous; else (D, N).
    *_tensors(("grad_B", "grad_C"), "span", "batch", "group", "step"),
    *("grad_A", "grad_D", "grad_delta_bias"),  # (D, N), (D,), (D,)
)

CONVOLUTION_FIELDS = (
    *_SHARED,
    *_sequences("u", "y", "grad_y", "grad_u"),
    *("taps", "weight", "bias", "silu", "grad_weight", "grad_bias"),  # weight (D, taps)
)


def _record(fields: tuple[str, ...]) -> Any:  # noqa: ANN401 - a type of Numba
    """The record type of fields, those of a tensor as a record in it: ``u.lane`` is the lane of u."""
    members: dict[str, list[str]] = {}
    for field in fields:
        name, *part = field.split(".")
        members.setdefault(name, []).extend(part)
    long = np.int64
    return from_dtype(
        np.dtype([(name, [(p, long) for p in parts] if parts else long) for name, parts in members.items()])
    )


scan_job, convolution_job = _record(SCAN_FIELDS), _record(CONVOLUTION_FIELDS)

Job = Any  # a record of one of these types; in compiled code its fields are attributes
Place = Any  # of a tensor, a record in a job
