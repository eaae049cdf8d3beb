"""Where one thread keeps what it works on: tables made once a call, and the vectors of the block in hand."""

from typing import Any, NamedTuple

import numpy as np

from spectralmamba.ops.cpu.functions import LOG2_E, as_python, compiled, inlined
from spectralmamba.ops.cpu.job import STATES_AT_ONCE, Job
from spectralmamba.ops.cpu.simd import BYTES, LANES, fetch_add, read, read_int, write, write_int

FLOAT, LONG = 4, 8  # bytes

MAX_STEPS = 64
"""Longer sequences are worked on in chunks of at most so many steps, which fit the first-level cache."""

SPARE_ROWS = 5
"""Vectors between two arrays of a chunk: at a distance of whole 4 KiB their rows would compete for cache lines."""

_BLOCK_INTS = 4

LARGEST = float(np.finfo(np.float32).max)


class Workspace(NamedTuple):
    """Addresses in a thread's workspace, and its end. Sizes in vectors: n blocks, N states, T steps of a chunk."""

    # Tables, the same for every sequence.
    places: int  # (n,) of four int64: first channel, channels, offset of its group in B and in C
    rates: int  # (n, N): A · log₂e
    steepest: int  # (n,): largest |rate|
    skip: int  # (n,): D
    bias: int  # (n,): delta_bias
    fixed_B: int  # (n, N) where B is constant
    fixed_C: int  # (n, N) where C is constant
    # The block in hand.
    state: int  # (N,): h
    raw: int  # (T,): delta + bias
    delta: int  # (T,): Δ
    u: int  # (T,)
    drive: int  # (T,): Δ u
    y: int  # (T,)
    z: int  # (T,)
    # The same in the backward pass.
    grad: int  # (T,): gradient of y before the gate
    through_B: int  # (T,): Σ over the states of dh · B
    through_A: int  # (T,): Σ over the states of dh · Ā h · rate
    slope: int  # (N,): gradient of h, carried back
    decays: int  # (T, 4): Ā of the four states in hand
    carried: int  # (T, 4): Ā h of the step before, likewise
    starts: int  # (chunks, N): h before each chunk
    end: int


class Block(NamedTuple):
    """Which channels a block is."""

    number: int
    channel: int  # of the first lane
    width: int  # lanes that are channels
    group_B: int  # distance of its group in B, in bytes
    group_C: int


@inlined
def chunk_steps(length: int) -> int:
    """T: steps in a chunk, a multiple of 16, so that the chunks are about as long as each other."""
    n_chunks = max(1, (length + MAX_STEPS - 1) // MAX_STEPS)
    return max(1, (length + n_chunks * LANES - 1) // (n_chunks * LANES)) * LANES


@inlined
def arrange(
    base: int, blocks: int, states: int, length: int, chunk: int, fixed_B: int, fixed_C: int, backward: bool
) -> Workspace:
    """Lay a workspace out from an address on. Python runs it too, to know the size: it calls nothing compiled."""
    row, table, steps = BYTES * states, BYTES * states * blocks, BYTES * (chunk + SPARE_ROWS)
    rates = base + BYTES * blocks
    steepest = rates + table
    skip, bias = steepest + BYTES * blocks, steepest + 2 * BYTES * blocks
    B = bias + BYTES * blocks
    C = B + table * fixed_B
    state = C + table * fixed_C
    raw = state + row
    delta, u, drive, y, z = raw + steps, raw + 2 * steps, raw + 3 * steps, raw + 4 * steps, raw + 5 * steps
    grad = z + steps
    through_B, through_A, slope = grad + steps, grad + 2 * steps, grad + 3 * steps
    decays = slope + row
    carried = decays + STATES_AT_ONCE * steps
    starts = carried + STATES_AT_ONCE * steps
    end = starts + row * ((length + chunk - 1) // chunk) if backward else grad
    return Workspace(
        base, rates, steepest, skip, bias, B, C, state, raw, delta, u, drive, y, z,
        grad, through_B, through_A, slope, decays, carried, starts, end,
    )  # fmt: skip


def needed(blocks: int, states: int, length: int, fixed_B: int, fixed_C: int, *, backward: bool) -> int:
    """Bytes of workspace that a thread needs."""
    # As Python's: the compiled functions have no way in from the interpreter.
    chunk = as_python(chunk_steps)(length)
    return as_python(arrange)(0, blocks, states, length, chunk, fixed_B, fixed_C, backward).end


@inlined
def my_workspace(job: Job, backward: bool) -> Workspace:
    """Give the calling thread a workspace of its own, its tables filled."""
    base = job.workspace + fetch_add(job.counters, 1) * job.workspace_size
    w = arrange(base, job.blocks, job.states, job.length, chunk_steps(job.length), job.B.fixed, job.C.fixed, backward)
    for block in range(job.blocks):
        _fill_places(job, w, block)
        for lane in range(LANES):
            _fill_lane(job, w, block, lane)
    return w


@inlined
def block_of(w: Workspace, number: int) -> Block:
    """Look a block up."""
    place = w.places + LONG * _BLOCK_INTS * number
    return Block(number, read_int(place), read_int(place + 8), read_int(place + 16), read_int(place + 24))


@inlined
def _fill_places(job: Job, w: Workspace, block: int) -> None:
    segment, first = block // job.blocks_per_segment, LANES * (block % job.blocks_per_segment)
    channel, place = segment * job.segment + first, w.places + LONG * _BLOCK_INTS * block
    write_int(place, channel)
    write_int(place + 8, min(LANES, job.segment - first))
    write_int(place + 16, channel // job.B.channels * job.B.group)
    write_int(place + 24, channel // job.C.channels * job.C.group)


@compiled
def _fill_lane(job: Job, w: Workspace, block: int, lane: int) -> None:
    """Bring the arguments of one channel that are the same for every sequence into its lane; 0 where there is none."""
    b = block_of(w, block)
    there, channel, place = lane < b.width, b.channel + lane, FLOAT * (LANES * block + lane)
    write(w.skip + place, _read_if(there and job.D != 0, job.D + FLOAT * channel))
    write(w.bias + place, _read_if(there and job.delta_bias != 0, job.delta_bias + FLOAT * channel))
    steepest = np.float32(0)
    for n in range(job.states):
        row = FLOAT * ((job.states * block + n) * LANES + lane)
        rate = _rate(_read_if(there, job.A + FLOAT * (channel * job.states + n)))
        write(w.rates + row, rate)
        if abs(rate) > steepest or rate != rate:  # once NaN, it stays so  # noqa: PLR0124
            steepest = abs(rate)
        if job.B.fixed:
            write(w.fixed_B + row, _read_if(there, job.B.place + channel * job.B.lane + n * job.B.state))
        if job.C.fixed:
            write(w.fixed_C + row, _read_if(there, job.C.place + channel * job.C.lane + n * job.C.state))
    write(w.steepest + place, steepest)


@inlined
def _rate(a: Any) -> Any:  # noqa: ANN401 - float32
    """A · log₂e; the largest number where that alone overflows, for infinity times a step of 0 would be NaN."""
    rate, most = a * np.float32(LOG2_E), np.float32(LARGEST)
    return a if abs(a) > most else min(max(rate, -most), most) if rate == rate else rate  # noqa: PLR0124


@inlined
def _read_if(condition: bool, source: int) -> Any:  # noqa: ANN401 - a float32
    return read(source) if condition else np.float32(0)
