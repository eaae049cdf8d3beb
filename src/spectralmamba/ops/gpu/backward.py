"""The gradients of the scan: a program takes one block of channels of some sequences, one after the other.

How it goes back over a sequence is in ``retreat``, and the tuples by which it is told. What all sequences share is
summed in registers over a program's sequences, and over programs outside in a fixed order.
"""

import triton
import triton.language as tl

from spectralmamba.ops.gpu.block import channels_of_block, read_constant, steps_of, steps_of_group
from spectralmamba.ops.gpu.functions import Pointer, Value, row
from spectralmamba.ops.gpu.retreat import SPAN, retreat_sequence


@triton.jit
def write_sums(
    sums: "Value",
    gradients: "Value",
    channel: "Value",
    n: "Value",
    states: int,
    masks: "Value",
    HAS_D: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
) -> None:
    """Write a program's share of the gradients of A, B, C, D and delta_bias to row ``channel`` of each."""
    sum_A, sum_B, sum_C, sum_D, sum_bias = sums
    grad_A, grad_B, grad_C, grad_D, grad_bias = gradients
    has_d, has_n = masks
    both = has_d[:, None] & has_n[None, :]
    of_states = channel[:, None] * states + n[None, :]
    tl.store(grad_A + of_states, sum_A, mask=both)
    if HAS_D:
        tl.store(grad_D + channel, sum_D, mask=has_d)
    if HAS_BIAS:
        tl.store(grad_bias + channel, sum_bias, mask=has_d)
    if B_FIXED:
        tl.store(grad_B + of_states, sum_B, mask=both)
    if C_FIXED:
        tl.store(grad_C + of_states, sum_C, mask=both)


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
    chunk, block = tl.program_id(0).to(tl.int64), tl.program_id(1)
    first, d, masks = channels_of_block(block, blocks_per_segment, segment, states, BLOCK_D, BLOCK_N)
    n = tl.arange(0, BLOCK_N)
    constant = read_constant(
        A, B, C, D, delta_bias, d, n, masks, states, strides_B, strides_C, HAS_D, HAS_BIAS, B_FIXED, C_FIXED
    )
    zeros, none = tl.zeros((BLOCK_D, BLOCK_N), tl.float32), tl.zeros((BLOCK_D,), tl.float32)
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
            steps_of(u, strides_u, sequence, d)
            + steps_of(delta, strides_delta, sequence, d)
            + steps_of_group(B, strides_B, sequence, group_B, n)
        )
        answer = steps_of_group(C, strides_C, sequence, group_C, n) + steps_of(grad_y, strides_grad_y, sequence, d)
        gate = steps_of(z, strides_z, sequence, d) + steps_of(grad_z, strides_grad_z, sequence, d)
        results = steps_of(grad_u, strides_grad_u, sequence, d) + steps_of(grad_delta, strides_grad_delta, sequence, d)
        row_B = (part_B * batch + sequence) * (dim // channels_B) + group_B
        row_C = (part_C * batch + sequence) * (dim // channels_C) + group_C
        projections = (grad_B + row_B * length * states + n, grad_C + row_C * length * states + n, states)
        g = zeros
        if HAS_GRAD_LAST:
            has_d, has_n = masks
            of_states = (sequence * dim + d[:, None]) * states + n[None, :]
            g = row(grad_last + of_states, has_d[:, None] & has_n[None, :])
        sums = retreat_sequence(
            sums, g, starts, length, source, constant, masks, gate, answer, results, projections,
            HAS_Z, SOFTPLUS, B_FIXED, C_FIXED, BLOCK_D, BLOCK_N,
        )  # fmt: skip
    write_sums(
        sums, (grad_A, grad_B, grad_C, grad_D, grad_bias), chunk * dim + d, n, states, masks,
        HAS_D, HAS_BIAS, B_FIXED, C_FIXED,
    )  # fmt: skip
