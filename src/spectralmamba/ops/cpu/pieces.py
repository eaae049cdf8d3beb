"""Where in each tensor the part is that a block of channels of one sequence works on."""

from typing import NamedTuple

from spectralmamba.ops.cpu.functions import inlined
from spectralmamba.ops.cpu.job import Place
from spectralmamba.ops.cpu.sequences import Piece
from spectralmamba.ops.cpu.simd import BYTES
from spectralmamba.ops.cpu.workspace import FLOAT


class Projection(NamedTuple):
    """B or C for one sequence and one block: the address of state 0 at step 0, and the way to the others."""

    place: int
    step: int
    state: int


class Chunk(NamedTuple):
    """Some steps of one sequence."""

    sequence: int
    first: int
    n_steps: int


@inlined
def piece(tensor: Place, c: Chunk, channel: int) -> Piece:
    """Where a chunk of a (B, D, L) is, from a channel on."""
    place = tensor.place + c.sequence * tensor.batch + channel * tensor.lane + c.first * tensor.step
    return Piece(place, tensor.lane, tensor.step)


@inlined
def projection(tensor: Place, table: int, sequence: int, group: int) -> Projection:
    """B or C: where it is constant from a table, which has a vector for each state; else from the tensor."""
    if tensor.fixed:
        return Projection(table, 0, BYTES)
    return Projection(tensor.place + sequence * tensor.batch + group, tensor.step, tensor.state)


@inlined
def projection_of_gradient(
    tensor: Place, gradient: Place, sums: int, span: int, sequence: int, channel: int
) -> Projection:
    """Where the gradient of B or C is added up: in partial sums where it is constant, else (spans, B, G, L, N)."""
    if tensor.fixed:
        return Projection(sums, 0, BYTES)
    group = channel // tensor.channels * gradient.group
    place = gradient.place + span * gradient.span + sequence * gradient.batch + group
    return Projection(place, gradient.step, FLOAT)


@inlined
def at(p: Projection, step: int, state: int) -> Projection:
    """B or C from a step and a state on."""
    return Projection(p.place + step * p.step + state * p.state, p.step, p.state)
