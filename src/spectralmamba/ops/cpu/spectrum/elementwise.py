"""What a block does to each number, and the norm: a pixel in each lane, sums over channels from vector to vector."""

from typing import Any

from spectralmamba.ops.cpu.functions import LOG2_E, compiled, exp2, inlined
from spectralmamba.ops.cpu.simd import (
    BYTES,
    VECTOR_TYPE,
    Builder,
    Value,
    call,
    constant,
    fma,
    load,
    load_everywhere,
    operation,
    store,
    vector,
)
from spectralmamba.ops.cpu.workspace import FLOAT

Vector = Any


@operation(vector, vector)
def root(builder: Builder, a: Value) -> Value:
    """√a."""
    return call(builder, "llvm.sqrt.v16f32", VECTOR_TYPE, a)


@inlined
def silu(x: Vector) -> Vector:
    """SiLU, x / (1 + e⁻ˣ)."""
    return x / (constant(1.0) + exp2(x * constant(-LOG2_E)))


@compiled
def sum_of(source: int, n: int) -> Vector:
    """Sum of n neighbouring vectors, four at a time."""
    a, b, c, d = constant(0.0), constant(0.0), constant(0.0), constant(0.0)
    whole = BYTES * (n // 4 * 4)
    for i in range(0, whole, 4 * BYTES):
        a, b = a + load(source + i), b + load(source + i + BYTES)
        c, d = c + load(source + i + 2 * BYTES), d + load(source + i + 3 * BYTES)
    for i in range(whole, BYTES * n, BYTES):
        a = a + load(source + i)
    return (a + b) + (c + d)


@compiled
def centre(source: int, target: int, n: int, mean: Vector) -> Vector:
    """Write n vectors less their mean, and return the sum of the squares."""
    a, b, c, d = constant(0.0), constant(0.0), constant(0.0), constant(0.0)
    whole = BYTES * (n // 4 * 4)
    for i in range(0, whole, 4 * BYTES):
        v, w = load(source + i) - mean, load(source + i + BYTES) - mean
        x, y = load(source + i + 2 * BYTES) - mean, load(source + i + 3 * BYTES) - mean
        store(target + i, v)
        store(target + i + BYTES, w)
        store(target + i + 2 * BYTES, x)
        store(target + i + 3 * BYTES, y)
        a, b, c, d = fma(v, v, a), fma(w, w, b), fma(x, x, c), fma(y, y, d)
    for i in range(whole, BYTES * n, BYTES):
        v = load(source + i) - mean
        store(target + i, v)
        a = fma(v, v, a)
    return (a + b) + (c + d)


@compiled
def normalise(source: int, target: int, row: int, n_steps: int, dim: int, constants: int) -> None:
    """Bring each step to mean 0 and variance 1 over its channels; ``constants`` are 1 / dim and epsilon."""
    share, epsilon = load_everywhere(constants), load_everywhere(constants + FLOAT)
    for t in range(0, n_steps * row, row):
        mean = sum_of(source + t, dim) * share
        variance = centre(source + t, target + t, dim, mean) * share
        scale = constant(1.0) / root(variance + epsilon)
        for i in range(t, t + BYTES * dim, BYTES):
            store(target + i, load(target + i) * scale)


@compiled
def convolve(source: int, source_row: int, weight: int, bias: int, taps: int, target: int, target_row: int,
             n_steps: int, inner: int) -> None:  # fmt: skip
    """SiLU of the causal convolution. Row 0 of ``source`` is taps − 1 steps before row 0 of ``target``."""
    for t in range(n_steps):
        x, y = source + t * source_row, target + t * target_row
        for d in range(inner):
            value, w = load_everywhere(bias + FLOAT * d), weight + FLOAT * taps * d
            for k in range(taps):
                value = fma(load_everywhere(w + FLOAT * k), load(x + k * source_row + BYTES * d), value)
            store(y + BYTES * d, silu(value))


@compiled
def copy_rows(source: int, source_row: int, target: int, target_row: int, n_rows: int, width: int) -> None:
    """Copy rows of ``width`` vectors."""
    for i in range(n_rows):
        for d in range(0, BYTES * width, BYTES):
            store(target + i * target_row + d, load(source + i * source_row + d))
