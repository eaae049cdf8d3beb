"""Where in each tensor the part is that a block of channels of one sequence works on."""

from typing import NamedTuple

from spectralmamba.ops.cpu.functions import inlined
from spectralmamba.ops.cpu.job import Job
from spectralmamba.ops.cpu.sequences import Piece
from spectralmamba.ops.cpu.simd import BYTES
from spectralmamba.ops.cpu.workspace import FLOAT, Block, Workspace


class Projection(NamedTuple):
    """B or C for one sequence and one block: the address of state 0 at step 0, and the way to the others."""

    place: int
    step: int
    state: int


class Chunk(NamedTuple):
    """Some steps of one block of one sequence."""

    sequence: int
    first: int
    n_steps: int


@inlined
def projection_B(job: Job, w: Workspace, sequence: int, block: Block) -> Projection:
    """B: where it is constant from the table, which has a vector for each state; else from the tensor."""
    if job.B_fixed:
        return Projection(w.fixed_B + BYTES * job.states * block.number, 0, BYTES)
    return Projection(job.B + sequence * job.B_batch + block.group_B, job.B_step, job.B_state)


@inlined
def projection_C(job: Job, w: Workspace, sequence: int, block: Block) -> Projection:
    """C, as B."""
    if job.C_fixed:
        return Projection(w.fixed_C + BYTES * job.states * block.number, 0, BYTES)
    return Projection(job.C + sequence * job.C_batch + block.group_C, job.C_step, job.C_state)


@inlined
def piece_of_u(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of u is."""
    return Piece(job.u + c.sequence * job.u_batch + channel * job.u_lane + c.first * job.u_step, job.u_lane, job.u_step)


@inlined
def piece_of_delta(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of delta is."""
    place = job.delta + c.sequence * job.delta_batch + channel * job.delta_lane + c.first * job.delta_step
    return Piece(place, job.delta_lane, job.delta_step)


@inlined
def piece_of_z(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of z is."""
    return Piece(job.z + c.sequence * job.z_batch + channel * job.z_lane + c.first * job.z_step, job.z_lane, job.z_step)


@inlined
def piece_of_y(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of y is."""
    return Piece(job.y + c.sequence * job.y_batch + channel * job.y_lane + c.first * job.y_step, job.y_lane, job.y_step)


@inlined
def piece_of_grad_y(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of the gradient of y is."""
    place = job.grad_y + c.sequence * job.grad_y_batch + channel * job.grad_y_lane + c.first * job.grad_y_step
    return Piece(place, job.grad_y_lane, job.grad_y_step)


@inlined
def piece_of_grad_u(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of the gradient of u goes."""
    place = job.grad_u + c.sequence * job.grad_u_batch + channel * job.grad_u_lane + c.first * job.grad_u_step
    return Piece(place, job.grad_u_lane, job.grad_u_step)


@inlined
def piece_of_grad_delta(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of the gradient of delta goes."""
    step = job.grad_delta_step
    place = job.grad_delta + c.sequence * job.grad_delta_batch + channel * job.grad_delta_lane + c.first * step
    return Piece(place, job.grad_delta_lane, step)


@inlined
def piece_of_grad_z(job: Job, c: Chunk, channel: int) -> Piece:
    """Where a chunk of the gradient of z goes."""
    place = job.grad_z + c.sequence * job.grad_z_batch + channel * job.grad_z_lane + c.first * job.grad_z_step
    return Piece(place, job.grad_z_lane, job.grad_z_step)


@inlined
def at(p: Projection, step: int, state: int) -> Projection:
    """B or C from a step and a state on."""
    return Projection(p.place + step * p.step + state * p.state, p.step, p.state)


@inlined
def projection_of_grad_B(job: Job, partial: int, span: int, sequence: int, block: Block) -> Projection:
    """Where the gradient of B is added up: among the partial sums where B is constant, else (spans, B, G, L, N)."""
    if job.B_fixed:
        return Projection(partial + BYTES * (job.states + 2), 0, BYTES)
    group = block.channel // job.B_channels * job.grad_B_group
    place = job.grad_B + span * job.grad_B_span + sequence * job.grad_B_batch + group
    return Projection(place, job.grad_B_step, FLOAT)


@inlined
def projection_of_grad_C(job: Job, partial: int, span: int, sequence: int, block: Block) -> Projection:
    """Where the gradient of C is added up, as that of B."""
    if job.C_fixed:
        return Projection(partial + BYTES * (job.states + 2 + job.states * job.B_fixed), 0, BYTES)
    group = block.channel // job.C_channels * job.grad_C_group
    place = job.grad_C + span * job.grad_C_span + sequence * job.grad_C_batch + group
    return Projection(place, job.grad_C_step, FLOAT)
