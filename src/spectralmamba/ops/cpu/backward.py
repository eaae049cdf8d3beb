"""The gradients of the scan, for one block of channels of one sequence at a time.

The forward pass keeps nothing. Here the states are computed again, a chunk of steps at a time from the last to the
first, each chunk from the state before it; then the gradient of the state runs back through the chunk::

    dh_t = C_t dy_t + Ā_(t+1) dh_(t+1)              dy before the gate and without D
    dC_t = Σ_d dy_t h_t         dB_t = Σ_d dh_t Δ_t u_t         dA = Σ_t dh_t Δ_t Ā_t h_(t-1)
    dΔ_t = Σ_n dh_t (A Ā_t h_(t-1) + B_t u_t)                   du_t = D dy_t + Δ_t Σ_n dh_t B_t

What no sequence has to itself (dA, dD, d delta_bias, and dB or dC where they are constant) is summed over the
sequences of an item in a fixed order, and over items in a fixed order outside. So no gradient depends on the number
of threads.
"""

from collections.abc import Callable

from spectralmamba.ops.cpu.forward import Vector, Vectors, load_4, load_4_everywhere, make_advance, read_chunk, store_4
from spectralmamba.ops.cpu.functions import LN_2, compiled, inlined, sigmoid
from spectralmamba.ops.cpu.job import COUNTERS_APART, STATES_AT_ONCE, Job
from spectralmamba.ops.cpu.lanes import add_sums_of_4
from spectralmamba.ops.cpu.partials import add_copies, add_up_partials, write_lanes
from spectralmamba.ops.cpu.pieces import (
    Chunk,
    Projection,
    at,
    piece,
    projection,
    projection_of_gradient,
)
from spectralmamba.ops.cpu.sequences import bring_near, gather, scatter
from spectralmamba.ops.cpu.simd import (
    BYTES,
    clear,
    constant,
    fetch_add,
    fma,
    load,
    only_lanes,
    read,
    store,
    store_lanes,
    write,
)
from spectralmamba.ops.cpu.workspace import FLOAT, Block, Workspace, block_of, chunk_steps, my_workspace

advance_4 = make_advance(store_4)


@inlined
def add_lanes_4(place: int, _width: int, v0: Vector, v1: Vector, v2: Vector, v3: Vector) -> None:
    """Add four vectors to four in memory."""
    w0, w1, w2, w3 = load_4(place, BYTES)
    store_4(place, w0 + v0, w1 + v1, w2 + v2, w3 + v3)


@inlined
def add_sums_4(place: int, width: int, v0: Vector, v1: Vector, v2: Vector, v3: Vector) -> None:
    """Add the sums over the first ``width`` lanes of four vectors to four floats in memory."""
    add_sums_of_4(place, only_lanes(v0, width), only_lanes(v1, width), only_lanes(v2, width), only_lanes(v3, width))


def _make_retreat(
    load_B: Callable[..., Vectors],
    load_C: Callable[..., Vectors],
    add_B: Callable[..., None],
    add_C: Callable[..., None],
) -> Callable[..., None]:
    """Compile the recurrence of the gradient for four states, for one form of B and C."""

    @compiled
    def retreat_4(
        w: Workspace, rates: int, n: int, n_steps: int, width: int, B: Projection, C: Projection,
        grad_A: int, grad_B: Projection, grad_C: Projection,
    ) -> None:  # fmt: skip
        slopes = w.slope + BYTES * n
        r0, r1, r2, r3 = load_4(rates, BYTES)
        g0, g1, g2, g3 = load_4(slopes, BYTES)
        p0, p1, p2, p3 = load_4(grad_A, BYTES)
        for t in range(n_steps - 1, -1, -1):
            delta, drive, grad = load(w.delta + BYTES * t), load(w.drive + BYTES * t), load(w.grad + BYTES * t)
            b0, b1, b2, b3 = load_B(B.place + t * B.step, B.state)
            c0, c1, c2, c3 = load_C(C.place + t * C.step, C.state)
            k0, k1, k2, k3 = load_4(w.carried + 4 * BYTES * t, BYTES)
            h0, h1, h2, h3 = fma(drive, b0, k0), fma(drive, b1, k1), fma(drive, b2, k2), fma(drive, b3, k3)
            add_C(grad_C.place + t * grad_C.step, width, grad * h0, grad * h1, grad * h2, grad * h3)
            g0, g1, g2, g3 = fma(grad, c0, g0), fma(grad, c1, g1), fma(grad, c2, g2), fma(grad, c3, g3)
            add_B(grad_B.place + t * grad_B.step, width, drive * g0, drive * g1, drive * g2, drive * g3)
            through_B = fma(g1, b1, fma(g0, b0, load(w.through_B + BYTES * t)))
            store(w.through_B + BYTES * t, fma(g3, b3, fma(g2, b2, through_B)))
            s0, s1, s2, s3 = g0 * k0, g1 * k1, g2 * k2, g3 * k3
            through_A = fma(s1, r1, fma(s0, r0, load(w.through_A + BYTES * t)))
            store(w.through_A + BYTES * t, fma(s3, r3, fma(s2, r2, through_A)))
            p0, p1, p2, p3 = fma(s0, delta, p0), fma(s1, delta, p1), fma(s2, delta, p2), fma(s3, delta, p3)
            a0, a1, a2, a3 = load_4(w.decays + 4 * BYTES * t, BYTES)
            g0, g1, g2, g3 = g0 * a0, g1 * a1, g2 * a2, g3 * a3
        store_4(slopes, g0, g1, g2, g3)
        store_4(grad_A, p0, p1, p2, p3)

    return retreat_4


_variable = _make_retreat(load_4_everywhere, load_4_everywhere, add_sums_4, add_sums_4)
_fixed_B_and_C = _make_retreat(load_4, load_4, add_lanes_4, add_lanes_4)
_fixed_B = _make_retreat(load_4, load_4_everywhere, add_lanes_4, add_sums_4)
_fixed_C = _make_retreat(load_4_everywhere, load_4, add_sums_4, add_lanes_4)


@inlined
def retreat_4(
    job: Job, w: Workspace, block: Block, n: int, n_steps: int, B: Projection, C: Projection,
    grad_A: int, grad_B: Projection, grad_C: Projection,
) -> None:  # fmt: skip
    """Run the gradient of four states back through the steps of a chunk."""
    rates, width = w.rates + BYTES * (job.states * block.number + n), block.width
    if job.B.fixed and job.C.fixed:
        _fixed_B_and_C(w, rates, n, n_steps, width, B, C, grad_A, grad_B, grad_C)
    elif job.B.fixed:
        _fixed_B(w, rates, n, n_steps, width, B, C, grad_A, grad_B, grad_C)
    elif job.C.fixed:
        _fixed_C(w, rates, n, n_steps, width, B, C, grad_A, grad_B, grad_C)
    else:
        _variable(w, rates, n, n_steps, width, B, C, grad_A, grad_B, grad_C)


@compiled
def read_gradient(job: Job, w: Workspace, c: Chunk, block: Block) -> None:
    """Bring the gradient of y before the gate into the workspace, and that gradient's part in the gate's."""
    grad = gather(piece(job.grad_y, c, block.channel), block.width, c.n_steps, w.grad)
    if job.z.place:
        z = gather(piece(job.z, c, block.channel), block.width, c.n_steps, w.z)
        for t in range(c.n_steps):
            z_t, grad_t, row = load(z.place + t * z.step), load(grad.place + t * grad.step), BYTES * t
            opening = sigmoid(z_t)
            slope = opening * fma(z_t, constant(1.0) - opening, constant(1.0))  # of z · sigmoid(z)
            store(w.z + row, grad_t * slope)
            store(w.grad + row, grad_t * (z_t * opening))
    elif grad.place != w.grad:
        for t in range(c.n_steps):
            store(w.grad + BYTES * t, load(grad.place + t * grad.step))


@compiled
def write_gradients(job: Job, w: Workspace, c: Chunk, block: Block, partial: int) -> None:
    """Bring the gradients of u, delta and z out, and add to those of D and delta_bias."""
    u = gather(piece(job.u, c, block.channel), block.width, c.n_steps, w.u)
    delta = gather(piece(job.delta, c, block.channel), block.width, c.n_steps, w.raw)
    skip, bias = load(w.skip + BYTES * block.number), load(w.bias + BYTES * block.number)
    grad_D, grad_bias = load(partial), load(partial + BYTES)
    for t in range(c.n_steps):
        u_t, row = load(u.place + t * u.step), BYTES * t
        grad, through_B = load(w.grad + row), load(w.through_B + row)
        grad_delta = fma(u_t, through_B, load(w.through_A + row) * constant(LN_2))
        if job.softplus:
            grad_delta = grad_delta * sigmoid(load(delta.place + t * delta.step) + bias)
        grad_D, grad_bias = fma(grad, u_t, grad_D), grad_bias + grad_delta
        store(w.through_B + row, fma(load(w.delta + row), through_B, skip * grad))
        store(w.through_A + row, grad_delta)
        store(w.z + row, load(w.z + row) * load(w.y + row))
    store(partial, grad_D)
    store(partial + BYTES, grad_bias)
    scatter(piece(job.grad_u, c, block.channel), w.through_B, block.width, c.n_steps)
    scatter(piece(job.grad_delta, c, block.channel), w.through_A, block.width, c.n_steps)
    if job.z.place:
        scatter(piece(job.grad_z, c, block.channel), w.z, block.width, c.n_steps)


@compiled
def read_slope(job: Job, w: Workspace, sequence: int, block: Block) -> None:
    """Begin with the gradient of the last state, (B, D, N), or with 0."""
    clear(w.slope, job.states)
    if job.grad_last_state:
        for lane in range(block.width):
            source = job.grad_last_state + FLOAT * job.states * (sequence * job.dim + block.channel + lane)
            for n in range(job.states):
                write(w.slope + BYTES * n + FLOAT * lane, read(source + FLOAT * n))


@compiled
def bring_next(job: Job, w: Workspace, c: Chunk, block: Block, part: int) -> None:
    """Bring one of the tensors of the next block near, its last chunk first; see the forward pass."""
    number, sequence = block.number + 1, c.sequence
    if number == job.blocks:
        number, sequence = 0, sequence + 1
    first = (job.length - 1) // chunk_steps(job.length) * chunk_steps(job.length)
    c, block = Chunk(sequence, first, job.length - first), block_of(w, number)
    if part == 0:
        bring_near(piece(job.u, c, block.channel), block.width, c.n_steps, False)
    elif part == 1:
        bring_near(piece(job.delta, c, block.channel), block.width, c.n_steps, False)
    elif part == 2:
        bring_near(piece(job.grad_y, c, block.channel), block.width, c.n_steps, False)
    elif part == 3:
        bring_near(piece(job.grad_u, c, block.channel), block.width, c.n_steps, True)
    elif part == 4:
        bring_near(piece(job.grad_delta, c, block.channel), block.width, c.n_steps, True)
    elif job.z.place and part == 5:
        bring_near(piece(job.z, c, block.channel), block.width, c.n_steps, False)
    elif job.z.place and part == 6:
        bring_near(piece(job.grad_z, c, block.channel), block.width, c.n_steps, True)


@inlined
def copy(target: int, source: int, n_vectors: int) -> None:
    """Copy vectors."""
    for i in range(0, BYTES * n_vectors, BYTES):
        store(target + i, load(source + i))


@compiled
def scan_block_back(
    job: Job, w: Workspace, sequence: int, number: int, partial: int, grad_B: Projection, grad_C: Projection
) -> None:
    """All steps of one block, forward to find the state before each chunk, and back."""
    block = block_of(w, number)
    chunk, states = chunk_steps(job.length), BYTES * job.states
    B = projection(job.B, w.fixed_B + states * number, sequence, block.group_B)
    C = projection(job.C, w.fixed_C + states * number, sequence, block.group_C)
    last_chunk = (job.length - 1) // chunk
    clear(w.state, job.states)
    for i in range(last_chunk):
        copy(w.starts + states * i, w.state, job.states)
        c = Chunk(sequence, i * chunk, chunk)
        bounded = read_chunk(job, w, c, block)
        for n in range(0, job.states, STATES_AT_ONCE):
            advance_4(job, w, number, n, c.n_steps, at(B, c.first, n), at(C, c.first, n), bounded)
    copy(w.starts + states * last_chunk, w.state, job.states)
    read_slope(job, w, sequence, block)
    for i in range(last_chunk, -1, -1):
        c = Chunk(sequence, i * chunk, min(chunk, job.length - i * chunk))
        copy(w.state, w.starts + states * i, job.states)
        bounded = read_chunk(job, w, c, block)
        read_gradient(job, w, c, block)
        clear(w.through_B, c.n_steps)
        clear(w.through_A, c.n_steps)
        for n in range(0, job.states, STATES_AT_ONCE):
            advance_4(job, w, number, n, c.n_steps, at(B, c.first, n), at(C, c.first, n), bounded)
            retreat_4(
                job, w, block, n, c.n_steps, at(B, c.first, n), at(C, c.first, n),
                partial + BYTES * n, at(grad_B, c.first, n), at(grad_C, c.first, n),
            )  # fmt: skip
            if i == 0 and n < 7 * STATES_AT_ONCE:
                bring_next(job, w, c, block, n // STATES_AT_ONCE)
        write_gradients(job, w, c, block, partial + states)


@inlined
def clear_projection(p: Projection, states: int, n_steps: int) -> None:
    """Set the gradient of B or C to 0 at all steps of a sequence."""
    for t in range(n_steps):
        row = p.place + t * p.step
        for n in range(0, FLOAT * states, BYTES):
            store_lanes(row + n, constant(0.0), states - n // FLOAT)


@compiled
def scan_back(job: Job, w: Workspace, item: int) -> None:
    """Some sequences in some blocks."""
    chunk, span = item // job.spans, item % job.spans
    blocks = range(span * job.span, min((span + 1) * job.span, job.blocks))
    partials = job.partials + BYTES * job.partial_rows * job.blocks * chunk
    clear(partials + BYTES * job.partial_rows * blocks.start, job.partial_rows * len(blocks))
    for sequence in range(chunk * job.sequences, min((chunk + 1) * job.sequences, job.batch)):
        begun_B, begun_C = 0, 0
        for number in blocks:
            block, partial = block_of(w, number), partials + BYTES * job.partial_rows * number
            fixed_B = partial + BYTES * (job.states + 2)
            fixed_C = fixed_B + BYTES * job.states * job.B.fixed
            grad_B = projection_of_gradient(job.B, job.grad_B, fixed_B, span, sequence, block.channel)
            grad_C = projection_of_gradient(job.C, job.grad_C, fixed_C, span, sequence, block.channel)
            if not job.B.fixed and grad_B.place != begun_B:  # the first block of its group
                clear_projection(grad_B, job.states, job.length)
            if not job.C.fixed and grad_C.place != begun_C:
                clear_projection(grad_C, job.states, job.length)
            begun_B, begun_C = grad_B.place, grad_C.place
            scan_block_back(job, w, sequence, number, partial, grad_B, grad_C)


@compiled
def write_shared_gradients(job: Job, w: Workspace) -> None:
    """Add up what the chunks of sequences have of the gradients that all share, in their order, and bring it out."""
    add_up_partials(job)
    row, n_states = FLOAT * job.n_states, job.n_states
    for number in range(job.blocks):
        block, partial = block_of(w, number), job.partials + BYTES * job.partial_rows * number
        add_copies(partial, n_states, job.states)
        if job.B.fixed:
            add_copies(partial + BYTES * (job.states + 2), n_states, job.states)
        for n in range(n_states):
            place = row * block.channel + FLOAT * n
            write_lanes(job.grad_A + place, partial + BYTES * n, row, block.width)
            fixed = partial + BYTES * (job.states + 2)
            if job.B.fixed:
                write_lanes(job.grad_B.place + place, fixed + BYTES * n, row, block.width)
                fixed += BYTES * job.states
            if job.C.fixed:
                write_lanes(job.grad_C.place + place, fixed + BYTES * n, row, block.width)
        place, rows = FLOAT * block.channel, partial + BYTES * job.states
        if job.grad_D:
            write_lanes(job.grad_D + place, rows, FLOAT, block.width)
        if job.grad_delta_bias:
            write_lanes(job.grad_delta_bias + place, rows + BYTES, FLOAT, block.width)


@inlined
def backward(job: Job) -> None:
    """One thread's share of the gradients; whoever is done with the last item also finishes what all items share."""
    w = my_workspace(job, True)
    while True:
        item = fetch_add(job.counters + COUNTERS_APART, 1)
        if item >= job.items:
            break
        scan_back(job, w, item)
        if fetch_add(job.counters + 2 * COUNTERS_APART, 1) == job.items - 1:
            write_shared_gradients(job, w)
