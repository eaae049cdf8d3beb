"""What every operation here asks of its tensors before their shapes are looked at."""

from collections.abc import Iterable

import torch
from torch import Tensor

SUPPORTED_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def check_tensors(operation: str, named: Iterable[tuple[str, Tensor]]) -> None:
    """Refuse what kernels cannot read, and tensors that are not where the first is.

    Parameters
    ----------
    operation : str
        The function that was called, for the message.
    named : iterable of (str, Tensor)
        Name and value of each argument that is given.

    Raises
    ------
    TypeError
        Something else than a dense tensor, a complex tensor, or a dtype outside :data:`SUPPORTED_DTYPES`.
    ValueError
        Tensors on several devices.
    """
    first, device = "", None
    for name, value in named:
        if not isinstance(value, Tensor):
            raise TypeError(f"{name} is of type {type(value).__name__}; {operation} takes tensors of PyTorch")
        if value.is_complex():
            raise TypeError(f"{name} is complex, which {operation} does not support; pass real tensors")
        if value.dtype not in SUPPORTED_DTYPES:
            raise TypeError(f"{name} has dtype {value.dtype}; pass float32, bfloat16, float16 or float64")
        if value.layout is not torch.strided:
            raise TypeError(f"{name} has layout {value.layout}; pass a dense tensor, as {name}.to_dense() gives it")
        if device is None:
            first, device = name, value.device
        elif value.device != device:
            raise ValueError(f"{name} is on {value.device} but {first} is on {device}; move them to one device")
