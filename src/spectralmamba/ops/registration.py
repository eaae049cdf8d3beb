"""Registering an operator with PyTorch: its kernels, its shapes, its gradient, and what it cannot do.

``torch.library.custom_op`` would do as well, and takes twice as long for each call: 270 µs for a scan and its gradients
where this takes 190 (measured on tiny tensors, 2026-11-24), and a training step of the model makes several of them.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, NoReturn

import torch
from torch import Tensor
from torch.autograd import forward_ad

from spectralmamba.errors import BackendError

NAMESPACE = "spectralmamba"

_library = torch.library.Library(NAMESPACE, "FRAGMENT")  # type: ignore[no-untyped-call]

Operator = Callable[..., Any]


class ReverseOnly(torch.autograd.Function):
    """Base of what differentiates an operator: backwards, and not in any other of PyTorch's ways."""

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> NoReturn:  # noqa: ANN401, ARG004
        """Refuse to differentiate forwards.

        Raises
        ------
        BackendError
            Always.
        """
        raise BackendError(
            "the fast backends of the selective scan have no forward-mode derivatives (jvp, jacfwd); use reverse mode, "
            "or backend='reference'"
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *arguments: Any) -> NoReturn:  # noqa: ANN401, ARG004
        """Refuse to be mapped.

        Raises
        ------
        BackendError
            Always.
        """
        raise BackendError(
            "the fast backends of the selective scan do not work inside vmap; they take a batch as it is, so make the "
            "mapped dimension part of it, or use backend='reference'"
        )


@cache
def kernels(backend: str, operation: str) -> Any:  # noqa: ANN401 - a module
    """Import a backend's kernels for an operation: a module with ``forward`` and ``backward``."""
    return import_module(f"spectralmamba.ops.{backend}.{operation}")


def register(schema: str, compute: Callable[..., Any], trace: Callable[..., Any]) -> Operator:
    """Register an operator.

    Parameters
    ----------
    schema : str
        Name, arguments and results as PyTorch writes them.
    compute : callable
        Computes the results, on any device.
    trace : callable
        Makes tensors of the results' shapes, dtypes and strides without computing, for ``torch.compile`` and others.
    """
    name = schema.partition("(")[0]
    _library.define(schema)  # type: ignore[no-untyped-call]
    _library.impl(name, compute, "CompositeExplicitAutograd")  # type: ignore[no-untyped-call]
    qualified = f"{NAMESPACE}::{name}"
    torch.library.register_fake(qualified, trace, lib=_library)
    torch.library.register_vmap(qualified, ReverseOnly.vmap, lib=_library)
    operator: Operator = getattr(getattr(torch.ops, NAMESPACE), name).default
    return operator


def register_gradient(operator: Operator, function: type[ReverseOnly]) -> Operator:
    """Differentiate an operator by a function whose ``forward`` is :func:`below_autograd` of it.

    Returns
    -------
    callable
        To be called in place of the operator. Inside ``torch.func.grad`` and its like it calls the function, which
        PyTorch knows how to transform there; behind an operator it does not.
    """

    def differentiate(*arguments: Any) -> Any:  # noqa: ANN401
        _refuse_tangents(arguments)
        if torch.is_grad_enabled() and any(isinstance(a, Tensor) and a.requires_grad for a in arguments):
            return function.apply(*arguments)  # type: ignore[no-untyped-call]
        return below_autograd(operator, *arguments)

    def call(*arguments: Any) -> Any:  # noqa: ANN401
        if are_transforms_active():
            return function.apply(*arguments)  # type: ignore[no-untyped-call]
        return operator(*arguments)

    name = operator.name().partition("::")[2]  # type: ignore[attr-defined]
    _library.impl(name, differentiate, "Autograd")  # type: ignore[no-untyped-call]
    return call


def are_transforms_active() -> bool:
    """Whether this runs inside ``torch.func.grad``, ``vmap`` or another of PyTorch's transforms of functions."""
    active: bool = torch._C._are_functorch_transforms_active()  # noqa: SLF001 - torch.autograd.Function asks likewise
    return active


def below_autograd(operator: Operator, *arguments: Any) -> Any:  # noqa: ANN401
    """Call an operator without its gradient."""
    with torch._C._AutoDispatchBelowAutograd():  # noqa: SLF001 - PyTorch's manual on operators has no other way
        return operator(*arguments)


class NoSecondDerivatives(ReverseOnly):
    """Base of what stands in for the derivative of an operator that computes gradients; a subclass has ``forward``."""

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:  # noqa: ANN401
        """Keep nothing."""

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> NoReturn:  # noqa: ANN401, ARG004
        """Refuse.

        Raises
        ------
        BackendError
            Always.
        """
        raise BackendError(
            "the fast backends of the selective scan have no second derivatives; use backend='reference', which has"
        )


def _refuse_tangents(arguments: tuple[Any, ...]) -> None:
    """Refuse forward-mode differentiation, for which below autograd every result would silently be a constant."""
    if forward_ad._current_level < 0:  # noqa: SLF001 - asking each tensor instead takes ten times as long
        return
    tensors = (a for a in arguments if isinstance(a, Tensor))
    if any(forward_ad.unpack_dual(a).tangent is not None for a in tensors):  # type: ignore[no-untyped-call]
        ReverseOnly.jvp(None)
