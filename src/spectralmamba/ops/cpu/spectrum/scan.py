"""The selective scan of a chunk, channel by channel, with Δ's softplus before it and the gate behind it."""

from collections.abc import Callable
from typing import Any

from spectralmamba.ops.cpu.forward import load_4, load_4_everywhere, store_4
from spectralmamba.ops.cpu.functions import BOUND, compiled, exp2, exp2_bounded, softplus
from spectralmamba.ops.cpu.simd import BYTES, absolute, all_at_most, constant, fma, load, load_everywhere, store
from spectralmamba.ops.cpu.spectrum.elementwise import silu
from spectralmamba.ops.cpu.spectrum.job import SpectrumJob
from spectralmamba.ops.cpu.spectrum.room import Room
from spectralmamba.ops.cpu.workspace import FLOAT

Vector = Any


@compiled
def prepare(room: Room, channel: int, n_steps: int, skip: Vector, steepest: Vector) -> bool:
    """Δ, Δ u and, as the beginning of y, D u of one channel.

    Returns whether |Δ · rate| is so small at every step that the exponential need not mind its range.
    """
    raw, u, bounded, bound = room.raw + BYTES * channel, room.u + BYTES * channel, True, constant(BOUND)
    for t in range(n_steps):
        delta, u_t = softplus(load(raw + t * room.u_row)), load(u + t * room.u_row)
        store(room.delta + BYTES * t, delta)
        store(room.drive + BYTES * t, delta * u_t)
        store(room.y + BYTES * t, skip * u_t)
        bounded &= all_at_most(absolute(delta) * steepest, bound)
    return bounded


def _make_advance(power: Callable[[Vector], Vector]) -> Callable[[Room, int, int, int, int, int], None]:
    """Compile the recurrence for four states of one channel."""

    @compiled
    def advance_4(room: Room, rates: int, states: int, B: int, C: int, n_steps: int) -> None:
        r0, r1, r2, r3 = load_4_everywhere(rates, FLOAT)
        h0, h1, h2, h3 = load_4(states, BYTES)
        for t in range(n_steps):
            delta, drive, y = load(room.delta + BYTES * t), load(room.drive + BYTES * t), load(room.y + BYTES * t)
            b0, b1, b2, b3 = load_4(B + t * room.parameter_row, BYTES)
            c0, c1, c2, c3 = load_4(C + t * room.parameter_row, BYTES)
            h0, h1 = fma(power(delta * r0), h0, drive * b0), fma(power(delta * r1), h1, drive * b1)
            h2, h3 = fma(power(delta * r2), h2, drive * b2), fma(power(delta * r3), h3, drive * b3)
            store(room.y + BYTES * t, fma(c3, h3, fma(c2, h2, fma(c1, h1, fma(c0, h0, y)))))
        store_4(states, h0, h1, h2, h3)

    return advance_4


_bounded_steps, _any_steps = _make_advance(exp2_bounded), _make_advance(exp2)


@compiled
def gate(room: Room, y: int, z: int, channel: int, n_steps: int) -> None:
    """Write y · SiLU(z) of one channel where u was."""
    target, z_at = room.u + BYTES * channel, z + BYTES * channel
    for t in range(n_steps):
        store(target + t * room.u_row, load(y + BYTES * t) * silu(load(z_at + t * room.uz_row)))


@compiled
def scan(job: SpectrumJob, room: Room, weights: int, states: int, z: int, n_steps: int) -> None:
    """All channels; ``weights`` is the distance of the block's weights from those of the first, ``z`` row 0 of z."""
    row = FLOAT * job.states
    for channel in range(job.inner):
        place = weights + FLOAT * channel
        bounded = prepare(
            room, channel, n_steps, load_everywhere(job.skip + place), load_everywhere(job.steepest + place)
        )
        rates, h = job.rates + weights + row * channel, states + BYTES * job.states * channel
        for n in range(0, job.states, 4):
            B = room.parameters + BYTES * n
            if bounded:
                _bounded_steps(room, rates + FLOAT * n, h + BYTES * n, B, B + BYTES * job.states, n_steps)
            else:
                _any_steps(room, rates + FLOAT * n, h + BYTES * n, B, B + BYTES * job.states, n_steps)
        gate(room, room.y, z, channel, n_steps)


@compiled
def skip(job: SpectrumJob, room: Room, weights: int, z: int, n_steps: int) -> None:
    """Instead of the scan, the ablation y = D·u, gated."""
    for channel in range(job.inner):
        D = load_everywhere(job.skip + weights + FLOAT * channel)
        for t in range(n_steps):
            store(room.y + BYTES * t, D * load(room.u + BYTES * channel + t * room.u_row))
        gate(room, room.y, z, channel, n_steps)
