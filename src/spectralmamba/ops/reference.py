"""The selective scan by its definition, in plain PyTorch: slow, differentiable to any order, the measure of the rest.

Gu & Dao 2023, arXiv 2312.00752, with B discretised by Euler's rule as in Mamba's published code::

    Δ_t = softplus(delta_t + delta_bias)            (softplus only where asked for)
    h_t = exp(Δ_t A) h_(t-1) + Δ_t B_t u_t          h_0 = 0
    y_t = C_t h_t + D u_t,   then  y_t · SiLU(z_t)  (D and z where given)
"""

import torch
from torch import Tensor
from torch.nn import functional

from spectralmamba.ops.arguments import ScanArguments


def selective_scan_reference(arguments: ScanArguments) -> tuple[Tensor, Tensor]:
    """Compute the scan step by step.

    Parameters
    ----------
    arguments : ScanArguments
        Checked arguments.

    Returns
    -------
    y : Tensor, shape (B, D, L)
        In the dtype of ``u``.
    last_state : Tensor, shape (B, D, N)
        h after the last step, in the state's dtype: float64 where ``u`` or ``A`` is float64, else float32.
    """
    dtype = _state_dtype(arguments)
    u, delta = arguments.u.to(dtype), _step_sizes(arguments, dtype)
    batch, dim, length = u.shape
    A = arguments.A.to(dtype)
    B = _steps_first(arguments.B.to(dtype), dim, length)
    C = _steps_first(arguments.C.to(dtype), dim, length)
    state = u.new_zeros(batch, dim, A.shape[1])
    outputs = []
    # `unbind` rather than indexing: its backward pass is one stack, where an index would zero-fill a whole gradient
    # at every step.
    steps = zip((delta * u).unbind(2), delta.unbind(2), B.unbind(), C.unbind(), strict=True)
    for drive_t, delta_t, B_t, C_t in steps:
        state = torch.exp(delta_t[..., None] * A) * state + drive_t[..., None] * B_t  # (B, D, N)
        outputs.append((state * C_t).sum(-1))  # (B, D)
    y = torch.stack(outputs, dim=2) if outputs else u.new_zeros(batch, dim, 0)
    if arguments.D is not None:
        y = y + arguments.D.to(dtype)[:, None] * u
    if arguments.z is not None:
        y = y * functional.silu(arguments.z.to(dtype))
    return y.to(arguments.u.dtype), state


def _state_dtype(arguments: ScanArguments) -> torch.dtype:
    wide = torch.float64 in (arguments.u.dtype, arguments.A.dtype)
    return torch.float64 if wide else torch.float32


def _step_sizes(arguments: ScanArguments, dtype: torch.dtype) -> Tensor:
    """Δ, shape (B, D, L)."""
    delta = arguments.delta.to(dtype)
    if arguments.delta_bias is not None:
        delta = delta + arguments.delta_bias.to(dtype)[:, None]
    return functional.softplus(delta) if arguments.delta_softplus else delta


def _steps_first(projection: Tensor, dim: int, length: int) -> Tensor:
    """View B or C in any of its three forms as one that broadcasts against (L, B, D, N), each step contiguous."""
    if projection.ndim == 2:  # (D, N): the same at every step
        return projection.expand(length, 1, -1, -1)
    if projection.ndim == 3:  # (B, N, L): the same for every channel
        return projection.permute(2, 0, 1).contiguous()[:, :, None]
    groups = projection.shape[1]
    return projection.permute(3, 0, 1, 2).repeat_interleave(dim // groups, dim=2)
