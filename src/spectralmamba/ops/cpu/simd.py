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

_FLOAT, _INT, _LONG, _POINTER = ir.FloatType(), ir.IntType(32), ir.IntType(64), ir.PointerType()
_VECTOR, _INTEGERS = ir.VectorType(_FLOAT, LANES), ir.VectorType(_INT, LANES)
_QUAD = ir.VectorType(_FLOAT, 4)
_ALIGNMENT = 4  # bytes; all that a tensor's address promises

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
        super().__init__(manager, numba_type, _VECTOR)


def _operation(result: Any, *operands: Any) -> Callable[[Callable[..., Value]], Any]:  # noqa: ANN401
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


def _call(builder: Builder, name: str, result: Any, *operands: Value) -> Value:  # noqa: ANN401
    kind = ir.FunctionType(result, [operand.type for operand in operands])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), operands)


def _constant(value: float) -> Value:
    return ir.Constant(_VECTOR, [float(value)] * LANES)


def _splat(builder: Builder, value: Value) -> Value:
    undefined = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, value, _INT(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_INTEGERS, [0] * LANES))


def _lanes_below(builder: Builder, width: Value) -> Value:
    """Mask of lanes 0..width − 1."""
    return builder.icmp_signed(
        "<", ir.Constant(_INTEGERS, list(range(LANES))), _splat(builder, builder.trunc(width, _INT))
    )


def _masks_of_rows(builder: Builder, n_rows: Value, n_columns: Value) -> list[Value]:
    """Mask of each of 16 rows of a matrix: no column in a row that is not there, whose memory is not touched then."""
    columns, none = _lanes_below(builder, n_columns), ir.Constant(ir.VectorType(ir.IntType(1), LANES), [0] * LANES)
    exists = [builder.icmp_signed(">", n_rows, n_rows.type(row)) for row in range(LANES)]
    return [builder.select(there, columns, none) for there in exists]


# Memory ---------------------------------------------------------------------------------------------------------------


@_operation(vector, address)
def load(builder: Builder, source: Value) -> Value:
    """Sixteen neighbouring floats."""
    return builder.load(builder.inttoptr(source, _POINTER), align=_ALIGNMENT, typ=_VECTOR)


@_operation(vector, address, types.int64)
def load_lanes(builder: Builder, source: Value, width: Value) -> Value:
    """The first ``width`` of sixteen neighbouring floats, zeros after them; memory beyond is not touched."""
    return _masked_load(builder, source, _lanes_below(builder, width))


@_operation(vector, address)
def load_everywhere(builder: Builder, source: Value) -> Value:
    """One float in all lanes."""
    return _splat(builder, builder.load(builder.inttoptr(source, _POINTER), align=_ALIGNMENT, typ=_FLOAT))


@_operation(types.void, address, vector)
def store(builder: Builder, target: Value, value: Value) -> None:
    """Write sixteen neighbouring floats."""
    builder.store(value, builder.inttoptr(target, _POINTER), align=_ALIGNMENT)


@_operation(types.void, address, vector, types.int64)
def store_lanes(builder: Builder, target: Value, value: Value, width: Value) -> None:
    """Write the first ``width`` lanes; memory beyond is not touched."""
    _masked_store(builder, target, value, _lanes_below(builder, width))


@njit(error_model="numpy", forceinline=True)  # type: ignore[untyped-decorator]
def clear(target: int, n_vectors: int) -> None:
    """Set neighbouring vectors to 0."""
    for i in range(0, BYTES * n_vectors, BYTES):
        store(target + i, constant(0.0))


@_operation(types.float32, address)
def read(builder: Builder, source: Value) -> Value:
    """One float."""
    return builder.load(builder.inttoptr(source, _POINTER), align=_ALIGNMENT, typ=_FLOAT)


@_operation(types.void, address, types.float32)
def write(builder: Builder, target: Value, value: Value) -> None:
    """Write one float."""
    builder.store(value, builder.inttoptr(target, _POINTER), align=_ALIGNMENT)


@_operation(types.int64, address)
def read_int(builder: Builder, source: Value) -> Value:
    """One int64."""
    return builder.load(builder.inttoptr(source, _POINTER), align=_ALIGNMENT, typ=_LONG)


@_operation(types.void, address, types.int64)
def write_int(builder: Builder, target: Value, value: Value) -> None:
    """Write one int64."""
    builder.store(value, builder.inttoptr(target, _POINTER), align=_ALIGNMENT)


@_operation(types.void, address)
def will_read(builder: Builder, source: Value) -> None:
    """Start to bring a cache line near. Any address is allowed."""
    _prefetch(builder, source, 0)


@_operation(types.void, address)
def will_write(builder: Builder, target: Value) -> None:
    """Start to bring a cache line near, to be written. Any address is allowed."""
    _prefetch(builder, target, 1)


@_operation(types.int64, address, types.int64)
def fetch_add(builder: Builder, target: Value, value: Value) -> Value:
    """Add to an int64 that threads share, and return what it was.

    What a thread wrote before is there for those that add to the same number after it.
    """
    return builder.atomic_rmw("add", builder.inttoptr(target, _POINTER), value, "acq_rel")


def _masked_load(builder: Builder, source: Value, mask: Value) -> Value:
    pointer = builder.inttoptr(source, _POINTER)
    return _call(builder, "llvm.masked.load.v16f32.p0", _VECTOR, pointer, _INT(_ALIGNMENT), mask, _constant(0))


def _masked_store(builder: Builder, target: Value, value: Value, mask: Value) -> None:
    pointer = builder.inttoptr(target, _POINTER)
    _call(builder, "llvm.masked.store.v16f32.p0", ir.VoidType(), value, pointer, _INT(_ALIGNMENT), mask)


def _prefetch(builder: Builder, place: Value, for_writing: int) -> None:
    pointer = builder.inttoptr(place, _POINTER)
    keep_in_all_caches, data = _INT(3), _INT(1)
    _call(builder, "llvm.prefetch.p0", ir.VoidType(), pointer, _INT(for_writing), keep_in_all_caches, data)


# Arithmetic -----------------------------------------------------------------------------------------------------------


@_operation(vector, types.float64)
def constant(builder: Builder, value: Value) -> Value:
    """One number, rounded to float32, in all lanes."""
    return _splat(builder, builder.fptrunc(value, _FLOAT))


@_operation(vector, vector, vector, vector)
def fma(builder: Builder, a: Value, b: Value, c: Value) -> Value:
    """a·b + c, rounded once where the processor can."""
    return _call(builder, "llvm.fmuladd.v16f32", _VECTOR, a, b, c)


@_operation(vector, vector, vector)
def at_least(builder: Builder, a: Value, lowest: Value) -> Value:
    """The larger of the two; NaN where ``a`` is."""
    return builder.select(builder.fcmp_ordered("<", a, lowest), lowest, a)


@_operation(vector, vector, vector)
def at_most(builder: Builder, a: Value, highest: Value) -> Value:
    """The smaller of the two; NaN where ``a`` is."""
    return builder.select(builder.fcmp_ordered(">", a, highest), highest, a)


@_operation(vector, vector)
def absolute(builder: Builder, a: Value) -> Value:
    """|a|."""
    return _call(builder, "llvm.fabs.v16f32", _VECTOR, a)


@_operation(vector, vector, vector)
def times_power_of_2(builder: Builder, a: Value, magic: Value) -> Value:
    """a·2ᵏ for a in [0.5, 2), where ``magic`` is k + 1.5·2²³, whose lowest bits therefore are k.

    Exact while the result is a normal number; a = 1 gives 0 for k = −127 and infinity for k = 128.
    """
    exponent = builder.shl(builder.bitcast(magic, _INTEGERS), ir.Constant(_INTEGERS, [23] * LANES))
    return builder.bitcast(builder.add(builder.bitcast(a, _INTEGERS), exponent), _VECTOR)


@_operation(types.boolean, vector, vector)
def all_at_most(builder: Builder, a: Value, highest: Value) -> Value:
    """Whether no lane is larger, or NaN."""
    mask = builder.fcmp_ordered("<=", a, highest)
    return _call(builder, "llvm.vector.reduce.and.v16i1", ir.IntType(1), mask)


@_operation(vector, vector, types.int64)
def only_lanes(builder: Builder, a: Value, width: Value) -> Value:
    """``a`` with zeros from lane ``width`` on."""
    return builder.select(_lanes_below(builder, width), a, _constant(0))


def _define(operation: Callable[..., Any], method: str) -> None:
    """Let compiled code write an operator between two vectors."""

    @_operation(vector, vector, vector)
    def emit(builder: Builder, a: Value, b: Value) -> Value:
        return getattr(builder, method)(a, b)

    @overload(operation)  # type: ignore[untyped-decorator]
    def choose(a: Any, b: Any) -> Any:  # noqa: ANN401
        def compute(a: Any, b: Any) -> Any:  # noqa: ANN401
            return emit(a, b)

        return compute if isinstance(a, Vector) and isinstance(b, Vector) else None


_define(operator.add, "fadd")
_define(operator.sub, "fsub")
_define(operator.mul, "fmul")
_define(operator.truediv, "fdiv")


# Across lanes ---------------------------------------------------------------------------------------------------------


def _shuffle(builder: Builder, a: Value, b: Value, lanes: list[int]) -> Value:
    """Lanes of ``a`` and, numbered on after them, of ``b``."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT, len(lanes)), lanes))


def _add_halves(builder: Builder, a: Value, b: Value, size: int) -> Value:
    """Add in each vector, seen as runs of 2·``size`` lanes, the halves of each run.

    Sums of ``a`` come to the first half of each run, those of ``b`` to the second: one blend, one shuffle, one
    addition.
    """
    lanes = range(LANES)
    kept = [lane + LANES if lane & size else lane for lane in lanes]  # a's first halves and b's second
    moved = [(lane ^ size) + LANES if lane & size else lane ^ size for lane in lanes]  # a's second and b's first
    return builder.fadd(_shuffle(builder, a, b, kept), _shuffle(builder, a, b, moved))


@_operation(types.void, address, vector, vector, vector, vector)
def add_sums_of_4(builder: Builder, target: Value, a: Value, b: Value, c: Value, d: Value) -> None:
    """Add to four neighbouring floats the sums over the lanes of four vectors."""
    sums = _add_halves(builder, _add_halves(builder, a, b, 8), _add_halves(builder, c, d, 8), 4)  # runs of a, c, b, d
    for size in (2, 1):
        sums = _add_halves(builder, sums, sums, size)
    sums = _shuffle(builder, sums, sums, [0, 8, 4, 12])
    pointer = builder.inttoptr(target, _POINTER)
    before = builder.load(pointer, align=_ALIGNMENT, typ=_QUAD)
    builder.store(builder.fadd(before, sums), pointer, align=_ALIGNMENT)


def _transposed(builder: Builder, rows: list[Value]) -> list[Value]:
    """Transpose 16 × 16 floats by exchanging ever smaller blocks off the diagonal."""
    rows = list(rows)
    for size in (8, 4, 2, 1):
        low = [lane & ~size if lane & size == 0 else LANES + (lane & ~size) for lane in range(LANES)]
        high = [lane + size for lane in low]
        for i in (row for row in range(LANES) if row & size == 0):
            a, b = rows[i], rows[i + size]
            rows[i], rows[i + size] = _shuffle(builder, a, b, low), _shuffle(builder, a, b, high)
    return rows


@_operation(types.void, address, address, types.int64, types.int64, types.int64)
def load_transposed(
    builder: Builder, target: Value, source: Value, stride: Value, n_rows: Value, n_columns: Value
) -> None:
    """Read up to 16 rows of up to 16 neighbouring floats and write 16 vectors, one a column; zeros elsewhere.

    ``stride`` is the distance of the rows in bytes.
    """
    rows = []
    for row, mask in enumerate(_masks_of_rows(builder, n_rows, n_columns)):
        place = builder.add(source, builder.mul(stride, stride.type(row)))
        rows.append(_masked_load(builder, place, mask))
    for column, value in enumerate(_transposed(builder, rows)):
        pointer = builder.inttoptr(builder.add(target, target.type(BYTES * column)), _POINTER)
        builder.store(value, pointer, align=_ALIGNMENT)


@_operation(types.void, address, types.int64, types.int64, types.int64, address)
def store_transposed(
    builder: Builder, target: Value, stride: Value, n_rows: Value, n_columns: Value, source: Value
) -> None:
    """Undo :func:`load_transposed`: from 16 vectors to up to 16 rows of up to 16 neighbouring floats."""
    columns = []
    for column in range(LANES):
        pointer = builder.inttoptr(builder.add(source, source.type(BYTES * column)), _POINTER)
        columns.append(builder.load(pointer, align=_ALIGNMENT, typ=_VECTOR))
    masks = _masks_of_rows(builder, n_rows, n_columns)
    for row, value in enumerate(_transposed(builder, columns)):
        place = builder.add(target, builder.mul(stride, stride.type(row)))
        _masked_store(builder, place, value, masks[row])
