"""The causal convolution on tensors in memory."""

import torch
from torch import Tensor

from spectralmamba.ops.cpu.call import Call, Cut
from spectralmamba.ops.cpu.convolution import arrange
from spectralmamba.ops.cpu.job import CONVOLUTION
from spectralmamba.ops.cpu.memory import empty
from spectralmamba.ops.cpu.simd import LANES
from spectralmamba.ops.layout import sequence_like

SECONDS_A_STEP = 8e-9
"""About what a step of 16 channels takes."""


def forward(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:
    """Convolve u (B, D, L) with weight (D, K): (B, D, L), in the dtype of u and laid out as it is."""
    if u.numel() == 0:
        return sequence_like(u, empty).to(u.dtype)
    call = _lay_out(u, weight, bias, silu)
    y = call.result_like("y", u)
    call.run_forward("convolution", _needed(call.job), _seconds(call.job))
    return y.to(u.dtype)


def backward(grad_y: Tensor, u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> list[Tensor]:
    """Gradients of u, weight and, where it is given, bias, in the shapes and dtypes of these."""
    given = [value for value in (u, weight, bias) if value is not None]
    if u.numel() == 0:
        return [torch.zeros_like(value) for value in given]
    call = _lay_out(u, weight, bias, silu)
    job, taps = call.job, weight.shape[1]
    call.add_sequences("grad_y", grad_y)
    grad_u = call.result_like("grad_u", u)
    cut = Cut.of(job["batch"], job["blocks"])
    rows = call.run_backward("convolution_backward", _needed(job), 3 * _seconds(job), cut, taps + 1)
    shared = rows.transpose(1, 2).reshape(-1, taps + 1)[: u.shape[1]]  # (D, K + 1)
    gradients = (grad_u, shared[:, :taps].clone(), shared[:, taps].clone())
    return [gradient.to(value.dtype) for gradient, value in zip(gradients, given, strict=False)]


def _lay_out(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Call:
    batch, dim, length = u.shape
    job = {"batch": batch, "dim": dim, "length": length, "blocks": -(-dim // LANES)}
    call = Call(CONVOLUTION, job | {"taps": weight.shape[1], "silu": int(silu)})
    call.add_sequences("u", u)
    call.add_values("weight", weight)
    call.add_values("bias", bias)
    return call


def _needed(job: dict[str, int]) -> int:
    """Bytes of workspace for one thread."""
    return int(arrange.py_func(0, job["blocks"], job["taps"], job["length"]).end)


def _seconds(job: dict[str, int]) -> float:
    return SECONDS_A_STEP * job["batch"] * job["length"] * job["blocks"]
