"""From spectra to logits: sixteen pixels after the other, each sixteen chunk by chunk through all blocks."""

from spectralmamba.ops.cpu.functions import compiled, inlined
from spectralmamba.ops.cpu.job import COUNTERS_APART
from spectralmamba.ops.cpu.lanes import load_transposed, store_transposed
from spectralmamba.ops.cpu.simd import BYTES, LANES, clear, fetch_add, load, load_everywhere, store
from spectralmamba.ops.cpu.spectrum.elementwise import convolve, copy_rows, normalise
from spectralmamba.ops.cpu.spectrum.job import SpectrumJob
from spectralmamba.ops.cpu.spectrum.room import Room, arrange
from spectralmamba.ops.cpu.spectrum.scan import scan, skip
from spectralmamba.ops.cpu.spectrum.tiles import multiply, multiply_and_add
from spectralmamba.ops.cpu.workspace import FLOAT


@inlined
def _fours(size: int) -> int:
    return (size + 3) // 4


@compiled
def read_spectra(job: SpectrumJob, room: Room, first_row: int) -> int:
    """Bring sixteen spectra in, whitened and with the last band repeated; return where they are."""
    source, apart = job.spectra + FLOAT * job.bands * first_row, FLOAT * job.bands
    for band in range(0, job.bands, LANES):
        n_bands = min(LANES, job.bands - band)
        load_transposed(room.spectrum + BYTES * band, source + FLOAT * band, apart, LANES, n_bands)
    spectrum = room.spectrum
    if job.whitening:
        spectrum = room.whitened
        multiply(1, room.spectrum, 0, job.bands, BYTES, job.whitening, job.zeros, 0, _fours(job.bands), spectrum, 0)
    last = load(spectrum + BYTES * (job.bands - 1))
    for band in range(job.bands, job.length * job.piece):
        store(spectrum + BYTES * band, last)
    return spectrum


@compiled
def embed(job: SpectrumJob, room: Room, spectrum: int, first: int, n_steps: int) -> None:
    """Make tokens of pieces, with what they know of their position."""
    width = FLOAT * 4 * _fours(job.dim)
    multiply(
        n_steps, spectrum + first * job.token_apart, job.token_apart, job.piece, job.band_apart, job.embedding,
        job.position + first * width, width, _fours(job.dim), room.tokens, room.token_row,
    )  # fmt: skip


@compiled
def project(job: SpectrumJob, room: Room, weights: int, history: int, n_steps: int) -> None:
    """Norm, projection into u and z, convolution; what the next chunk needs of u takes the place of ``history``."""
    now, before = room.uz + room.uz_row * (job.taps - 1), BYTES * job.inner
    normalise(room.tokens, room.normed, room.token_row, n_steps, job.dim, job.norm + weights)
    multiply(
        n_steps, room.normed, room.token_row, job.dim, BYTES, job.input + weights, job.input_bias + weights, 0,
        2 * _fours(job.inner), now, room.uz_row,
    )  # fmt: skip
    copy_rows(history, before, room.uz, room.uz_row, job.taps - 1, job.inner)
    copy_rows(room.uz + room.uz_row * n_steps, room.uz_row, history, before, job.taps - 1, job.inner)
    convolve(
        room.uz, room.uz_row, job.convolution + weights, job.convolution_bias + weights, job.taps, room.u, room.u_row,
        n_steps, job.inner,
    )  # fmt: skip


@compiled
def select(job: SpectrumJob, room: Room, weights: int, n_steps: int) -> None:
    """B, C and Δ before softplus."""
    low_rank = room.parameters + BYTES * 2 * job.states
    multiply(
        n_steps, room.u, room.u_row, job.inner, BYTES, job.parameters + weights, job.zeros, 0,
        job.states // 2 + _fours(job.rank), room.parameters, room.parameter_row,
    )  # fmt: skip
    multiply(
        n_steps, low_rank, room.parameter_row, job.rank, BYTES, job.step + weights, job.step_bias + weights, 0,
        _fours(job.inner), room.raw, room.u_row,
    )  # fmt: skip


@compiled
def advance_block(job: SpectrumJob, room: Room, block: int, n_steps: int) -> None:
    """One block on a chunk of tokens."""
    weights = job.block_apart * block
    history = room.history + BYTES * job.inner * (job.taps - 1) * block
    z = room.uz + room.uz_row * (job.taps - 1) + BYTES * 4 * _fours(job.inner)
    project(job, room, weights, history, n_steps)
    if job.s6:
        select(job, room, weights, n_steps)
        scan(job, room, weights, room.states + BYTES * job.inner * job.states * block, z, n_steps)
    else:
        skip(job, room, weights, z, n_steps)
    multiply_and_add(
        n_steps, room.u, room.u_row, job.inner, BYTES, job.output + weights, 0, 0, _fours(job.dim), room.tokens,
        room.token_row,
    )  # fmt: skip


@compiled
def pool(job: SpectrumJob, room: Room, first: int, n_steps: int) -> None:
    """Norm, and the sum over the steps or the part of the logits that these steps have."""
    normalise(room.tokens, room.normed, room.token_row, n_steps, job.dim, job.head_norm)
    for t in range(n_steps):
        source = room.normed + room.token_row * t
        if job.flatten:
            fours = _fours(job.classes)
            weights = job.head + FLOAT * 4 * fours * job.dim * (first + t)
            multiply_and_add(1, source, 0, job.dim, BYTES, weights, 0, 0, fours, room.logits, 0)
        else:
            for i in range(0, BYTES * job.dim, BYTES):
                store(room.pooled + i, load(room.pooled + i) + load(source + i))


@compiled
def begin(job: SpectrumJob, room: Room) -> None:
    """States, what was before the first step, and the sums of the head."""
    clear(room.history, job.inner * (job.taps - 1) * job.depth)
    clear(room.states, job.inner * job.states * job.depth)
    clear(room.pooled, job.dim)
    for i in range(4 * _fours(job.classes)):
        store(room.logits + BYTES * i, load_everywhere(job.head_bias + FLOAT * i))


@compiled
def finish(job: SpectrumJob, room: Room, first_row: int) -> None:
    """Bring the logits out."""
    if not job.flatten:
        share = load_everywhere(job.head_norm + 2 * FLOAT)
        for i in range(0, BYTES * job.dim, BYTES):
            store(room.pooled + i, load(room.pooled + i) * share)
        multiply(1, room.pooled, 0, job.dim, BYTES, job.head, job.head_bias, 0, _fours(job.classes), room.logits, 0)
    apart, target = FLOAT * job.classes, job.logits + FLOAT * job.classes * first_row
    for i in range(0, job.classes, LANES):
        n_classes = min(LANES, job.classes - i)
        store_transposed(target + FLOAT * i, apart, LANES, n_classes, room.logits + BYTES * i)


@inlined
def classify(job: SpectrumJob) -> None:
    """One thread's share of a call: rows, sixteen at a time, until none is left."""
    room = arrange(job.workspace + job.room_size * fetch_add(job.counters, 1), job)
    while True:
        first_row = fetch_add(job.counters + COUNTERS_APART, LANES)
        if first_row >= job.rows:
            break
        spectrum = read_spectra(job, room, first_row)
        begin(job, room)
        for first in range(0, job.length, job.chunk):
            n_steps = min(job.chunk, job.length - first)
            embed(job, room, spectrum, first, n_steps)
            for block in range(job.depth):
                advance_block(job, room, block, n_steps)
            pool(job, room, first, n_steps)
        finish(job, room, first_row)
