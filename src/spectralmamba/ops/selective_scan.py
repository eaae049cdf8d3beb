"""The one function through which everything reaches the selective scan."""

import torch
from torch import Tensor

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.backends import BACKENDS, pick_backend
from spectralmamba.ops.reference import selective_scan_reference
from spectralmamba.ops.scan_operator import scan

__all__ = ["BACKENDS", "pick_backend", "selective_scan"]


def selective_scan(
    u: Tensor,
    delta: Tensor,
    A: Tensor,
    B: Tensor,
    C: Tensor,
    D: Tensor | None = None,
    z: Tensor | None = None,
    delta_bias: Tensor | None = None,
    delta_softplus: bool = False,
    return_last_state: bool = False,
    *,
    backend: str = "auto",
) -> Tensor | tuple[Tensor, Tensor]:
    """Run the selective state-space recurrence of Mamba over a batch of sequences.

    Takes the call of ``mamba_ssm``'s ``selective_scan_fn`` for real tensors; see
    :mod:`spectralmamba.ops.reference` for the formula.

    Parameters
    ----------
    u, delta : Tensor, shape (B, D, L)
        Input and (before bias and softplus) step size. float32, bfloat16, float16 or float64.
    A : Tensor, shape (D, N)
        Diagonal of the state matrix, negative for a stable recurrence.
    B, C : Tensor, shape (D, N), (B, N, L) or (B, G, N, L)
        Constant, variable, or variable in G groups of D / G channels.
    D : Tensor, shape (D,), optional
        Skip connection.
    z : Tensor, shape (B, D, L), optional
        Gate; the result is multiplied by SiLU(z).
    delta_bias : Tensor, shape (D,), optional
        Added to ``delta``.
    delta_softplus : bool
        Apply softplus to the biased ``delta``.
    return_last_state : bool
        Also return the state after the last step.
    backend : str
        ``"auto"``: the fastest that can run here on these tensors, and always one; or ``"reference"`` (plain PyTorch,
        any device and dtype, differentiable to any order), ``"cpu"`` (Numba), ``"gpu"`` (Triton).

    Returns
    -------
    y : Tensor, shape (B, D, L)
        In the dtype of ``u``; the state itself is float32 (float64 where ``u`` or ``A`` is).
    last_state : Tensor, shape (B, D, N)
        Only with ``return_last_state``.

    Raises
    ------
    ValueError, TypeError
        Shapes that do not fit, complex tensors, or unsupported dtypes.
    BackendError
        A backend asked for by name that is not there, or does not take these tensors; on a fast backend, a second
        derivative or a call inside ``torch.vmap``.
    """
    arguments = ScanArguments(u, delta, A, B, C, D, z, delta_bias, delta_softplus)
    arguments.check()
    picked = pick_backend(backend, u.device.type, torch.float64 in (u.dtype, A.dtype))
    if picked == "reference":
        y, last_state = selective_scan_reference(arguments)
    else:
        y, last_state = scan(u, delta, A, B, C, D, z, delta_bias, delta_softplus, return_last_state, picked)
    return (y, last_state) if return_last_state else y
