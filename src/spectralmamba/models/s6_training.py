"""A whole Mamba block as one step of differentiation, for training on a CPU.

A training step at a batch of 64 spends more time between PyTorch's operations than in them: a block is some twenty
nodes of its graph. Here it is one, made of the same products, convolution and scan, its gradients written out. For
the whole model's training step it makes the difference between three and more than four times the speed of the
reference (``benchmarks/model.py``).
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.backends import pick_backend
from spectralmamba.ops.registration import NoSecondDerivatives, ReverseOnly, are_transforms_active, kernels

if TYPE_CHECKING:
    from spectralmamba.models.s6 import S6, S6Block

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def is_trained_here(block: "S6Block", scan: "S6", tokens: Tensor) -> bool:
    """Whether a block may be computed as one step: it is trained in float32 on a CPU, and nobody looks into it.

    Hooks on its parts, a tracer, a transform or autocast see the parts one by one, as they expect.
    """
    return (
        torch.is_grad_enabled()
        and tokens.device.type == "cpu"
        and tokens.dtype == scan.A_log.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
        and not are_transforms_active()
        and tokens.numel() > 0
        and pick_backend(scan.backend) == "cpu"
        and not any(getattr(part, hooks) for part in _parts(block) for hooks in HOOKS)
    )


def _parts(block: "S6Block") -> tuple[nn.Module, ...]:
    scan = block.scan.children()
    return block.norm, block.input_projection, block.convolution, block.scan, block.output_projection, *scan


def train_block(block: "S6Block", scan: "S6", tokens: Tensor) -> Tensor:
    """Run a block on tokens (B, L, dim)."""
    result: Tensor = _Block.apply(  # type: ignore[no-untyped-call]
        tokens,
        block.norm.weight,
        block.norm.bias,
        block.input_projection.weight,
        block.convolution.weight,
        block.convolution.bias,
        scan.parameter_projection.weight,
        scan.step_projection.weight,
        scan.step_bias,
        scan.A_log,
        scan.D,
        block.output_projection.weight,
        block.norm.eps,
    )
    return result


class _Block(ReverseOnly):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        tokens: Tensor,
        norm_weight: Tensor,
        norm_bias: Tensor,
        input_weight: Tensor,
        taps: Tensor,
        taps_bias: Tensor,
        parameter_weight: Tensor,
        step_weight: Tensor,
        step_bias: Tensor,
        A_log: Tensor,
        D: Tensor,
        output_weight: Tensor,
        eps: float,
    ) -> Tensor:
        shape, (inner, n_states) = tokens.shape, A_log.shape
        normed, mean, spread = torch.native_layer_norm(tokens, shape[-1:], norm_weight, norm_bias, eps)
        xz = torch.mm(normed.view(-1, shape[-1]), input_weight.t()).view(*shape[:2], -1)
        convolve = kernels("cpu", "causal_conv1d").forward
        u = convolve(_channels_first(xz[..., :inner]), taps[:, 0], taps_bias, True).transpose(1, 2)  # (B, L, D)
        parameters = torch.mm(u.reshape(-1, inner), parameter_weight.t())  # (B·L, R + 2N)
        step = torch.mm(parameters[:, : step_weight.shape[1]], step_weight.t()).view(u.shape)
        A = -torch.exp(A_log)
        arguments = _scan_arguments(u, step, A, parameters, D, xz, step_bias, n_states)
        y = kernels("cpu", "scan").forward(arguments, False)[0].transpose(1, 2).reshape(-1, inner)
        ctx.save_for_backward(
            tokens, norm_weight, norm_bias, input_weight, taps, taps_bias, parameter_weight, step_weight, step_bias, D,
            output_weight, normed, mean, spread, xz, u, parameters, step, A, y,
        )  # fmt: skip
        return torch.addmm(tokens.reshape(-1, shape[-1]), y, output_weight.t()).view(shape)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:  # noqa: ANN401
        if torch._C._functorch.is_legacy_batchedtensor(gradients[0]):  # noqa: SLF001 - of is_grads_batched
            ReverseOnly.vmap(None, None)
        if torch.is_grad_enabled():  # asked for with create_graph: what comes is to be differentiated again
            return (*_BlockBackward.apply(*gradients, *ctx.saved_tensors), None)  # type: ignore[no-untyped-call]
        return (*_differentiate(*gradients, *ctx.saved_tensors), None)


class _BlockBackward(NoSecondDerivatives):
    @staticmethod
    def forward(*values: Tensor) -> tuple[Tensor, ...]:
        return _differentiate(*values)


def _differentiate(
    gradient: Tensor,
    tokens: Tensor,
    norm_weight: Tensor,
    norm_bias: Tensor,
    input_weight: Tensor,
    taps: Tensor,
    taps_bias: Tensor,
    parameter_weight: Tensor,
    step_weight: Tensor,
    step_bias: Tensor,
    D: Tensor,
    output_weight: Tensor,
    normed: Tensor,
    mean: Tensor,
    spread: Tensor,
    xz: Tensor,
    u: Tensor,
    parameters: Tensor,
    step: Tensor,
    A: Tensor,
    y: Tensor,
) -> tuple[Tensor, ...]:
    """Give the gradients of all that :class:`_Block` differentiates, in its order."""
    shape, (inner, n_states), rank = tokens.shape, A.shape, step_weight.shape[1]
    grad_out = gradient.reshape(-1, shape[-1])
    grad_y = torch.mm(grad_out, output_weight).view(u.shape)
    grad_xz, grad_parameters = torch.empty_like(xz), torch.empty_like(parameters)
    grad_x, grad_z = (_channels_first(half) for half in grad_xz.chunk(2, dim=-1))
    columns = grad_parameters.view(*shape[:2], -1)
    rooms = {"B": _channels_first(columns[..., rank:-n_states]), "C": _channels_first(columns[..., -n_states:])}
    arguments = _scan_arguments(u, step, A, parameters, D, xz, step_bias, n_states)
    grad_u, grad_step, grad_A, _, _, grad_D, _, grad_step_bias = kernels("cpu", "scan").backward(
        arguments, _channels_first(grad_y), None, {"z": grad_z} | rooms
    )
    grad_step = _rows(grad_step, inner)
    torch.mm(grad_step, step_weight, out=grad_parameters[:, :rank])
    grad_u = _rows(grad_u, inner).addmm_(grad_parameters, parameter_weight).view(u.shape)
    _, grad_taps, grad_taps_bias = kernels("cpu", "causal_conv1d").backward(
        _channels_first(grad_u), _channels_first(xz[..., :inner]), taps[:, 0], taps_bias, True, grad_x
    )
    grad_rows = grad_xz.view(-1, 2 * inner)
    grad_tokens, grad_norm_weight, grad_norm_bias = torch.ops.aten.native_layer_norm_backward(
        torch.mm(grad_rows, input_weight).view(shape),
        tokens,
        shape[-1:],
        mean,
        spread,
        norm_weight,
        norm_bias,
        [True] * 3,
    )
    return (
        grad_tokens.add_(gradient),
        grad_norm_weight,
        grad_norm_bias,
        torch.mm(grad_rows.t(), normed.view(-1, shape[-1])),
        grad_taps[:, None],
        grad_taps_bias,
        torch.mm(grad_parameters.t(), u.reshape(-1, inner)),
        torch.mm(parameters[:, :rank].t(), grad_step).t(),  # the other way round it takes five times as long
        grad_step_bias,
        grad_A * A,  # A = −exp(A_log)
        grad_D,
        torch.mm(grad_out.t(), y),
    )


def _scan_arguments(
    u: Tensor,
    step: Tensor,
    A: Tensor,
    parameters: Tensor,
    D: Tensor,
    xz: Tensor,
    step_bias: Tensor,
    n_states: int,
) -> ScanArguments:
    """What the scan is given: B and C are the last columns of ``parameters``, z is the second half of ``xz``."""
    columns = parameters.view(*u.shape[:2], -1)
    B, C = columns[..., -2 * n_states : -n_states], columns[..., -n_states:]
    u, step, B, C, z = (_channels_first(value) for value in (u, step, B, C, xz[..., u.shape[2] :]))
    return ScanArguments(u, step, A, B, C, D, z, step_bias, True)


def _channels_first(value: Tensor) -> Tensor:
    """(B, L, D) -> (B, D, L)."""
    return value.transpose(1, 2)


def _rows(value: Tensor, width: int) -> Tensor:
    """(B, D, L) -> (B·L, D)."""
    return value.transpose(1, 2).reshape(-1, width)
