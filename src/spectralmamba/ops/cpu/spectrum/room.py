"""Where a thread keeps the sixteen pixels that it works on."""

from typing import Any, NamedTuple

from spectralmamba.ops.cpu.functions import inlined
from spectralmamba.ops.cpu.simd import BYTES, LANES


class Room(NamedTuple):
    """Addresses, distances of two steps in bytes, and the end. A vector holds one number of each of sixteen pixels.

    Distances are odd numbers of vectors, since rows at a distance of whole 4 KiB would compete for cache lines.
    """

    spectrum: int  # as it came: (C,)
    whitened: int  # (L · R,), where it is whitened
    tokens: int  # (T, dim) for T steps of a chunk
    normed: int  # (T, dim)
    uz: int  # (K − 1 + T, 2 · inner): u after the last steps of the chunk before, and z
    u: int  # (T, inner): u after the convolution, then the gated answer
    parameters: int  # (T, 2 · N + rank): B, C, and the low rank of Δ
    raw: int  # (T, inner): Δ before softplus
    delta: int  # (T,): Δ of one channel
    drive: int  # (T,): Δ u
    y: int  # (T,)
    history: int  # (depth, K − 1, inner): what the convolution of the next chunk needs of u
    states: int  # (depth, inner, N): h
    pooled: int  # (dim,)
    logits: int  # (K,), in whole vectors' numbers of classes
    token_row: int
    uz_row: int
    u_row: int
    parameter_row: int
    end: int


@inlined
def arrange(base: int, job: Any) -> Room:  # noqa: ANN401 - a job, or in Python anything with its fields
    """Lay the room out from an address on. Python runs it too, to know the size."""
    bands = (max(job.bands, job.length * job.piece) + LANES) // LANES * LANES + LANES
    dim, inner = (job.dim + 3) // 4 * 4, (job.inner + 3) // 4 * 4
    token_row, uz_row, u_row = BYTES * (dim | 1), BYTES * (2 * inner | 1), BYTES * (inner | 1)
    parameter_row = BYTES * ((2 * job.states + (job.rank + 3) // 4 * 4) | 1)
    whitened = base + BYTES * bands
    tokens = whitened + BYTES * bands
    normed = tokens + token_row * job.chunk
    uz = normed + token_row * job.chunk
    u = uz + uz_row * (job.taps - 1 + job.chunk)
    parameters = u + u_row * job.chunk
    raw = parameters + parameter_row * job.chunk
    delta = raw + u_row * job.chunk
    drive = delta + BYTES * job.chunk
    y = drive + BYTES * job.chunk
    history = y + BYTES * job.chunk
    states = history + BYTES * inner * (job.taps - 1) * job.depth
    pooled = states + BYTES * job.inner * job.states * job.depth
    logits = pooled + BYTES * dim
    end = logits + BYTES * ((job.classes + LANES - 1) // LANES * LANES)
    return Room(
        base, whitened, tokens, normed, uz, u, parameters, raw, delta, drive, y, history, states, pooled, logits,
        token_row, uz_row, u_row, parameter_row, end,
    )  # fmt: skip
