"""Between tensors (B, D, L) of any layout and vectors in cache: one a step, a channel in each lane."""

from typing import NamedTuple

from spectralmamba.ops.cpu.functions import inlined
from spectralmamba.ops.cpu.lanes import load_transposed, store_transposed
from spectralmamba.ops.cpu.simd import (
    BYTES,
    LANES,
    load,
    load_lanes,
    store,
    store_lanes,
    will_read,
    will_write,
)
from spectralmamba.ops.cpu.workspace import FLOAT


class Piece(NamedTuple):
    """Some channels and steps of one sequence in a tensor: the address of the first, and distances in bytes.

    The distance of two channels or that of two steps is a float's.
    """

    place: int
    lane: int
    step: int


class Rows(NamedTuple):
    """Vectors in memory, one a step: the address of the first and the distance of two, in bytes."""

    place: int
    step: int


@inlined
def gather(piece: Piece, width: int, n_steps: int, room: int) -> Rows:
    """Give ``n_steps`` steps of ``width`` channels as vectors, the remaining lanes 0.

    They stay where they are, where they already are vectors; else they are copied to ``room``, which is as long as
    n_steps rounded up to a multiple of 16.
    """
    if piece.lane == FLOAT:
        if width == LANES:
            return Rows(piece.place, piece.step)
        for t in range(n_steps):
            store(room + BYTES * t, load_lanes(piece.place + t * piece.step, width))
    else:
        for t in range(0, n_steps, LANES):
            columns = min(LANES, n_steps - t)
            load_transposed(room + BYTES * t, piece.place + FLOAT * t, piece.lane, width, columns)
    return Rows(room, BYTES)


@inlined
def scatter(piece: Piece, source: int, width: int, n_steps: int) -> None:
    """Write vectors to a tensor."""
    if piece.lane == FLOAT:
        for t in range(n_steps):
            if width == LANES:
                store(piece.place + t * piece.step, load(source + BYTES * t))
            else:
                store_lanes(piece.place + t * piece.step, load(source + BYTES * t), width)
    else:
        for t in range(0, n_steps, LANES):
            columns = min(LANES, n_steps - t)
            store_transposed(piece.place + FLOAT * t, piece.lane, width, columns, source + BYTES * t)


@inlined
def bring_near(piece: Piece, width: int, n_steps: int, to_write: bool) -> None:
    """Start to bring what will be needed next into the cache: waiting for it can cost as much as the arithmetic."""
    if piece.lane == FLOAT:
        for t in range(n_steps):
            _touch(piece.place + t * piece.step, to_write)
    else:
        for lane in range(width):
            for t in range(0, n_steps, LANES):  # 16 floats are a cache line
                _touch(piece.place + lane * piece.lane + FLOAT * t, to_write)


@inlined
def _touch(place: int, to_write: bool) -> None:
    if to_write:
        will_write(place)
    else:
        will_read(place)
