"""Gradients of what all sequences share: summed a chunk of sequences at a time, and the chunks in their order."""

from spectralmamba.ops.cpu.functions import compiled
from spectralmamba.ops.cpu.job import Job
from spectralmamba.ops.cpu.simd import BYTES, load, read, store, write
from spectralmamba.ops.cpu.workspace import FLOAT


@compiled
def add_up_partials(job: Job) -> None:
    """Add the rows of all chunks to those of the first."""
    size = BYTES * job.partial_rows * job.blocks
    for chunk in range(1, job.chunks):
        for i in range(0, size, BYTES):
            place = job.partials + i
            store(place, load(place) + load(place + size * chunk))


@compiled
def add_copies(rows: int, n_states: int, states: int) -> None:
    """Add what the copies of the last state have, which N was padded with, to what it has itself."""
    last = rows + BYTES * (n_states - 1)
    for n in range(n_states, states):
        store(last, load(last) + load(rows + BYTES * n))


@compiled
def write_lanes(target: int, row: int, apart: int, width: int) -> None:
    """Write the first lanes of a vector to floats ``apart`` bytes from each other."""
    for lane in range(width):
        write(target + apart * lane, read(row + FLOAT * lane))
