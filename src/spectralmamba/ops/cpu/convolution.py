"""The causal depthwise convolution before the scan, with SiLU, and its gradients, a block of channels at a time.

y_t = f(bias + Σ_k w_k u_(t-K+1+k)) with K taps, f = SiLU or nothing, and u = 0 before the first step. PyTorch's
convolution wants channels before steps, the layers around it want steps before channels; the copies between, the
padding and SiLU cost more than the convolution.
"""

from typing import NamedTuple

import numpy as np

from spectralmamba.ops.cpu.functions import compiled, inlined, sigmoid
from spectralmamba.ops.cpu.job import COUNTERS_APART, Job
from spectralmamba.ops.cpu.partials import add_up_partials, write_lanes
from spectralmamba.ops.cpu.pieces import Chunk, piece
from spectralmamba.ops.cpu.sequences import bring_near, gather, scatter
from spectralmamba.ops.cpu.simd import BYTES, LANES, clear, constant, fetch_add, fma, load, read, store, write
from spectralmamba.ops.cpu.workspace import FLOAT, SPARE_ROWS


class Room(NamedTuple):
    """Addresses in a thread's workspace, and its end. Sizes in vectors: n blocks, K taps, L steps."""

    weight: int  # (n, K)
    bias: int  # (n,)
    u: int  # (K − 1 + L,): zeros, then u
    y: int  # (L,): y, or its gradient
    grad: int  # (L + K − 1,): gradient of what SiLU is applied to, then zeros
    end: int


@inlined
def arrange(base: int, blocks: int, taps: int, length: int) -> Room:
    """Lay a workspace out from an address on."""
    rows = BYTES * (taps + (length + LANES - 1) // LANES * LANES + SPARE_ROWS)
    weight = base
    bias = weight + BYTES * blocks * taps
    u = bias + BYTES * blocks
    return Room(weight, bias, u, u + rows, u + 2 * rows, u + 3 * rows)


@inlined
def width_of(job: Job, block: int) -> int:
    """How many lanes of a block are channels."""
    width: int = min(LANES, job.dim - LANES * block)
    return width


@inlined
def my_room(job: Job) -> Room:
    """Give the calling thread a workspace of its own, with the weights in blocks of lanes."""
    base = job.workspace + fetch_add(job.counters, 1) * job.workspace_size
    room = arrange(base, job.blocks, job.taps, job.length)
    for block in range(job.blocks):
        for lane in range(LANES):
            there, channel = lane < width_of(job, block), LANES * block + lane
            value = read(job.bias + FLOAT * channel) if there and job.bias else np.float32(0)
            write(room.bias + FLOAT * channel, value)
            for k in range(job.taps):
                value = read(job.weight + FLOAT * (channel * job.taps + k)) if there else np.float32(0)
                write(room.weight + FLOAT * ((block * job.taps + k) * LANES + lane), value)
    return room


@inlined
def all_of(job: Job, sequence: int) -> Chunk:
    """Every step of a sequence."""
    return Chunk(sequence, 0, job.length)


@inlined
def read_u(job: Job, room: Room, sequence: int, block: int) -> None:
    """Bring u into the room, K − 1 steps of zeros before it."""
    first = room.u + BYTES * (job.taps - 1)
    clear(room.u, job.taps - 1)
    rows = gather(piece(job.u, all_of(job, sequence), LANES * block), width_of(job, block), job.length, first)
    if rows.place != first:
        for t in range(job.length):
            store(first + BYTES * t, load(rows.place + t * rows.step))


@compiled
def convolve_block(job: Job, room: Room, sequence: int, block: int) -> None:
    """All steps of one block."""
    read_u(job, room, sequence, block)
    weight, bias = room.weight + BYTES * job.taps * block, load(room.bias + BYTES * block)
    for t in range(0, BYTES * job.length, BYTES):
        value = bias
        for k in range(0, BYTES * job.taps, BYTES):
            value = fma(load(weight + k), load(room.u + t + k), value)
        if job.silu:
            value = value * sigmoid(value)
        store(room.y + t, value)
    scatter(piece(job.y, all_of(job, sequence), LANES * block), room.y, width_of(job, block), job.length)
    following, beyond = (sequence, block + 1) if block + 1 < job.blocks else (sequence + 1, 0)
    bring_near(piece(job.u, all_of(job, following), LANES * beyond), width_of(job, beyond), job.length, False)
    bring_near(piece(job.y, all_of(job, following), LANES * beyond), width_of(job, beyond), job.length, True)


@compiled
def convolve_block_back(job: Job, room: Room, sequence: int, block: int, partial: int) -> None:
    """The gradient of u for one block, out; those of the weights and of the bias are added to rows 0..K of partial."""
    width, n_steps = width_of(job, block), job.length
    read_u(job, room, sequence, block)
    grad_y = gather(piece(job.grad_y, all_of(job, sequence), LANES * block), width, n_steps, room.y)
    weight, bias = room.weight + BYTES * job.taps * block, load(room.bias + BYTES * block)
    total = load(partial + BYTES * job.taps)
    for t in range(n_steps):
        grad = load(grad_y.place + t * grad_y.step)
        if job.silu:
            value = bias
            for k in range(0, BYTES * job.taps, BYTES):
                value = fma(load(weight + k), load(room.u + BYTES * t + k), value)
            opening = sigmoid(value)
            grad = grad * (opening * fma(value, constant(1.0) - opening, constant(1.0)))
        total = total + grad
        store(room.grad + BYTES * t, grad)
    store(partial + BYTES * job.taps, total)
    clear(room.grad + BYTES * n_steps, job.taps - 1)
    last = BYTES * (job.taps - 1)
    for k in range(0, BYTES * job.taps, BYTES):
        total = load(partial + k)
        for t in range(0, BYTES * n_steps, BYTES):
            total = fma(load(room.grad + t), load(room.u + t + k), total)
        store(partial + k, total)
    for t in range(0, BYTES * n_steps, BYTES):
        value = constant(0.0)
        for k in range(0, BYTES * job.taps, BYTES):
            value = fma(load(weight + k), load(room.grad + t + last - k), value)
        store(room.y + t, value)
    scatter(piece(job.grad_u, all_of(job, sequence), LANES * block), room.y, width, n_steps)


@inlined
def convolve(job: Job) -> None:
    """One thread's share of the convolution: sequences × blocks, taken until none is left."""
    room = my_room(job)
    while True:
        start = fetch_add(job.counters + COUNTERS_APART, job.grain)
        if start >= job.items:
            break
        for item in range(start, min(start + job.grain, job.items)):
            convolve_block(job, room, item // job.blocks, item % job.blocks)


@compiled
def write_shared_gradients(job: Job) -> None:
    """Add up the gradients of weights and bias over the chunks of sequences, and bring them out."""
    add_up_partials(job)
    for block in range(job.blocks):
        partial, first, width = job.partials + BYTES * job.partial_rows * block, LANES * block, width_of(job, block)
        for k in range(job.taps):
            target = job.grad_weight + FLOAT * (first * job.taps + k)
            write_lanes(target, partial + BYTES * k, FLOAT * job.taps, width)
        if job.grad_bias:
            write_lanes(job.grad_bias + FLOAT * first, partial + BYTES * job.taps, FLOAT, width)


@inlined
def convolve_back(job: Job) -> None:
    """One thread's share of the gradients; whoever is done with the last item also finishes what all items share."""
    room = my_room(job)
    while True:
        item = fetch_add(job.counters + COUNTERS_APART, 1)
        if item >= job.items:
            break
        chunk, span = item // job.spans, item % job.spans
        for block in range(span * job.span, min((span + 1) * job.span, job.blocks)):
            partial = job.partials + BYTES * job.partial_rows * (chunk * job.blocks + block)
            clear(partial, job.partial_rows)
            for sequence in range(chunk * job.sequences, min((chunk + 1) * job.sequences, job.batch)):
                convolve_block_back(job, room, sequence, block, partial)
        if fetch_add(job.counters + 2 * COUNTERS_APART, 1) == job.items - 1:
            write_shared_gradients(job)
