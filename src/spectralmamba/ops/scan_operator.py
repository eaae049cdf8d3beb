"""The selective scan as an operator of PyTorch, so that ``torch.compile``, ``torch.export`` and autocast know it.

Two operators, ``spectralmamba::selective_scan`` and ``spectralmamba::selective_scan_backward``. Each is told the
backend that computes it; the reference needs none, being made of PyTorch's own.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.layout import projection_view, sequence_like
from spectralmamba.ops.registration import (
    NoSecondDerivatives,
    ReverseOnly,
    below_autograd,
    kernels,
    register,
    register_gradient,
)

_ARGUMENTS = (
    "Tensor u, Tensor delta, Tensor A, Tensor B, Tensor C, Tensor? D, Tensor? z, Tensor? delta_bias, "
    "bool delta_softplus"
)
_N_TENSORS = 8


def _compute(*arguments: Any) -> tuple[Tensor, Tensor]:  # noqa: ANN401
    """Give y, and the last state or (0,)."""
    *scan_arguments, return_last_state, backend = arguments
    result: tuple[Tensor, Tensor] = kernels(backend, "scan").forward(ScanArguments(*scan_arguments), return_last_state)
    return result


def _trace(*arguments: Any) -> tuple[Tensor, Tensor]:  # noqa: ANN401
    *scan_arguments, return_last_state, _ = arguments
    u, A = scan_arguments[0], scan_arguments[2]
    shape = (u.shape[0], u.shape[1], A.shape[1]) if return_last_state else (0,)
    return sequence_like(u, partial(_empty_like, u)), u.new_empty(shape, dtype=torch.float32)


def _compute_backward(grad_y: Tensor, grad_last_state: Tensor | None, *arguments: Any) -> tuple[Tensor, ...]:  # noqa: ANN401
    """Give a gradient for each tensor of the call, (0,) where it is not given."""
    *scan_arguments, backend = arguments
    gradients = kernels(backend, "scan").backward(ScanArguments(*scan_arguments), grad_y, grad_last_state)
    return _in_every_place(scan_arguments[:_N_TENSORS], gradients)


def _trace_backward(grad_y: Tensor, grad_last_state: Tensor | None, *arguments: Any) -> tuple[Tensor, ...]:  # noqa: ANN401, ARG001
    *scan_arguments, _ = arguments
    gradients = [_trace_gradient(name, value) for name, value in ScanArguments(*scan_arguments).given()]
    return _in_every_place(scan_arguments[:_N_TENSORS], gradients)


def _in_every_place(tensors: list[Tensor | None], gradients: list[Tensor]) -> tuple[Tensor, ...]:
    given = iter(gradients)
    return tuple(gradients[0].new_empty(0) if tensor is None else next(given) for tensor in tensors)


def _trace_gradient(name: str, value: Tensor) -> Tensor:
    if name in {"u", "delta", "z"}:
        return sequence_like(value, partial(_empty_like, value))
    if name in {"B", "C"} and value.ndim > 2:
        groups = value.shape[1] if value.ndim == 4 else 1
        return projection_view(value.new_empty(value.shape[0], groups, value.shape[-1], value.shape[-2]), value)
    return value.new_empty(value.shape)


def _empty_like(value: Tensor, *shape: int) -> Tensor:
    return value.new_empty(shape)


_scan = register(
    f"selective_scan({_ARGUMENTS}, bool return_last_state, str backend) -> (Tensor, Tensor)", _compute, _trace
)
_scan_backward = register(
    f"selective_scan_backward(Tensor grad_y, Tensor? grad_last_state, {_ARGUMENTS}, str backend) "
    f"-> ({', '.join(['Tensor'] * _N_TENSORS)})",
    _compute_backward,
    _trace_backward,
)


class _Scan(ReverseOnly):
    @staticmethod
    def forward(*arguments: Any) -> Any:  # noqa: ANN401
        return below_autograd(_scan, *arguments)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401, ARG004
        ctx.save_for_backward(*inputs[:_N_TENSORS])
        ctx.delta_softplus, ctx.return_last_state, ctx.backend = inputs[_N_TENSORS:]
        ctx.set_materialize_grads(False)  # the last state's gradient is often not there, and is large

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        grad_y, grad_last_state = gradients
        tensors = ctx.saved_tensors
        if grad_y is None:
            grad_y = torch.zeros_like(tensors[0])
        if not ctx.return_last_state:
            grad_last_state = None  # a compiled graph gives one of shape (0,)
        results = scan_backward(grad_y, grad_last_state, *tensors, ctx.delta_softplus, ctx.backend)
        return (*(None if t is None else result for t, result in zip(tensors, results, strict=True)), None, None, None)


class _ScanBackward(NoSecondDerivatives):
    @staticmethod
    def forward(*arguments: Any) -> Any:  # noqa: ANN401
        return below_autograd(_scan_backward, *arguments)


scan = register_gradient(_scan, _Scan)
scan_backward = register_gradient(_scan_backward, _ScanBackward)
