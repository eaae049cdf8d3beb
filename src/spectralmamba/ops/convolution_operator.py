"""The causal convolution on a CPU as an operator of PyTorch, like the selective scan in ``scan_operator``."""

from functools import partial
from typing import Any

from torch import Tensor

from spectralmamba.ops.layout import sequence_like
from spectralmamba.ops.registration import (
    NoSecondDerivatives,
    ReverseOnly,
    below_autograd,
    kernels,
    register,
    register_gradient,
)


def _compute(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:
    result: Tensor = kernels("cpu", "causal_conv1d").forward(u, weight, bias, silu)
    return result


def _trace(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:  # noqa: ARG001
    return sequence_like(u, partial(_empty_like, u))


def _compute_backward(
    grad_y: Tensor, u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Give the gradients of u, weight and bias, (0,) where there is no bias."""
    grad_u, grad_weight, *grad_bias = kernels("cpu", "causal_conv1d").backward(grad_y, u, weight, bias, silu)
    return grad_u, grad_weight, grad_bias[0] if grad_bias else u.new_empty(0)


def _trace_backward(
    grad_y: Tensor,  # noqa: ARG001
    u: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    silu: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    grad_bias = u.new_empty(0) if bias is None else bias.new_empty(bias.shape)
    return _trace(u, weight, bias, silu), weight.new_empty(weight.shape), grad_bias


def _empty_like(value: Tensor, *shape: int) -> Tensor:
    return value.new_empty(shape)


_ARGUMENTS = "Tensor u, Tensor weight, Tensor? bias, bool silu"

_convolution = register(f"causal_conv1d({_ARGUMENTS}) -> Tensor", _compute, _trace)
_convolution_backward = register(
    f"causal_conv1d_backward(Tensor grad_y, {_ARGUMENTS}) -> (Tensor, Tensor, Tensor)",
    _compute_backward,
    _trace_backward,
)


class _Convolution(ReverseOnly):
    @staticmethod
    def forward(*arguments: Any) -> Any:  # noqa: ANN401
        return below_autograd(_convolution, *arguments)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401, ARG004
        u, weight, bias, ctx.silu = inputs
        ctx.save_for_backward(u, weight, bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        u, weight, bias = ctx.saved_tensors
        grad_u, grad_weight, grad_bias = convolution_backward(*gradients, u, weight, bias, ctx.silu)
        return grad_u, grad_weight, None if bias is None else grad_bias, None


class _ConvolutionBackward(NoSecondDerivatives):
    @staticmethod
    def forward(*arguments: Any) -> Any:  # noqa: ANN401
        return below_autograd(_convolution_backward, *arguments)


convolution = register_gradient(_convolution, _Convolution)
convolution_backward = register_gradient(_convolution_backward, _ConvolutionBackward)
