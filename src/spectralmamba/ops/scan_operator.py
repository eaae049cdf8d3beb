"""The selective scan as an operator of PyTorch, so that ``torch.compile``, ``torch.export`` and autocast know it.

Two operators, ``spectralmamba::selective_scan`` and ``spectralmamba::selective_scan_backward``. Each takes the name of the
backend that computes it; the reference needs none, being made of PyTorch's own.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.kernels import kernels, refuse_second_derivatives, refuse_vmap, remember_nothing
from spectralmamba.ops.layout import projection_view, sequence_like


@torch.library.custom_op("spectralmamba::selective_scan", mutates_args=())
def scan(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None,
    z: Tensor | None,
    delta_bias: Tensor | None,
    delta_softplus: bool,
    return_last_state: bool,
    backend: str,
) -> tuple[Tensor, Tensor]:
    """Scan checked arguments: y, and the last state or (0,)."""
    arguments = ScanArguments(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    result: tuple[Tensor, Tensor] = kernels(backend, "scan").forward(arguments, return_last_state)
    return result


@torch.library.custom_op("spectralmamba::selective_scan_backward", mutates_args=())
def scan_backward(
    grad_y: Tensor,
    grad_last_state: Tensor | None,
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None,
    z: Tensor | None,
    delta_bias: Tensor | None,
    delta_softplus: bool,
    backend: str,
) -> list[Tensor]:
    """Gradients of the arguments that are given, in the order of the call."""
    arguments = ScanArguments(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    gradients: list[Tensor] = kernels(backend, "scan").backward(arguments, grad_y, grad_last_state)
    return gradients


@scan.register_fake
def _trace_scan(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None,
    z: Tensor | None,
    delta_bias: Tensor | None,
    delta_softplus: bool,
    return_last_state: bool,
    backend: str,
) -> tuple[Tensor, Tensor]:
    shape = (u.shape[0], u.shape[1], A.shape[1]) if return_last_state else (0,)
    return sequence_like(u, partial(_empty_like, u)), u.new_empty(shape, dtype=torch.float32)


@scan_backward.register_fake
def _trace_scan_backward(
    grad_y: Tensor,
    grad_last_state: Tensor | None,
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None,
    z: Tensor | None,
    delta_bias: Tensor | None,
    delta_softplus: bool,
    backend: str,
) -> list[Tensor]:
    arguments = ScanArguments(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    return [_trace_gradient(name, value) for name, value in arguments.given()]


def _trace_gradient(name: str, value: Tensor) -> Tensor:
    if name in {"u", "delta", "z"}:
        return sequence_like(value, partial(_empty_like, value))
    if name in {"B", "C"} and value.ndim > 2:
        groups = value.shape[1] if value.ndim == 4 else 1
        return projection_view(value.new_empty(value.shape[0], groups, value.shape[-1], value.shape[-2]), value)
    return value.new_empty(value.shape)


def _empty_like(value: Tensor, *shape: int) -> Tensor:
    return value.new_empty(shape)


def _remember(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:  # noqa: ANN401, ARG001
    *tensors, ctx.delta_softplus, ctx.return_last_state, ctx.backend = inputs
    ctx.save_for_backward(*tensors)
    ctx.set_materialize_grads(False)  # the last state's gradient is often not there, and is large


def _differentiate(ctx: Any, grad_y: Tensor | None, grad_last_state: Tensor | None) -> tuple[Tensor | None, ...]:  # noqa: ANN401
    tensors = ctx.saved_tensors
    if grad_y is None:
        grad_y = torch.zeros_like(tensors[0])
    if not ctx.return_last_state:
        grad_last_state = None  # a compiled graph gives one of shape (0,)
    gradients = iter(scan_backward(grad_y, grad_last_state, *tensors, ctx.delta_softplus, ctx.backend))
    return (*(None if tensor is None else next(gradients) for tensor in tensors), None, None, None)


scan.register_autograd(_differentiate, setup_context=_remember)
scan_backward.register_autograd(refuse_second_derivatives, setup_context=remember_nothing)
scan.register_vmap(refuse_vmap)
scan_backward.register_vmap(refuse_vmap)
