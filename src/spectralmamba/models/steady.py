"""Linear layers whose rows do not depend, to the last bit, on their place in the block."""

from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

MIN_OUTPUTS = 16
"""Narrower products are widened to this. Measured with MKL 2024.2 on AVX2: with up to 11 outputs, and inputs that are
no multiple of 4, it sums the last rows of a block in another order than the first; from 12 on it never did."""


class SteadyLinear(TorchFunctionMode):
    """Within it, ``torch.nn.functional.linear`` gives a row the same bits in whichever row of the input it stands.

    Holds for inputs of one fixed shape, in the thread that entered it, for any model.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever func returns
        """Run ``func``, a linear layer by :func:`steady_linear`."""
        return (steady_linear if func is functional.linear else func)(*args, **(kwargs or {}))


def steady_linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:  # noqa: A002 - PyTorch's name
    """Compute input (..., I) times weight (O, I) transposed, plus bias (O,), at least :data:`MIN_OUTPUTS` wide."""
    n_outputs = weight.shape[0]
    missing = max(0, MIN_OUTPUTS - n_outputs)
    if missing:
        weight = functional.pad(weight, (0, 0, 0, missing))
        bias = None if bias is None else functional.pad(bias, (0, missing))
    return functional.linear(input, weight, bias)[..., :n_outputs]
