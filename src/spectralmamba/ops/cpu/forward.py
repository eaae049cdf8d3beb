"""The scan itself, for one block of channels of one sequence at a time."""

from collections.abc import Callable
from typing import Any

from spectralmamba.ops.cpu.functions import BOUND, compiled, exp2, exp2_bounded, inlined, sigmoid, softplus
from spectralmamba.ops.cpu.job import COUNTERS_APART, STATES_AT_ONCE, Job
from spectralmamba.ops.cpu.pieces import (
    Chunk,
    Projection,
    at,
    piece,
    projection,
)
from spectralmamba.ops.cpu.sequences import bring_near, gather, scatter
from spectralmamba.ops.cpu.simd import (
    BYTES,
    absolute,
    all_at_most,
    clear,
    constant,
    fetch_add,
    fma,
    load,
    load_everywhere,
    read,
    store,
    write,
)
from spectralmamba.ops.cpu.workspace import FLOAT, Block, Workspace, block_of, chunk_steps, my_workspace

Vector = Any
Vectors = tuple[Vector, Vector, Vector, Vector]


@inlined
def load_4(place: int, apart: int) -> Vectors:
    """Four vectors."""
    return load(place), load(place + apart), load(place + 2 * apart), load(place + 3 * apart)


@inlined
def load_4_everywhere(place: int, apart: int) -> Vectors:
    """Four floats, each in all lanes of a vector."""
    return (
        load_everywhere(place),
        load_everywhere(place + apart),
        load_everywhere(place + 2 * apart),
        load_everywhere(place + 3 * apart),
    )


@inlined
def store_4(place: int, v0: Vector, v1: Vector, v2: Vector, v3: Vector) -> None:
    """Write four vectors, one after the other."""
    store(place, v0)
    store(place + BYTES, v1)
    store(place + 2 * BYTES, v2)
    store(place + 3 * BYTES, v3)


@inlined
def drop_4(place: int, v0: Vector, v1: Vector, v2: Vector, v3: Vector) -> None:
    """Write nothing."""


@compiled
def read_chunk(job: Job, w: Workspace, c: Chunk, block: Block) -> bool:
    """Bring a chunk into the workspace: u, delta with its bias, Δ, Δ u, and D u as the beginning of y.

    Returns whether |Δ · rate| is so small at every step that the exponential need not mind its range.
    """
    u = gather(piece(job.u, c, block.channel), block.width, c.n_steps, w.u)
    delta = gather(piece(job.delta, c, block.channel), block.width, c.n_steps, w.raw)
    bias, skip = load(w.bias + BYTES * block.number), load(w.skip + BYTES * block.number)
    steepest, bound = load(w.steepest + BYTES * block.number), constant(BOUND)
    bounded = True
    for t in range(c.n_steps):
        raw, u_t, row = load(delta.place + t * delta.step) + bias, load(u.place + t * u.step), BYTES * t
        delta_t = raw
        if job.softplus:
            delta_t = softplus(raw)
        store(w.delta + row, delta_t)
        store(w.drive + row, delta_t * u_t)
        store(w.y + row, skip * u_t)
        bounded &= all_at_most(absolute(delta_t) * steepest, bound)
    return bounded


def _make_advance(
    load_B: Callable[..., Vectors],
    load_C: Callable[..., Vectors],
    power: Callable[..., Vector],
    keep: Callable[..., None],
) -> Callable[..., None]:
    """Compile the recurrence for four states, for one form of B and C."""

    @compiled
    def advance_4(job: Job, w: Workspace, number: int, n: int, n_steps: int, B: Projection, C: Projection) -> None:
        rates, states, B_at, C_at = w.rates + BYTES * (job.states * number + n), w.state + BYTES * n, B.place, C.place
        r0, r1, r2, r3 = load_4(rates, BYTES)
        h0, h1, h2, h3 = load_4(states, BYTES)
        for t in range(n_steps):
            delta, drive, y = load(w.delta + BYTES * t), load(w.drive + BYTES * t), load(w.y + BYTES * t)
            b0, b1, b2, b3 = load_B(B_at + t * B.step, B.state)
            c0, c1, c2, c3 = load_C(C_at + t * C.step, C.state)
            a0, a1, a2, a3 = power(delta * r0), power(delta * r1), power(delta * r2), power(delta * r3)
            keep(w.decays + 4 * BYTES * t, a0, a1, a2, a3)
            keep(w.carried + 4 * BYTES * t, a0 * h0, a1 * h1, a2 * h2, a3 * h3)
            h0, h1 = fma(a0, h0, drive * b0), fma(a1, h1, drive * b1)
            h2, h3 = fma(a2, h2, drive * b2), fma(a3, h3, drive * b3)
            store(w.y + BYTES * t, fma(c3, h3, fma(c2, h2, fma(c1, h1, fma(c0, h0, y)))))
        store_4(states, h0, h1, h2, h3)

    return advance_4


def make_advance(keep: Callable[..., None]) -> Callable[..., None]:
    """Compile the recurrence for all forms of B and C."""
    bounded_steps = _make_advance(load_4_everywhere, load_4_everywhere, exp2_bounded, keep)
    any_steps = _make_advance(load_4_everywhere, load_4_everywhere, exp2, keep)
    fixed_B_and_C = _make_advance(load_4, load_4, exp2, keep)
    fixed_B = _make_advance(load_4, load_4_everywhere, exp2, keep)
    fixed_C = _make_advance(load_4_everywhere, load_4, exp2, keep)

    @inlined
    def advance_4(
        job: Job, w: Workspace, number: int, n: int, n_steps: int, B: Projection, C: Projection, bounded: bool
    ) -> None:
        if job.B.fixed and job.C.fixed:
            fixed_B_and_C(job, w, number, n, n_steps, B, C)
        elif job.B.fixed:
            fixed_B(job, w, number, n, n_steps, B, C)
        elif job.C.fixed:
            fixed_C(job, w, number, n, n_steps, B, C)
        elif bounded:
            bounded_steps(job, w, number, n, n_steps, B, C)
        else:
            any_steps(job, w, number, n, n_steps, B, C)

    return advance_4


advance_4 = make_advance(drop_4)


@compiled
def write_y(job: Job, w: Workspace, c: Chunk, block: Block) -> None:
    """Gate a chunk where there is a gate, and bring it out."""
    if job.z.place:
        z = gather(piece(job.z, c, block.channel), block.width, c.n_steps, w.z)
        for t in range(c.n_steps):
            z_t, y = load(z.place + t * z.step), w.y + BYTES * t
            store(y, load(y) * (z_t * sigmoid(z_t)))
    scatter(piece(job.y, c, block.channel), w.y, block.width, c.n_steps)


@compiled
def write_last_state(job: Job, w: Workspace, sequence: int, block: Block) -> None:
    """Bring h out, (B, D, N)."""
    for lane in range(block.width):
        target = job.last_state + FLOAT * job.states * (sequence * job.dim + block.channel + lane)
        for n in range(job.states):
            write(target + FLOAT * n, read(w.state + BYTES * n + FLOAT * lane))


@inlined
def chunk_after(job: Job, w: Workspace, c: Chunk, block: Block) -> tuple[Chunk, Block]:
    """What will be worked on next: later steps, else the next block, else the next sequence."""
    first = c.first + c.n_steps
    if first < job.length:
        return Chunk(c.sequence, first, min(c.n_steps, job.length - first)), block
    n_steps = min(chunk_steps(job.length), job.length)
    if block.number + 1 < job.blocks:
        return Chunk(c.sequence, 0, n_steps), block_of(w, block.number + 1)
    return Chunk(c.sequence + 1, 0, n_steps), block_of(w, 0)


@compiled
def bring_next(job: Job, w: Workspace, c: Chunk, block: Block, part: int) -> None:
    """Bring one of the tensors of the next chunk near; one at a time, since a core can wait for some twenty lines."""
    c, block = chunk_after(job, w, c, block)
    if part == 0:
        bring_near(piece(job.u, c, block.channel), block.width, c.n_steps, False)
    elif part == 1:
        bring_near(piece(job.delta, c, block.channel), block.width, c.n_steps, False)
    elif part == 2:
        bring_near(piece(job.y, c, block.channel), block.width, c.n_steps, True)
    elif job.z.place:
        bring_near(piece(job.z, c, block.channel), block.width, c.n_steps, False)


@compiled
def scan_block(job: Job, w: Workspace, sequence: int, number: int) -> None:
    """All steps of one block."""
    block = block_of(w, number)
    row = BYTES * job.states * number
    B = projection(job.B, w.fixed_B + row, sequence, block.group_B)
    C = projection(job.C, w.fixed_C + row, sequence, block.group_C)
    clear(w.state, job.states)
    chunk = chunk_steps(job.length)
    for first in range(0, job.length, chunk):
        c = Chunk(sequence, first, min(chunk, job.length - first))
        bounded = read_chunk(job, w, c, block)
        for n in range(0, job.states, STATES_AT_ONCE):
            advance_4(job, w, number, n, c.n_steps, at(B, first, n), at(C, first, n), bounded)
            if n < 4 * STATES_AT_ONCE:
                bring_next(job, w, c, block, n // STATES_AT_ONCE)
        write_y(job, w, c, block)
    if job.last_state:
        write_last_state(job, w, sequence, block)


@inlined
def forward(job: Job) -> None:
    """One thread's share of the scan: sequences × blocks, taken until none is left."""
    w = my_workspace(job, False)
    while True:
        start = fetch_add(job.counters + COUNTERS_APART, job.grain)
        if start >= job.items:
            break
        sequence, block = start // job.blocks, start % job.blocks
        for _ in range(min(job.grain, job.items - start)):
            scan_block(job, w, sequence, block)
            block += 1
            if block == job.blocks:
                sequence, block = sequence + 1, 0
