"""The causal depthwise convolution that stands before the selective scan in a Mamba block."""

import torch
from torch import Tensor
from torch.nn import functional

from spectralmamba.ops.backends import pick_backend
from spectralmamba.ops.convolution_operator import convolution
from spectralmamba.ops.tensors import check_tensors


def causal_conv1d(
    u: Tensor, weight: Tensor, bias: Tensor | None = None, *, silu: bool = False, backend: str = "auto"
) -> Tensor:
    """Convolve each channel along the sequence so that a step sees itself and those before it.

    Parameters
    ----------
    u : Tensor, shape (B, D, L)
        float32, bfloat16, float16 or float64.
    weight : Tensor, shape (D, K)
        Taps, K ≥ 1; the last is that of the step itself.
    bias : Tensor, shape (D,), optional
    silu : bool
        Apply SiLU to the result.
    backend : str
        As for :func:`spectralmamba.ops.selective_scan`; on a GPU the convolution is PyTorch's own in any case.

    Returns
    -------
    Tensor, shape (B, D, L)
        In the dtype of ``u``.

    Raises
    ------
    ValueError, TypeError
        Shapes that do not fit; tensors that are complex, of whole numbers, or on several devices.
    BackendError
        A backend asked for by name that is not there, or does not take these tensors.
    """
    _check(u, weight, bias)
    picked = pick_backend(backend, u.device.type, torch.float64 in (u.dtype, weight.dtype))
    if picked == "cpu":
        y: Tensor = convolution(u, weight, bias, silu)
        return y
    return _by_pytorch(u, weight, bias, silu)


def _by_pytorch(u: Tensor, weight: Tensor, bias: Tensor | None, silu: bool) -> Tensor:
    """Convolve in the widest of the dtypes, and give the result that of u."""
    if u.numel() == 0:  # PyTorch's takes neither no channels nor no steps
        return u * sum(value.sum() for value in (weight, bias) if value is not None)
    dtype = torch.promote_types(u.dtype, weight.dtype)
    if bias is not None:
        dtype = torch.promote_types(dtype, bias.dtype)
        bias = bias.to(dtype)
    padded = functional.pad(u.to(dtype), (weight.shape[1] - 1, 0))
    y = functional.conv1d(padded, weight.to(dtype)[:, None], bias, groups=weight.shape[0])
    return (functional.silu(y) if silu else y).to(u.dtype)


def _check(u: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    given = [("u", u), ("weight", weight)] + ([] if bias is None else [("bias", bias)])
    check_tensors("causal_conv1d", given)
    if u.ndim != 3:
        raise ValueError(f"u has shape {tuple(u.shape)}; expected (batch, dim, length)")
    if weight.ndim != 2 or weight.shape[0] != u.shape[1] or weight.shape[1] < 1:
        raise ValueError(
            f"weight has shape {tuple(weight.shape)}; expected (dim, taps) with dim = {u.shape[1]} as in u"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"bias has shape {tuple(bias.shape)}; expected ({weight.shape[0]},) to fit weight")
