"""The causal convolution on tensors in memory."""

from functools import lru_cache

import torch
from torch import Tensor

from spectralmamba.ops.cpu.call import Cut, Layouts, Plan, as_sequences, as_values, distances_of_sequences, layouts_of
from spectralmamba.ops.cpu.convolution import arrange
from spectralmamba.ops.cpu.functions import as_python
from spectralmamba.ops.cpu.job import CONVOLUTION_FIELDS
from spectralmamba.ops.cpu.memory import empty
from spectralmamba.ops.cpu.simd import LANES
from spectralmamba.ops.layout import sequence_like

SECONDS_A_STEP = 8e-9
"""About what a step of 16 channels takes; three times that to differentiate it."""

_SEQUENCES = {"u", "y", "grad_y", "grad_u"}


def forward(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:
    """Convolve u (B, D, L) with weight (D, K): (B, D, L), in the dtype of u and laid out as it is."""
    y = sequence_like(u, empty)
    if u.numel() > 0:
        tensors = _prepare(u, weight, bias) | {"y": y}
        _plan("convolution", layouts_of(tensors), silu, torch.get_num_threads()).run(tuple(tensors.values()))
    return y.to(u.dtype)


def backward(
    grad_y: Tensor, u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool, room: Tensor | None = None
) -> list[Tensor]:
    """Gradients of u, weight and, where it is given, bias, in the shapes and dtypes of these.

    The first is written to ``room``, where it is given: float32 (B, D, L) with channels or steps contiguous.
    """
    given = [("u", u), ("weight", weight)] if bias is None else [("u", u), ("weight", weight), ("bias", bias)]
    if u.numel() == 0:
        return [torch.zeros_like(value) for _, value in given]
    gradients = {f"grad_{name}": torch.empty(value.shape) for name, value in given[1:]}
    gradients["grad_u"] = sequence_like(u, empty) if room is None else room
    tensors = _prepare(u, weight, bias) | gradients | {"grad_y": as_sequences(grad_y)}
    blocks = _blocks(u.shape[1])
    tensors["partials"] = torch.empty(Cut.of(len(u), blocks).chunks, blocks, weight.shape[1] + 1, LANES)
    _plan("convolution_backward", layouts_of(tensors), silu, torch.get_num_threads()).run(tuple(tensors.values()))
    return [gradients[f"grad_{name}"].to(value.dtype) for name, value in given]


def _prepare(u: Tensor, weight: Tensor, bias: Tensor | None) -> dict[str, Tensor]:
    """Bring the arguments into forms that the kernels take, by name."""
    tensors = {"u": as_sequences(u), "weight": as_values(weight)}
    return tensors if bias is None else tensors | {"bias": as_values(bias)}


def _blocks(dim: int) -> int:
    return -(-dim // LANES)


@lru_cache(maxsize=512)
def _plan(kernel: str, layouts: Layouts, silu: bool, n_threads: int) -> Plan:  # noqa: ARG001
    """Plan a kernel; the threads that PyTorch has are part of what decides it."""
    by_name = dict(layouts)
    batch, dim, length = by_name["u"][0]
    taps, blocks = by_name["weight"][0][1], _blocks(dim)
    job = {"batch": batch, "dim": dim, "length": length, "blocks": blocks, "taps": taps, "silu": int(silu)}
    for name, layout in layouts:
        if name in _SEQUENCES:
            job |= distances_of_sequences(name, layout)
    needed = as_python(arrange)(0, blocks, taps, length).end
    seconds = SECONDS_A_STEP * batch * length * blocks
    if kernel == "convolution":
        return Plan.forward(kernel, CONVOLUTION_FIELDS, layouts, job, needed, seconds)
    job["partial_rows"] = taps + 1
    return Plan.backward(kernel, CONVOLUTION_FIELDS, layouts, job, needed, 3 * seconds)
