"""Products of a small matrix with vectors in cache: sixteen pixels in the lanes of a vector, weights as numbers.

A library's matrix product writes its result to memory and wants a call of its own, and, of narrow matrices, sums rows
in an order that depends on their place. Here a tile of up to :data:`STEPS_AT_ONCE` steps and four outputs stays in
registers while the inputs run past. Each lane adds up alone, in the order of the inputs, whatever the tile's shape is.
"""

from typing import Any

from llvmlite import binding
from numba import types

from spectralmamba.ops.cpu.functions import compiled
from spectralmamba.ops.cpu.simd import (
    ALIGNMENT,
    BYTES,
    FLOAT_TYPE,
    LONG_TYPE,
    POINTER_TYPE,
    VECTOR_TYPE,
    Builder,
    Value,
    address,
    call,
    operation,
    splat,
)

QUAD = 4
"""Outputs of a tile; weights are kept, and outputs padded, in fours."""

WIDE = 4
"""Fours of outputs in a tile of a single step, which would otherwise wait for its own sums."""

_HAS_32_LARGE_REGISTERS = bool(dict(binding.get_host_cpu_features()).get("avx512f", False))

STEPS_AT_ONCE = 6 if _HAS_32_LARGE_REGISTERS else 1
"""Steps of a tile. With four outputs, 24 sums, 6 inputs and a weight fill the 32 registers of AVX-512; elsewhere, where
a vector takes two or four registers, one step does."""


def _at(builder: Builder, place: Value, *distances: Value) -> Value:
    """Pointer to a place and distances in bytes from it."""
    for distance in distances:
        place = builder.add(place, distance)
    return builder.inttoptr(place, POINTER_TYPE)


def _load(builder: Builder, pointer: Value) -> Value:
    return builder.load(pointer, align=ALIGNMENT, typ=VECTOR_TYPE)


def _load_everywhere(builder: Builder, pointer: Value) -> Value:
    return splat(builder, builder.load(pointer, align=ALIGNMENT, typ=FLOAT_TYPE))


class _Tile:
    """Emits one tile: ``n_steps`` times ``n_quads`` fours of outputs, as a loop over the inputs.

    ``source``, ``start`` and ``target`` are an address and the distance of two steps; see :func:`multiply`.
    """

    def __init__(self, builder: Builder, n_steps: int, n_quads: int, adds: bool) -> None:
        self.builder, self.n_steps, self.n_quads, self.adds = builder, n_steps, n_quads, adds

    def _steps(self, place: Value, apart: Value) -> list[Value]:
        return [self.builder.add(place, self.builder.mul(apart, LONG_TYPE(t))) for t in range(self.n_steps)]

    def _begin(self, starts: list[Value], targets: list[Value]) -> list[Value]:
        """First values of the sums, step by step."""
        b, outputs = self.builder, range(QUAD * self.n_quads)
        if self.adds:
            return [_load(b, _at(b, place, LONG_TYPE(BYTES * o))) for place in targets for o in outputs]
        return [_load_everywhere(b, _at(b, place, LONG_TYPE(4 * o))) for place in starts for o in outputs]

    def emit(self, source: Any, n_inputs: Value, apart: Value, weights: Value, start: Any, target: Any) -> None:  # noqa: ANN401
        """Emit the loop, and what stands before and after it."""
        b = self.builder
        sources, targets = self._steps(*source), self._steps(*target)
        sums = self._begin(self._steps(*start), targets)
        before, loop, after = b.block, b.append_basic_block("inputs"), b.append_basic_block("summed")
        b.branch(loop)
        b.position_at_end(loop)
        counter, offset = b.phi(LONG_TYPE), b.phi(LONG_TYPE)
        running = [b.phi(VECTOR_TYPE) for _ in sums]
        place = b.add(weights, b.mul(counter, LONG_TYPE(4 * QUAD)))
        summed = self._add_products(running, sources, offset, place, n_inputs)
        following = b.add(counter, LONG_TYPE(1))
        first = [LONG_TYPE(0), LONG_TYPE(0), *sums]
        after_first = [following, b.add(offset, apart), *summed]
        for phi, value, next_value in zip([counter, offset, *running], first, after_first, strict=True):
            phi.add_incoming(value, before)
            phi.add_incoming(next_value, loop)
        b.cbranch(b.icmp_signed("<", following, n_inputs), loop, after)
        b.position_at_end(after)
        places = [(place, o) for place in targets for o in range(QUAD * self.n_quads)]
        for (place, o), value in zip(places, summed, strict=True):
            b.store(value, _at(b, place, LONG_TYPE(BYTES * o)), align=ALIGNMENT)

    def _add_products(
        self, sums: list[Value], sources: list[Value], offset: Value, weights: Value, n_inputs: Value
    ) -> list[Value]:
        """One input more."""
        b, width = self.builder, QUAD * self.n_quads
        inputs = [_load(b, _at(b, place, offset)) for place in sources]
        quad_apart = b.mul(n_inputs, LONG_TYPE(4 * QUAD))
        result = list(sums)
        for o in range(width):
            place = _at(b, weights, b.mul(quad_apart, LONG_TYPE(o // QUAD)), LONG_TYPE(4 * (o % QUAD)))
            weight = _load_everywhere(b, place)
            for t, value in enumerate(inputs):
                i = width * t + o
                result[i] = call(b, "llvm.fmuladd.v16f32", VECTOR_TYPE, value, weight, sums[i])
        return result


def _make_tile(adds: bool, wide: bool) -> Any:  # noqa: ANN401 - an intrinsic of Numba
    """Make the operation that computes a tile of 1 to STEPS_AT_ONCE steps, or a wide one of a single step."""

    @operation(types.void, *[address] * 10)
    def tile(
        builder: Builder, n_steps: Value, source: Value, source_step: Value, n_inputs: Value, apart: Value,
        weights: Value, start: Value, start_step: Value, target: Value, target_step: Value,
    ) -> None:  # fmt: skip
        """Compute a tile."""
        rest = (source, source_step), n_inputs, apart, weights, (start, start_step), (target, target_step)
        if wide:
            _Tile(builder, 1, WIDE, adds).emit(*rest)
            return
        done = builder.append_basic_block("done")
        switch = builder.switch(n_steps, done)
        for n in range(1, STEPS_AT_ONCE + 1):
            case = builder.append_basic_block(f"steps_{n}")
            switch.add_case(LONG_TYPE(n), case)
            builder.position_at_end(case)
            _Tile(builder, n, 1, adds).emit(*rest)
            builder.branch(done)
        builder.position_at_end(done)

    return tile


def _make_multiply(adds: bool) -> Any:  # noqa: ANN401 - compiled
    tile, wide_tile = _make_tile(adds, wide=False), _make_tile(adds, wide=True)
    row = 4 * QUAD  # bytes of the weights of four outputs for one input

    @compiled
    def multiply(
        n_steps: int, source: int, source_step: int, n_inputs: int, apart: int, weights: int, start: int,
        start_step: int, n_quads: int, target: int, target_step: int,
    ) -> None:  # fmt: skip
        n_groups = (n_steps + STEPS_AT_ONCE - 1) // STEPS_AT_ONCE
        for group in range(n_groups):
            first = n_steps * group // n_groups
            count = n_steps * (group + 1) // n_groups - first
            x, s, y = source + first * source_step, start + first * start_step, target + first * target_step
            quad = 0
            while quad < n_quads:
                w, b, o = weights + row * n_inputs * quad, s + row * quad, y + BYTES * QUAD * quad
                if count == 1 and STEPS_AT_ONCE > 1 and quad + WIDE <= n_quads:
                    wide_tile(count, x, source_step, n_inputs, apart, w, b, start_step, o, target_step)
                    quad += WIDE
                else:
                    tile(count, x, source_step, n_inputs, apart, w, b, start_step, o, target_step)
                    quad += 1

    return multiply


multiply = _make_multiply(adds=False)
"""Compute target[t, o] = start[t, o] + Σ_i weights[o, i] · source[t, i] for t < n_steps, o < 4·n_quads.

Source and target hold vectors, ``source_step`` and ``target_step`` bytes from step to step; inputs are ``apart`` bytes
from each other, outputs neighbours. Weights are (n_quads, n_inputs, 4) floats; start is floats, ``start_step`` bytes
from step to step, 0 where all steps have the same. n_inputs is at least 1.
"""

multiply_and_add = _make_multiply(adds=True)
"""The same, added to what is in target; ``start`` is not read."""
