"""How results lie in memory: one rule for every backend, and for the shapes that PyTorch traces without computing."""

from collections.abc import Callable

import torch
from torch import Tensor

Make = Callable[..., Tensor]


def sequence_like(value: Tensor, make: Make = torch.empty) -> Tensor:
    """Make an uninitialised (B, D, L) with channels contiguous where they are in ``value``, else steps.

    ``make(*shape)`` gives a contiguous tensor of the dtype and device wanted.
    """
    batch, dim, length = value.shape
    if value.stride(1) == 1 and value.stride(2) != 1:
        return make(batch, length, dim).transpose(1, 2)
    return make(batch, dim, length)


def projection_view(gradient: Tensor, value: Tensor) -> Tensor:
    """View the gradient (B, G, L, N) of a variable B or C in the shape of ``value``: (B, N, L) or (B, G, N, L)."""
    view = gradient.transpose(2, 3)
    return view[:, 0] if value.ndim == 3 else view
