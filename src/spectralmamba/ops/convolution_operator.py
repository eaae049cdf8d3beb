"""The causal convolution on a CPU as operators of PyTorch, as the selective scan in ``scan_operator``."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from spectralmamba.ops.kernels import kernels, refuse_second_derivatives, refuse_vmap, remember_nothing
from spectralmamba.ops.layout import sequence_like


@torch.library.custom_op("spectralmamba::causal_conv1d", mutates_args=())
def convolution(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:
    """Convolve checked arguments."""
    result: Tensor = kernels("cpu", "causal_conv1d").forward(u, weight, bias, silu)
    return result


@torch.library.custom_op("spectralmamba::causal_conv1d_backward", mutates_args=())
def convolution_backward(grad_y: Tensor, u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> list[Tensor]:
    """Gradients of u, weight and, where it is given, bias."""
    gradients: list[Tensor] = kernels("cpu", "causal_conv1d").backward(grad_y, u, weight, bias, silu)
    return gradients


@convolution.register_fake
def _trace(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:
    return sequence_like(u, partial(_empty_like, u))


@convolution_backward.register_fake
def _trace_backward(grad_y: Tensor, u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> list[Tensor]:
    small = [value.new_empty(value.shape) for value in (weight, bias) if value is not None]
    return [sequence_like(u, partial(_empty_like, u)), *small]


def _empty_like(value: Tensor, *shape: int) -> Tensor:
    return value.new_empty(shape)


def _remember(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:  # noqa: ANN401, ARG001
    u, weight, bias, ctx.silu = inputs
    ctx.save_for_backward(u, weight, bias)


def _differentiate(ctx: Any, grad_y: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
    u, weight, bias = ctx.saved_tensors
    grad_u, grad_weight, *grad_bias = convolution_backward(grad_y, u, weight, bias, ctx.silu)
    return grad_u, grad_weight, (grad_bias[0] if grad_bias else None), None


convolution.register_autograd(_differentiate, setup_context=_remember)
convolution_backward.register_autograd(refuse_second_derivatives, setup_context=remember_nothing)
convolution.register_vmap(refuse_vmap)
convolution_backward.register_vmap(refuse_vmap)
