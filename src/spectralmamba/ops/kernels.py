"""What the operators of this package share: where their kernels are, and what they cannot do."""

from importlib import import_module
from typing import Any, NoReturn

from spectralmamba.errors import BackendError


def kernels(backend: str, operation: str) -> Any:  # noqa: ANN401 - a module
    """Import a backend's kernels for an operation, a module with ``forward`` and ``backward``."""
    return import_module(f"spectralmamba.ops.{backend}.{operation}")


def remember_nothing(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401, ARG001
    """Prepare for :func:`refuse_second_derivatives`."""


def refuse_second_derivatives(ctx: Any, *gradients: Any) -> NoReturn:  # noqa: ANN401, ARG001
    """Stand in for the derivative of a gradient.

    Raises
    ------
    BackendError
        Always.
    """
    raise BackendError(
        "the fast backends of the selective scan have no second derivatives; use backend='reference', which has"
    )


def refuse_vmap(info: Any, in_dims: Any, *arguments: Any) -> NoReturn:  # noqa: ANN401, ARG001
    """Stand in for the rule of ``torch.vmap``.

    Raises
    ------
    BackendError
        Always.
    """
    raise BackendError(
        "the fast backends of the selective scan do not work inside vmap; they take a batch as it is, so make the mapped "
        "dimension part of it, or use backend='reference'"
    )
