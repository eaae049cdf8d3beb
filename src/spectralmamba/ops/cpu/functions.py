"""The transcendental functions of the scan on vectors of float32, by polynomials that need no table and no branch."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

from spectralmamba.ops.cpu.simd import absolute, at_least, at_most, constant, fma, times_power_of_2

LOG2_E = 1.4426950408889634
LN_2 = 0.6931471805599453

BOUND = 126.0
"""Largest |x| that :func:`exp2_bounded` takes."""

Vector = Any  # sixteen float32 lanes; exists in compiled code alone

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
# Whether a function is inlined is said outright, since one called from another that is inlined would otherwise be, too.


def compiled(function: Function) -> Function:
    """Compile a function of the kernels: for them alone, since it gets no way in from the interpreter."""
    return cast("Function", njit(forceinline=False, **_OPTIONS)(function))


def inlined(function: Function) -> Function:
    """Compile a function into those that call it."""
    return cast("Function", njit(forceinline=True, **_OPTIONS)(function))


def as_python(function: Function) -> Function:
    """Give the plain Python of a compiled function."""
    return cast("Function", function.py_func)  # type: ignore[attr-defined]


@inlined
def exp2_bounded(x: Vector) -> Vector:
    """2ˣ for |x| ≤ :data:`BOUND`, to two units in the last place.

    x is split into a whole number and a rest in [−½, ½]. Adding 1.5·2²³ rounds it, and leaves the whole number in the
    lowest bits. The polynomial is a minimax fit with p(0) = 1 exactly (relative error 9e-8): a state that hardly decays
    must not drift over thousands of steps. Sums rather than fused products where either would do: processors have units
    for sums beside those for products.
    """
    magic = x + constant(12582912.0)
    rest = x - (magic - constant(12582912.0))
    p = fma(rest, constant(0.00132546026725322), constant(0.009671999141573906))
    p = fma(rest, p, constant(0.05550779402256012))
    p = fma(rest, p, constant(0.24022231996059418))
    p = fma(rest, p, constant(0.6931469440460205))
    p = fma(rest, p, constant(1.0))
    return times_power_of_2(p, magic)


@inlined
def exp2(x: Vector) -> Vector:
    """2ˣ for any x: infinity from 128 on, 0 up to −127, within 1.2e-38 where the result is not a normal number."""
    return exp2_bounded(at_most(at_least(x, constant(-127.0)), constant(128.0)))


@inlined
def softplus(x: Vector) -> Vector:
    """log(1 + eˣ) without overflow, with small relative error also where it is small.

    max(x, 0) + log1p(e) with e = exp(−|x|), and log1p(e) = 2 artanh(s) with s = e / (2 + e) in (0, 1/3].
    """
    e = exp2(absolute(x) * constant(-LOG2_E))
    s = e / (e + constant(2.0))
    square = s * s
    series = fma(square, constant(0.14135822653770447), constant(0.13976028561592102))
    series = fma(square, series, constant(0.20012113451957703))
    series = fma(square, series, constant(0.3333319127559662))
    series = fma(square, series, constant(1.0))
    return fma(s + s, series, at_least(x, constant(0.0)))


@inlined
def sigmoid(x: Vector) -> Vector:
    """1 / (1 + e⁻ˣ)."""
    return constant(1.0) / (constant(1.0) + exp2(x * constant(-LOG2_E)))
