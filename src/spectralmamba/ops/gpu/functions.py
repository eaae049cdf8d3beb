"""What both passes of the scan compute, as functions of Triton."""

from typing import Any

import triton
import triton.language as tl

Value = Any  # a tensor of Triton, or a tuple of them
Pointer = Any  # to the first element of a tensor
# Annotations of what Triton compiles are strings: it may look no name up that is not one of its own.

LOG2_E = tl.constexpr(1.4426950408889634)
LN_2 = tl.constexpr(0.6931471805599453)
LARGEST = tl.constexpr(3.4028234663852886e38)  # float32


@triton.jit
def softplus(x: "Value") -> "Value":
    """log(1 + eˣ) without overflow, with small relative error also where it is small.

    max(x, 0) + log1p(e) with e = exp(−|x|), and log1p(e) = 2 artanh(s) with s = e / (2 + e) in (0, 1/3].
    """
    e = tl.exp2(-tl.abs(x) * LOG2_E)
    s = e / (2.0 + e)
    square = s * s
    series = 0.13976028561592102 + square * 0.14135822653770447
    series = 0.20012113451957703 + square * series
    series = 1.0 + square * (0.3333319127559662 + square * series)
    return tl.maximum(x, 0.0, propagate_nan=tl.PropagateNan.ALL) + 2.0 * s * series


@triton.jit
def sigmoid(x: "Value") -> "Value":
    """1 / (1 + e⁻ˣ)."""
    return 1.0 / (1.0 + tl.exp2(-x * LOG2_E))


@triton.jit
def decay_rate(A: "Value") -> "Value":
    """A · log₂e; the largest number where that alone overflows, for infinity times a step of 0 would be NaN."""
    rate = tl.minimum(tl.maximum(A * LOG2_E, -LARGEST), LARGEST)
    return tl.where(tl.abs(A) <= LARGEST, rate, A)


@triton.jit
def row(place: "Value", mask: "Value") -> "Value":
    """A value for each channel, or each state, at one step; 0 where the mask is not."""
    return tl.load(place, mask=mask, other=0.0).to(tl.float32)


@triton.jit
def step_size(raw: "Value", valid: "Value", SOFTPLUS: tl.constexpr) -> "Value":
    """Δ from delta with its bias; 0 where there is no step, so that the state stays as it is."""
    if SOFTPLUS:
        raw = softplus(raw)
    return tl.where(valid, raw, 0.0)


INTERPRETED = not isinstance(softplus, triton.JITFunction)
"""Whether Triton runs the kernels in its interpreter, on a CPU: it was started with TRITON_INTERPRET=1."""
