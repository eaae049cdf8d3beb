"""The gradients of the scan: a program takes one block of channels of some sequences, one after the other.

Nothing was kept by the forward pass. A sequence is worked on in spans of 32 steps from the last to the first. In a
span the state runs forward, and what it is before every fourth step stays in registers; then, four steps at a time
from the last to the first, the states between are computed again and the gradient of the state runs back through them
(formulas in ``spectralmamba.ops.cpu.backward``). No tensor of states and steps is written. Only where a sequence is
longer than a span, the state before each span goes to memory that a program uses again for its next sequence.

What all sequences share is summed in registers over a program's sequences, and over programs outside in a fixed order.

Tuples stand for what belongs together:

    source    (u, u_step, delta, delta_step, B, B_step): pointers (BLOCK_D,), B's (BLOCK_N,), and distances of two steps
    constant  (rate, skip, bias, b, c): what no step changes; b and c (BLOCK_D, BLOCK_N), 0 where B or C is variable
    masks     (has_d, has_n): which lanes are channels and states
    step      (u, delta with its bias, Δ, b, Ā, Ā h of the step before, h): a step of the forward run
    sums      (A, B, C, D, delta_bias): gradients that all sequences share
"""

import triton
import triton.language as tl

from spectralmamba.ops.gpu.functions import LN_2, LOG2_E, Pointer, Value, row, sigmoid, step_size

CHUNK = tl.constexpr(4)  # steps whose states are in registers at once
CHUNKS = tl.constexpr(8)
SPAN = tl.constexpr(32)  # CHUNK · CHUNKS


@triton.jit
def advance(
    h: "Value",
    t: "Value",
    length: "Value",
    source: "Value",
    constant: "Value",
    masks: "Value",
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
) -> "Value":
    """Give step t of the forward run, with u = Δ = 0 after the last, and the state after it."""
    u, u_step, delta, delta_step, B, B_step = source
    rate, _, bias, b, _ = constant
    has_d, has_n = masks
    there = tl.arange(0, 1) + t < length  # a tensor also where the interpreter has plain numbers
    valid = has_d & there
    u_t = row(u + t * u_step, valid)
    raw = row(delta + t * delta_step, valid) + bias
    delta_t = step_size(raw, valid, SOFTPLUS)
    if not B_FIXED:
        b = row(B + t * B_step, has_n & there)[None, :]
    decay = tl.exp2(delta_t[:, None] * rate)
    carried = decay * h
    h = carried + (delta_t * u_t)[:, None] * b
    return (u_t, raw, delta_t, b, decay, carried, h), h


@triton.jit
def retreat(
    g: "Value",
    sums: "Value",
    t: "Value",
    length: "Value",
    step: "Value",
    constant: "Value",
    masks: "Value",
    gate: "Value",
    answer: "Value",
    results: "Value",
    projections: "Value",
    HAS_Z: tl.constexpr,
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
) -> "Value":
    """Take the gradient g of the state back over step t, and write the gradients of what was read there.

    ``gate`` (z, z_step, grad_z, grad_z_step), ``answer`` (C, C_step, grad_y, grad_y_step), ``results`` (grad_u,
    grad_u_step, grad_delta, grad_delta_step), ``projections`` (grad_B, grad_C, states between two steps of these).
    """
    u_t, raw, delta_t, b, decay, carried, h = step
    rate, skip, _, _, c = constant
    sum_A, sum_B, sum_C, sum_D, sum_bias = sums
    has_d, has_n = masks
    there = tl.arange(0, 1) + t < length  # a tensor also where the interpreter has plain numbers
    valid = has_d & there

    C, C_step, grad_y, grad_y_step = answer
    if not C_FIXED:
        c = row(C + t * C_step, has_n & there)[None, :]
    grad = row(grad_y + t * grad_y_step, valid)
    if HAS_Z:
        z, z_step, grad_z, grad_z_step = gate
        z_t = row(z + t * z_step, valid)
        opening = sigmoid(z_t)
        y_t = tl.sum(h * c, axis=1) + skip * u_t
        slope = opening * (1.0 + z_t * (1.0 - opening))  # of z · sigmoid(z)
        tl.store(grad_z + t * grad_z_step, grad * y_t * slope, mask=valid)
        grad *= z_t * opening

    grad_B, grad_C, states = projections
    drive = delta_t * u_t
    if C_FIXED:
        sum_C += grad[:, None] * h
    else:
        tl.store(grad_C + t * states, tl.sum(grad[:, None] * h, axis=0), mask=has_n & there)
    g += grad[:, None] * c
    if B_FIXED:
        sum_B += g * drive[:, None]
    else:
        tl.store(grad_B + t * states, tl.sum(g * drive[:, None], axis=0), mask=has_n & there)

    through_B = tl.sum(g * b, axis=1)
    through_A = g * carried
    sum_A += through_A * delta_t[:, None]
    grad_delta_t = tl.sum(through_A * rate, axis=1) * LN_2 + u_t * through_B
    if SOFTPLUS:
        grad_delta_t *= sigmoid(raw)
    grad_delta_t = tl.where(valid, grad_delta_t, 0.0)
    sum_D += grad * u_t
    sum_bias += grad_delta_t
    grad_u, grad_u_step, grad_delta, grad_delta_step = results
    tl.store(grad_u + t * grad_u_step, delta_t * through_B + skip * grad, mask=valid)
    tl.store(grad_delta + t * grad_delta_step, grad_delta_t, mask=valid)
    return g * decay, (sum_A, sum_B, sum_C, sum_D, sum_bias)


@triton.jit
def run(
    h: "Value",
    first: "Value",
    last: "Value",
    length: "Value",
    source: "Value",
    constant: "Value",
    masks: "Value",
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
) -> "Value":
    """Give the state after steps first..last − 1."""
    for t in range(first, last):
        _, h = advance(h, t, length, source, constant, masks, SOFTPLUS, B_FIXED)
    return h


@triton.jit
def retreat_span(
    g: "Value",
    sums: "Value",
    h: "Value",
    first: "Value",
    length: "Value",
    source: "Value",
    constant: "Value",
    masks: "Value",
    gate: "Value",
    answer: "Value",
    results: "Value",
    projections: "Value",
    HAS_Z: tl.constexpr,
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
) -> "Value":
    """Take the gradient of the state back over a span, given the state h before its ``first`` step."""
    of_chunk = tl.arange(0, CHUNKS)[:, None, None]
    before = tl.zeros((CHUNKS, BLOCK_D, BLOCK_N), tl.float32)
    for i in range(CHUNKS):
        before = tl.where(of_chunk == i, h[None, :, :], before)
        t = first + i * CHUNK
        h = run(h, t, t + CHUNK, length, source, constant, masks, SOFTPLUS, B_FIXED)
    for chunks_after in range(CHUNKS):
        i = CHUNKS - 1 - chunks_after
        t = first + i * CHUNK
        if t < length:
            h = tl.sum(tl.where(of_chunk == i, before, 0.0), axis=0)
            steps = ()
            for k in tl.static_range(CHUNK):
                step, h = advance(h, t + k, length, source, constant, masks, SOFTPLUS, B_FIXED)
                steps = steps + (step,)  # type: ignore[assignment]  # noqa: RUF005 - Triton only adds tuples
            for k in tl.static_range(CHUNK):
                g, sums = retreat(
                    g, sums, t + CHUNK - 1 - k, length, steps[CHUNK - 1 - k], constant, masks,
                    gate, answer, results, projections, HAS_Z, SOFTPLUS, B_FIXED, C_FIXED,
                )  # fmt: skip
    return g, sums


@triton.jit
def retreat_sequence(
    sums: "Value",
    g: "Value",
    starts: "Value",
    length: "Value",
    source: "Value",
    constant: "Value",
    masks: "Value",
    gate: "Value",
    answer: "Value",
    results: "Value",
    projections: "Value",
    HAS_Z: tl.constexpr,
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
) -> "Value":
    """Take the gradient of the state back over a sequence, g being that of the last state.

    ``starts`` (BLOCK_D, BLOCK_N) points to where the state before the first span may be kept, others after it.
    """
    n_spans = (length + SPAN - 1) // SPAN
    h = tl.zeros((BLOCK_D, BLOCK_N), tl.float32)
    for span in range(n_spans - 1):
        tl.store(starts + span * BLOCK_D * BLOCK_N, h)
        h = run(h, span * SPAN, (span + 1) * SPAN, length, source, constant, masks, SOFTPLUS, B_FIXED)
    if n_spans > 1:
        tl.debug_barrier()  # other threads may read what this one wrote
    for spans_after in range(n_spans):
        span = n_spans - 1 - spans_after
        if spans_after > 0:
            h = tl.load(starts + span * BLOCK_D * BLOCK_N)
        g, sums = retreat_span(
            g, sums, h, span * SPAN, length, source, constant, masks, gate, answer, results, projections,
            HAS_Z, SOFTPLUS, B_FIXED, C_FIXED, BLOCK_D, BLOCK_N,
        )  # fmt: skip
    if n_spans > 1:
        tl.debug_barrier()  # before the next sequence writes there
    return sums


@triton.jit
def scan_backward(
    u: "Pointer",
    delta: "Pointer",
    A: "Pointer",
    B: "Pointer",
    C: "Pointer",
    D: "Pointer",
    z: "Pointer",
    delta_bias: "Pointer",
    grad_y: "Pointer",
    grad_last: "Pointer",
    grad_u: "Pointer",
    grad_delta: "Pointer",
    grad_z: "Pointer",
    grad_A: "Pointer",
    grad_B: "Pointer",
    grad_C: "Pointer",
    grad_D: "Pointer",
    grad_bias: "Pointer",
    starts: "Pointer",
    batch: int,
    dim: int,
    length: int,
    states: int,
    segment: int,
    blocks_per_segment: int,
    channels_B: int,
    channels_C: int,
    sequences: int,
    strides_u: "Value",
    strides_delta: "Value",
    strides_z: "Value",
    strides_grad_y: "Value",
    strides_grad_u: "Value",
    strides_grad_delta: "Value",
    strides_grad_z: "Value",
    strides_B: "Value",
    strides_C: "Value",
    HAS_D: tl.constexpr,
    HAS_Z: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    HAS_GRAD_LAST: tl.constexpr,
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
) -> None:
    """Differentiate; (chunks of ``sequences`` sequences, blocks) programs.

    Strides are (batch, channel, step); of B and C (batch, group, state, step), and of constant ones the distance of
    two channels in place of two groups. Gradients of A, D and delta_bias, and of constant B and C, are (chunks, D,
    …), to be summed; those of variable B and C (blocks of a group, batch, groups, length, states), to be summed over
    the blocks.
    """
    chunk = tl.program_id(0).to(tl.int64)
    block = tl.program_id(1)
    in_segment = (block % blocks_per_segment) * BLOCK_D + tl.arange(0, BLOCK_D)
    first = (block // blocks_per_segment) * segment
    d = first + in_segment
    n = tl.arange(0, BLOCK_N)
    has_d, has_n = in_segment < segment, n < states
    masks = (has_d, has_n)
    both = has_d[:, None] & has_n[None, :]
    zeros = tl.zeros((BLOCK_D, BLOCK_N), tl.float32)
    none = tl.zeros((BLOCK_D,), tl.float32)

    rate = row(A + d[:, None] * states + n[None, :], both) * LOG2_E
    skip = row(D + d, has_d) if HAS_D else none
    bias = row(delta_bias + d, has_d) if HAS_BIAS else none
    fixed_b = row(B + d[:, None] * strides_B[1] + n[None, :] * strides_B[2], both) if B_FIXED else zeros
    fixed_c = row(C + d[:, None] * strides_C[1] + n[None, :] * strides_C[2], both) if C_FIXED else zeros
    constant = (rate, skip, bias, fixed_b, fixed_c)
    sums = (zeros, zeros, zeros, none, none)

    # For B and C apart: which group this block is in, and which of the group's blocks it is.
    group_B, group_C = first // channels_B, first // channels_C
    part_B = block % (channels_B // segment * blocks_per_segment)
    part_C = block % (channels_C // segment * blocks_per_segment)
    tile = tl.arange(0, BLOCK_D)[:, None] * BLOCK_N + n[None, :]
    n_spans = (length + SPAN - 1) // SPAN
    starts += (chunk * tl.num_programs(1) + block) * n_spans * BLOCK_D * BLOCK_N + tile

    for sequence in range(chunk * sequences, tl.minimum((chunk + 1) * sequences, batch)):
        source = (
            u + sequence * strides_u[0] + d * strides_u[1],
            strides_u[2],
            delta + sequence * strides_delta[0] + d * strides_delta[1],
            strides_delta[2],
            B + sequence * strides_B[0] + group_B * strides_B[1] + n * strides_B[2],
            strides_B[3],
        )
        answer = (
            C + sequence * strides_C[0] + group_C * strides_C[1] + n * strides_C[2],
            strides_C[3],
            grad_y + sequence * strides_grad_y[0] + d * strides_grad_y[1],
            strides_grad_y[2],
        )
        gate = (
            z + sequence * strides_z[0] + d * strides_z[1],
            strides_z[2],
            grad_z + sequence * strides_grad_z[0] + d * strides_grad_z[1],
            strides_grad_z[2],
        )
        results = (
            grad_u + sequence * strides_grad_u[0] + d * strides_grad_u[1],
            strides_grad_u[2],
            grad_delta + sequence * strides_grad_delta[0] + d * strides_grad_delta[1],
            strides_grad_delta[2],
        )
        row_B = (part_B * batch + sequence) * (dim // channels_B) + group_B
        row_C = (part_C * batch + sequence) * (dim // channels_C) + group_C
        projections = (grad_B + row_B * length * states + n, grad_C + row_C * length * states + n, states)

        g = zeros
        if HAS_GRAD_LAST:
            g = row(grad_last + (sequence * dim + d[:, None]) * states + n[None, :], both)
        sums = retreat_sequence(
            sums, g, starts, length, source, constant, masks, gate, answer, results, projections,
            HAS_Z, SOFTPLUS, B_FIXED, C_FIXED, BLOCK_D, BLOCK_N,
        )  # fmt: skip

    sum_A, sum_B, sum_C, sum_D, sum_bias = sums
    shared = chunk * dim + d
    of_states = shared[:, None] * states + n[None, :]
    tl.store(grad_A + of_states, sum_A, mask=both)
    if HAS_D:
        tl.store(grad_D + shared, sum_D, mask=has_d)
    if HAS_BIAS:
        tl.store(grad_bias + shared, sum_bias, mask=has_d)
    if B_FIXED:
        tl.store(grad_B + of_states, sum_B, mask=both)
    if C_FIXED:
        tl.store(grad_C + of_states, sum_C, mask=both)
