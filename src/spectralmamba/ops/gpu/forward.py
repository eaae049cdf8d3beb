"""The scan: a program takes one block of channels of one sequence, its state in registers, and reads its data once."""

import triton
import triton.language as tl

from spectralmamba.ops.gpu.block import channels_of_block, read_constant, steps_of, steps_of_group
from spectralmamba.ops.gpu.functions import Pointer, Value, row, sigmoid, step_size


@triton.jit
def scan_forward(
    u: "Pointer",
    delta: "Pointer",
    A: "Pointer",
    B: "Pointer",
    C: "Pointer",
    D: "Pointer",
    z: "Pointer",
    delta_bias: "Pointer",
    y: "Pointer",
    last_state: "Pointer",
    dim: int,
    length: int,
    states: int,
    segment: int,
    blocks_per_segment: int,
    channels_B: int,
    channels_C: int,
    strides_u: "Value",
    strides_delta: "Value",
    strides_z: "Value",
    strides_y: "Value",
    strides_B: "Value",
    strides_C: "Value",
    HAS_D: tl.constexpr,
    HAS_Z: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    KEEP_LAST: tl.constexpr,
    PADDED: tl.constexpr,
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
) -> None:
    """Scan; (batch, blocks) programs.

    A is (D, N), contiguous. Strides are (batch, channel, step); of B and C (batch, group, state, step), and of
    constant ones the distance of two channels in place of two groups. A block is up to BLOCK_D channels of a segment,
    within which neither B nor C changes group; it is PADDED where N is less than BLOCK_N.
    """
    sequence, block = tl.program_id(0).to(tl.int64), tl.program_id(1)
    first, d, masks = channels_of_block(block, blocks_per_segment, segment, states, BLOCK_D, BLOCK_N)
    has_d, has_n = masks
    n = tl.arange(0, BLOCK_N)
    rate, skip, bias, fixed_b, fixed_c = read_constant(
        A, B, C, D, delta_bias, d, n, masks, states, strides_B, strides_C, HAS_D, HAS_BIAS, B_FIXED, C_FIXED
    )
    u_at, u_step = steps_of(u, strides_u, sequence, d)
    delta_at, delta_step = steps_of(delta, strides_delta, sequence, d)
    z_at, z_step = steps_of(z, strides_z, sequence, d)
    y_at, y_step = steps_of(y, strides_y, sequence, d)
    B_at, B_step = steps_of_group(B, strides_B, sequence, first // channels_B, n)
    C_at, C_step = steps_of_group(C, strides_C, sequence, first // channels_C, n)

    h = tl.zeros((BLOCK_D, BLOCK_N), tl.float32)
    for t in range(length):
        u_t = row(u_at + t * u_step, has_d)
        delta_t = step_size(row(delta_at + t * delta_step, has_d) + bias, has_d, SOFTPLUS)
        b = fixed_b if B_FIXED else row(B_at + t * B_step, has_n)[None, :]
        c = fixed_c if C_FIXED else row(C_at + t * C_step, has_n)[None, :]
        h = tl.exp2(delta_t[:, None] * rate) * h + (delta_t * u_t)[:, None] * b
        if PADDED:  # A = B = 0 does not keep it at 0 where Δ u is infinite
            h = tl.where(has_n[None, :], h, 0.0)
        y_t = tl.sum(h * c, axis=1) + skip * u_t
        if HAS_Z:
            z_t = row(z_at + t * z_step, has_d)
            y_t *= z_t * sigmoid(z_t)
        tl.store(y_at + t * y_step, y_t, mask=has_d)
    if KEEP_LAST:
        both = has_d[:, None] & has_n[None, :]
        tl.store(last_state + (sequence * dim + d[:, None]) * states + n[None, :], h, mask=both)
