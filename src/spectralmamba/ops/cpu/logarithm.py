"""The natural logarithm of vectors of float32, by a polynomial that needs no table and no branch."""

from llvmlite import ir

from spectralmamba.ops.cpu.functions import Vector, inlined
from spectralmamba.ops.cpu.simd import (
    INTEGERS_TYPE,
    LANES,
    VECTOR_TYPE,
    Builder,
    Value,
    constant,
    fma,
    operation,
    vector,
)

SMALLEST = 1.1754943508222875e-38
"""Least x that :func:`log` takes: below it numbers are not normal, and have no exponent of their own."""

_BITS_OF_ROOT_HALF, _MANTISSA_BITS = 0x3F3504F3, 23
_LN_2_HIGH = 0.693145751953125  # few enough bits that its products with exponents are exact
_LN_2_LOW = 1.428606820309417e-06


def _same(value: int) -> Value:
    return ir.Constant(INTEGERS_TYPE, [value] * LANES)


def _exponent(builder: Builder, bits: Value) -> Value:
    """The whole k with x / 2ᵏ within √½ .. √2."""
    return builder.ashr(builder.sub(bits, _same(_BITS_OF_ROOT_HALF)), _same(_MANTISSA_BITS))


@operation(vector, vector)
def exponent_of(builder: Builder, x: Value) -> Value:
    """The whole number k for which x / 2ᵏ lies within √½ .. √2, as a float, for normal x above 0."""
    return builder.sitofp(_exponent(builder, builder.bitcast(x, INTEGERS_TYPE)), VECTOR_TYPE)


@operation(vector, vector)
def mantissa_of(builder: Builder, x: Value) -> Value:
    """Give x / 2ᵏ with the k of :func:`exponent_of`."""
    bits = builder.bitcast(x, INTEGERS_TYPE)
    exponent = builder.shl(_exponent(builder, bits), _same(_MANTISSA_BITS))
    return builder.bitcast(builder.sub(bits, exponent), VECTOR_TYPE)


@inlined
def log(x: Vector) -> Vector:
    """Give ln x for finite x from :data:`SMALLEST` on, to two units in the last place; any number for other x.

    ln x = k ln 2 + 2 artanh(s) with s = (m − 1) / (m + 1), |s| < 0.172, where the series of artanh is short.
    """
    k, m = exponent_of(x), mantissa_of(x)
    rest = m - constant(1.0)
    s = rest / (rest + constant(2.0))
    square, twice = s * s, s + s
    series = fma(square, constant(1 / 9), constant(1 / 7))
    series = fma(square, series, constant(1 / 5))
    series = fma(square, series, constant(1 / 3))
    return fma(k, constant(_LN_2_HIGH), fma(k, constant(_LN_2_LOW), fma(twice * square, series, twice)))
