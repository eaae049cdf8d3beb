"""The gradient of the state taken back over one sequence, for one block of channels.

Nothing was kept by the forward pass. A sequence is worked on in spans of 32 steps from the last to the first. In a
span the state runs forward, and what it is before every fourth step stays in registers; then, four steps at a time
from the last to the first, the states between are computed again and the gradient of the state runs back through them
(formulas in ``spectralmamba.ops.cpu.backward``). No tensor of states and steps is written. Only where a sequence is
longer than a span, the state before each span goes to memory that a program uses again for its next sequence.

Tuples stand for what belongs together:

    source    (u, u_step, delta, delta_step, B, B_step): pointers (BLOCK_D,), B's (BLOCK_N,), and distances of two steps
    constant  (rate, skip, bias, b, c): what no step changes, see ``read_constant``
    masks     (has_d, has_n): which lanes are channels and states
    step      (u, delta with its bias, Δ, b, Ā, Ā h of the step before, h): a step of the forward run
    sums      (A, B, C, D, delta_bias): gradients that all sequences share

Lanes that are no channel, no state or no step are kept at 0 by masks, not only by their arguments, which are 0: where
another lane's value is infinite, its product with that 0 would be NaN.
"""

import triton
import triton.language as tl

from spectralmamba.ops.gpu.functions import LN_2, Value, row, sigmoid, step_size

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
    lives = valid[:, None] & has_n[None, :]
    decay = tl.where(lives, tl.exp2(delta_t[:, None] * rate), 1.0)
    carried = tl.where(lives, decay * h, 0.0)
    h = tl.where(lives, carried + (delta_t * u_t)[:, None] * b, 0.0)
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
    lives = valid[:, None] & has_n[None, :]
    drive = delta_t * u_t
    if C_FIXED:
        sum_C += grad[:, None] * h
    else:
        tl.store(grad_C + t * states, tl.sum(grad[:, None] * h, axis=0), mask=has_n & there)
    g += tl.where(lives, grad[:, None] * c, 0.0)
    of_B = tl.where(lives, g * drive[:, None], 0.0)
    if B_FIXED:
        sum_B += of_B
    else:
        tl.store(grad_B + t * states, tl.sum(of_B, axis=0), mask=has_n & there)

    through_B = tl.sum(g * b, axis=1)
    through_A = tl.where(lives, g * carried, 0.0)
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
