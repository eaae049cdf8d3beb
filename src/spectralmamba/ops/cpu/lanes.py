"""Operations across the lanes of vectors: sums, and the way between rows and columns."""

from llvmlite import ir
from numba import types

from spectralmamba.ops.cpu.simd import (
    ALIGNMENT,
    BYTES,
    FLOAT_TYPE,
    INT_TYPE,
    LANES,
    POINTER_TYPE,
    VECTOR_TYPE,
    Builder,
    Value,
    address,
    lanes_below,
    masked_load,
    masked_store,
    operation,
    vector,
)

_QUAD = ir.VectorType(FLOAT_TYPE, 4)


def _masks_of_rows(builder: Builder, n_rows: Value, n_columns: Value) -> list[Value]:
    """Mask of each of 16 rows of a matrix: no column in a row that is not there, whose memory is not touched then."""
    columns, none = lanes_below(builder, n_columns), ir.Constant(ir.VectorType(ir.IntType(1), LANES), [0] * LANES)
    exists = [builder.icmp_signed(">", n_rows, n_rows.type(row)) for row in range(LANES)]
    return [builder.select(there, columns, none) for there in exists]


def _shuffle(builder: Builder, a: Value, b: Value, lanes: list[int]) -> Value:
    """Lanes of ``a`` and, numbered on after them, of ``b``."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(INT_TYPE, len(lanes)), lanes))


def _add_halves(builder: Builder, a: Value, b: Value, size: int) -> Value:
    """Add in each vector, seen as runs of 2·``size`` lanes, the halves of each run.

    Sums of ``a`` come to the first half of each run, those of ``b`` to the second: one blend, one shuffle, one
    addition.
    """
    lanes = range(LANES)
    kept = [lane + LANES if lane & size else lane for lane in lanes]  # a's first halves and b's second
    moved = [(lane ^ size) + LANES if lane & size else lane ^ size for lane in lanes]  # a's second and b's first
    return builder.fadd(_shuffle(builder, a, b, kept), _shuffle(builder, a, b, moved))


@operation(types.void, address, vector, vector, vector, vector)
def add_sums_of_4(builder: Builder, target: Value, a: Value, b: Value, c: Value, d: Value) -> None:
    """Add to four neighbouring floats the sums over the lanes of four vectors."""
    sums = _add_halves(builder, _add_halves(builder, a, b, 8), _add_halves(builder, c, d, 8), 4)  # runs of a, c, b, d
    for size in (2, 1):
        sums = _add_halves(builder, sums, sums, size)
    sums = _shuffle(builder, sums, sums, [0, 8, 4, 12])
    pointer = builder.inttoptr(target, POINTER_TYPE)
    before = builder.load(pointer, align=ALIGNMENT, typ=_QUAD)
    builder.store(builder.fadd(before, sums), pointer, align=ALIGNMENT)


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


@operation(types.void, address, address, types.int64, types.int64, types.int64)
def load_transposed(
    builder: Builder, target: Value, source: Value, stride: Value, n_rows: Value, n_columns: Value
) -> None:
    """Read up to 16 rows of up to 16 neighbouring floats and write 16 vectors, one a column; zeros elsewhere.

    ``stride`` is the distance of the rows in bytes.
    """
    rows = []
    for row, mask in enumerate(_masks_of_rows(builder, n_rows, n_columns)):
        place = builder.add(source, builder.mul(stride, stride.type(row)))
        rows.append(masked_load(builder, place, mask))
    for column, value in enumerate(_transposed(builder, rows)):
        pointer = builder.inttoptr(builder.add(target, target.type(BYTES * column)), POINTER_TYPE)
        builder.store(value, pointer, align=ALIGNMENT)


@operation(types.void, address, types.int64, types.int64, types.int64, address)
def store_transposed(
    builder: Builder, target: Value, stride: Value, n_rows: Value, n_columns: Value, source: Value
) -> None:
    """Undo :func:`load_transposed`: from 16 vectors to up to 16 rows of up to 16 neighbouring floats."""
    columns = []
    for column in range(LANES):
        pointer = builder.inttoptr(builder.add(source, source.type(BYTES * column)), POINTER_TYPE)
        columns.append(builder.load(pointer, align=ALIGNMENT, typ=VECTOR_TYPE))
    masks = _masks_of_rows(builder, n_rows, n_columns)
    for row, value in enumerate(_transposed(builder, columns)):
        place = builder.add(target, builder.mul(stride, stride.type(row)))
        masked_store(builder, place, value, masks[row])
