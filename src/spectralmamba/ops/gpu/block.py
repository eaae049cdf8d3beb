"""The block of channels that a program works on: which it is, what it reads once, and where its sequences are."""

import triton
import triton.language as tl

from spectralmamba.ops.gpu.functions import Pointer, Value, decay_rate, row


@triton.jit
def channels_of_block(
    block: "Value",
    blocks_per_segment: int,
    segment: int,
    states: int,
    BLOCK_D: tl.constexpr,
    BLOCK_N: tl.constexpr,
) -> "Value":
    """Give the first channel of the block's segment, its channels (BLOCK_D,), and the masks of channels and states."""
    in_segment = (block % blocks_per_segment) * BLOCK_D + tl.arange(0, BLOCK_D)
    first = (block // blocks_per_segment) * segment
    return first, first + in_segment, (in_segment < segment, tl.arange(0, BLOCK_N) < states)


@triton.jit
def read_constant(
    A: "Pointer",
    B: "Pointer",
    C: "Pointer",
    D: "Pointer",
    delta_bias: "Pointer",
    d: "Value",
    n: "Value",
    masks: "Value",
    states: int,
    strides_B: "Value",
    strides_C: "Value",
    HAS_D: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    B_FIXED: tl.constexpr,
    C_FIXED: tl.constexpr,
) -> "Value":
    """Read what no step changes: (rate, skip, bias, b, c), 0 where it is not given, or B or C is variable.

    rate, b and c are (BLOCK_D, BLOCK_N), the others (BLOCK_D,). A is (D, N), contiguous.
    """
    has_d, has_n = masks
    both = has_d[:, None] & has_n[None, :]
    rate = decay_rate(row(A + d[:, None] * states + n[None, :], both))
    none, zeros = tl.zeros_like(d).to(tl.float32), tl.zeros_like(rate)
    skip = row(D + d, has_d) if HAS_D else none
    bias = row(delta_bias + d, has_d) if HAS_BIAS else none
    b = row(B + d[:, None] * strides_B[1] + n[None, :] * strides_B[2], both) if B_FIXED else zeros
    c = row(C + d[:, None] * strides_C[1] + n[None, :] * strides_C[2], both) if C_FIXED else zeros
    return rate, skip, bias, b, c


@triton.jit
def steps_of(tensor: "Pointer", strides: "Value", sequence: "Value", d: "Value") -> "Value":
    """Give where the first step of channels d of a sequence is, and how far the next is from it."""
    return tensor + sequence * strides[0] + d * strides[1], strides[2]


@triton.jit
def steps_of_group(tensor: "Pointer", strides: "Value", sequence: "Value", group: "Value", n: "Value") -> "Value":
    """Give where the first step of states n in a group of B or C is, and how far the next is from it."""
    return tensor + sequence * strides[0] + group * strides[1] + n * strides[2], strides[3]
