"""Sixteen float32 lanes as a Numba type, and the operations on them that the kernels are written in.

Numba vectorises a loop only where LLVM proves that nothing overlaps and judges it worth while; a kernel whose speed
hangs on that is fast by luck. Here a vector is a value, and an operation below becomes an LLVM instruction on ``<16 x
float>``: one AVX-512 register, two of AVX2 or four of NEON, whatever LLVM compiles for. Addresses are plain integers,
in bytes.

Arithmetic is lane by lane and never reassociated, so a lane's result depends on nothing but its own operands.
"""

import inspect
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model

LANES = 16
BYTES = 4 * LANES
"""Size of a vector in memory."""

FLOAT_TYPE, INT_TYPE, LONG_TYPE, POINTER_TYPE = ir.FloatType(), ir.IntType(32), ir.IntType(64), ir.PointerType()
VECTOR_TYPE, INTEGERS_TYPE = ir.VectorType(FLOAT_TYPE, LANES), ir.VectorType(INT_TYPE, LANES)
ALIGNMENT = 4  # bytes; all that a tensor's address promises

Value = Any  # of LLVM; llvmlite and Numba are untyped
Builder = Any


class Vector(types.Type):  # type: ignore[misc]
    """The type of sixteen float32 lanes."""

    def __init__(self) -> None:
        super().__init__(name="float32x16")


vector = Vector()
address = types.int64


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    """Held in registers, as LLVM's own vector."""

    def __init__(self, manager: Any, numba_type: Vector) -> None:  # noqa: ANN401
        super().__init__(manager, numba_type, VECTOR_TYPE)


def operation(result: Any, *operands: Any) -> Callable[[Callable[..., Value]], Any]:  # noqa: ANN401
    """Make a function of compiled code, from ``operands`` to ``result``, of one that emits LLVM's instructions."""

    def decorate(emit: Callable[..., Value]) -> Any:  # noqa: ANN401
        def generate(context: Any, builder: Builder, _signature: Any, values: tuple[Value, ...]) -> Value:  # noqa: ANN401
            emitted = emit(builder, *values)
            return context.get_dummy_value() if result is types.void else emitted

        def typing(_context: Any, *_operands: Any) -> tuple[Any, Any]:  # noqa: ANN401
            return result(*operands), generate

        # Numba matches a call with the signature that it sees, so it is shown the one with names and a fixed length.
        typing.__signature__ = inspect.signature(emit)  # type: ignore[attr-defined]
        typing.__name__, typing.__doc__ = emit.__name__, emit.__doc__
        return intrinsic(typing)

    return decorate


def call(builder: Builder, name: str, result: Any, *operands: Value) -> Value:  # noqa: ANN401
    """Emit a call of one of LLVM's own functions."""
    kind = ir.FunctionType(result, [operand.type for operand in operands])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), operands)


def _constant(value: float) -> Value:
    return ir.Constant(VECTOR_TYPE, [float(value)] * LANES)


def splat(builder: Builder, value: Value) -> Value:
    """Emit a vector with one number in all lanes."""
    undefined = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, value, INT_TYPE(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(INTEGERS_TYPE, [0] * LANES))


def lanes_below(builder: Builder, width: Value) -> Value:
    """Mask of lanes 0..width − 1."""
    return builder.icmp_signed(
        "<", ir.Constant(INTEGERS_TYPE, list(range(LANES))), splat(builder, builder.trunc(width, INT_TYPE))
    )


# Memory ---------------------------------------------------------------------------------------------------------------


@operation(vector, address)
def load(builder: Builder, source: Value) -> Value:
    """Sixteen neighbouring floats."""
    return builder.load(builder.inttoptr(source, POINTER_TYPE), align=ALIGNMENT, typ=VECTOR_TYPE)


@operation(vector, address, types.int64)
def load_lanes(builder: Builder, source: Value, width: Value) -> Value:
    """The first ``width`` of sixteen neighbouring floats, zeros after them; memory beyond is not touched."""
    return masked_load(builder, source, lanes_below(builder, width))


@operation(vector, address)
def load_everywhere(builder: Builder, source: Value) -> Value:
    """One float in all lanes."""
    return splat(builder, builder.load(builder.inttoptr(source, POINTER_TYPE), align=ALIGNMENT, typ=FLOAT_TYPE))


@operation(types.void, address, vector)
def store(builder: Builder, target: Value, value: Value) -> None:
    """Write sixteen neighbouring floats."""
    builder.store(value, builder.inttoptr(target, POINTER_TYPE), align=ALIGNMENT)


@operation(types.void, address, vector, types.int64)
def store_lanes(builder: Builder, target: Value, value: Value, width: Value) -> None:
    """Write the first ``width`` lanes; memory beyond is not touched."""
    masked_store(builder, target, value, lanes_below(builder, width))


@njit(error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def clear(target: int, n_vectors: int) -> None:
    """Set neighbouring vectors to 0."""
    for i in range(0, BYTES * n_vectors, BYTES):
        store(target + i, constant(0.0))


@operation(types.float32, address)
def read(builder: Builder, source: Value) -> Value:
    """One float."""
    return builder.load(builder.inttoptr(source, POINTER_TYPE), align=ALIGNMENT, typ=FLOAT_TYPE)


@operation(types.void, address, types.float32)
def write(builder: Builder, target: Value, value: Value) -> None:
    """Write one float."""
    builder.store(value, builder.inttoptr(target, POINTER_TYPE), align=ALIGNMENT)


@operation(types.int64, address)
def read_int(builder: Builder, source: Value) -> Value:
    """One int64."""
    return builder.load(builder.inttoptr(source, POINTER_TYPE), align=ALIGNMENT, typ=LONG_TYPE)


@operation(types.void, address, types.int64)
def write_int(builder: Builder, target: Value, value: Value) -> None:
    """Write one int64."""
    builder.store(value, builder.inttoptr(target, POINTER_TYPE), align=ALIGNMENT)


@operation(types.void, address)
def will_read(builder: Builder, source: Value) -> None:
    """Start to bring a cache line near. Any address is allowed."""
    _prefetch(builder, source, 0)


@operation(types.void, address)
def will_write(builder: Builder, target: Value) -> None:
    """Start to bring a cache line near, to be written. Any address is allowed."""
    _prefetch(builder, target, 1)


@operation(types.int64, address, types.int64)
def fetch_add(builder: Builder, target: Value, value: Value) -> Value:
    """Add to an int64 that threads share, and return what it was.

    What a thread wrote before is there for those that add to the same number after it.
    """
    return builder.atomic_rmw("add", builder.inttoptr(target, POINTER_TYPE), value, "acq_rel")


def masked_load(builder: Builder, source: Value, mask: Value) -> Value:
    """Emit a load of the lanes in a mask; zeros elsewhere, whose memory is not touched."""
    pointer = builder.inttoptr(source, POINTER_TYPE)
    return call(builder, "llvm.masked.load.v16f32.p0", VECTOR_TYPE, pointer, INT_TYPE(ALIGNMENT), mask, _constant(0))


def masked_store(builder: Builder, target: Value, value: Value, mask: Value) -> None:
    """Emit a store of the lanes in a mask."""
    pointer = builder.inttoptr(target, POINTER_TYPE)
    call(builder, "llvm.masked.store.v16f32.p0", ir.VoidType(), value, pointer, INT_TYPE(ALIGNMENT), mask)


def _prefetch(builder: Builder, place: Value, for_writing: int) -> None:
    pointer = builder.inttoptr(place, POINTER_TYPE)
    keep_in_all_caches, data = INT_TYPE(3), INT_TYPE(1)
    call(builder, "llvm.prefetch.p0", ir.VoidType(), pointer, INT_TYPE(for_writing), keep_in_all_caches, data)


# Arithmetic -----------------------------------------------------------------------------------------------------------


@operation(vector, types.float64)
def constant(builder: Builder, value: Value) -> Value:
    """One number, rounded to float32, in all lanes."""
    return splat(builder, builder.fptrunc(value, FLOAT_TYPE))


@operation(vector, vector, vector, vector)
def fma(builder: Builder, a: Value, b: Value, c: Value) -> Value:
    """a·b + c, rounded once where the processor can."""
    return call(builder, "llvm.fmuladd.v16f32", VECTOR_TYPE, a, b, c)


@operation(vector, vector, vector)
def at_least(builder: Builder, a: Value, lowest: Value) -> Value:
    """The larger of the two; NaN where ``a`` is."""
    return builder.select(builder.fcmp_ordered("<", a, lowest), lowest, a)


@operation(vector, vector, vector)
def at_most(builder: Builder, a: Value, highest: Value) -> Value:
    """The smaller of the two; NaN where ``a`` is."""
    return builder.select(builder.fcmp_ordered(">", a, highest), highest, a)


@operation(vector, vector)
def absolute(builder: Builder, a: Value) -> Value:
    """|a|."""
    return call(builder, "llvm.fabs.v16f32", VECTOR_TYPE, a)


@operation(vector, vector, vector)
def times_power_of_2(builder: Builder, a: Value, magic: Value) -> Value:
    """a·2ᵏ for a in [0.5, 2), where ``magic`` is k + 1.5·2²³, whose lowest bits therefore are k.

    Exact while the result is a normal number; a = 1 gives 0 for k = −127 and infinity for k = 128.
    """
    exponent = builder.shl(builder.bitcast(magic, INTEGERS_TYPE), ir.Constant(INTEGERS_TYPE, [23] * LANES))
    return builder.bitcast(builder.add(builder.bitcast(a, INTEGERS_TYPE), exponent), VECTOR_TYPE)


@operation(types.boolean, vector, vector)
def all_at_most(builder: Builder, a: Value, highest: Value) -> Value:
    """Whether no lane is larger, or NaN."""
    mask = builder.fcmp_ordered("<=", a, highest)
    return call(builder, "llvm.vector.reduce.and.v16i1", ir.IntType(1), mask)


@operation(vector, vector, types.int64)
def only_lanes(builder: Builder, a: Value, width: Value) -> Value:
    """``a`` with zeros from lane ``width`` on."""
    return builder.select(lanes_below(builder, width), a, _constant(0))


def _define(symbol: Callable[..., Any], method: str) -> None:
    """Let compiled code write an operator between two vectors."""

    @operation(vector, vector, vector)
    def emit(builder: Builder, a: Value, b: Value) -> Value:
        return getattr(builder, method)(a, b)

    @overload(symbol)  # type: ignore[untyped-decorator]
    def choose(a: Any, b: Any) -> Any:  # noqa: ANN401
        def compute(a: Any, b: Any) -> Any:  # noqa: ANN401
            return emit(a, b)

        return compute if isinstance(a, Vector) and isinstance(b, Vector) else None


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")
_define(operator.truediv, "fdiv")
