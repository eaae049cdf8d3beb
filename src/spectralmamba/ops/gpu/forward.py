"""The scan: a program takes one block of channels of one sequence, its state in registers, and reads its data once."""

import triton
import triton.language as tl

from spectralmamba.ops.gpu.functions import LOG2_E, Pointer, Value, row, sigmoid, step_size


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
    SOFTPLUS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
) -> None:
    """Scan; (batch, blocks) programs.

    A is (D, N), contiguous. Strides are (batch, channel, step); of B and C (batch, group, state, step), and of
    constant ones the distance of two channels in place of two groups. A block is up to BLOCK_D channels of a segment,
    within which neither B nor C changes group.
    """
    sequence = tl.program_id(0).to(tl.int64)
    block = tl.program_id(1)
    in_segment = (block % blocks_per_segment) * BLOCK_D + tl.arange(0, BLOCK_D)
    first = (block // blocks_per_segment) * segment
    d = first + in_segment
    n = tl.arange(0, BLOCK_N)
    has_d, has_n = in_segment < segment, n < states
    both = has_d[:, None] & has_n[None, :]
    none = tl.zeros((BLOCK_D,), tl.float32)

    rate = row(A + d[:, None] * states + n[None, :], both) * LOG2_E
    skip = row(D + d, has_d) if HAS_D else none
    bias = row(delta_bias + d, has_d) if HAS_BIAS else none
    u_at = u + sequence * strides_u[0] + d * strides_u[1]
    delta_at = delta + sequence * strides_delta[0] + d * strides_delta[1]
    z_at = z + sequence * strides_z[0] + d * strides_z[1]
    y_at = y + sequence * strides_y[0] + d * strides_y[1]
    B_at = B + sequence * strides_B[0] + first // channels_B * strides_B[1] + n * strides_B[2]
    C_at = C + sequence * strides_C[0] + first // channels_C * strides_C[1] + n * strides_C[2]
    if B_FIXED:
        b = row(B + d[:, None] * strides_B[1] + n[None, :] * strides_B[2], both)
    if C_FIXED:
        c = row(C + d[:, None] * strides_C[1] + n[None, :] * strides_C[2], both)

    h = tl.zeros((BLOCK_D, BLOCK_N), tl.float32)
    for t in range(length):
        u_t = row(u_at + t * strides_u[2], has_d)
        delta_t = step_size(row(delta_at + t * strides_delta[2], has_d) + bias, has_d, SOFTPLUS)
        if not B_FIXED:
            b = row(B_at + t * strides_B[3], has_n)[None, :]
        if not C_FIXED:
            c = row(C_at + t * strides_C[3], has_n)[None, :]
        h = tl.exp2(delta_t[:, None] * rate) * h + (delta_t * u_t)[:, None] * b
        y_t = tl.sum(h * c, axis=1) + skip * u_t
        if HAS_Z:
            z_t = row(z_at + t * strides_z[2], has_d)
            y_t *= z_t * sigmoid(z_t)
        tl.store(y_at + t * strides_y[2], y_t, mask=has_d)
    if KEEP_LAST:
        tl.store(last_state + (sequence * dim + d[:, None]) * states + n[None, :], h, mask=both)
