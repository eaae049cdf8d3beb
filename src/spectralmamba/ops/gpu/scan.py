"""The selective scan on tensors on a GPU: how the work is cut into programs, and what they give put together."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import triton
from torch import Tensor

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.gpu.backward import scan_backward
from spectralmamba.ops.gpu.forward import scan_forward
from spectralmamba.ops.gpu.retreat import SPAN
from spectralmamba.ops.layout import projection_view, sequence_like

FORWARD_TILE, BACKWARD_TILE = 1024, 512
"""Most states (channels times N) of a program."""

FORWARD_WARP, BACKWARD_WARP = 128, 64
"""States of a warp: 4 and 2 a thread. The backward pass keeps some 25 such tiles, and with more runs out of registers.

Compiled for compute capability 8.0 by Triton 3.9: 80 registers, 8 bytes spilled, and 255, nothing spilled.
"""

MAX_CHUNKS = 1024
"""Programs that share the sequences of a backward pass: some for each multiprocessor of the largest GPUs."""


def forward(arguments: ScanArguments, return_last_state: bool) -> tuple[Tensor, Tensor]:
    """Compute the scan.

    Parameters
    ----------
    arguments : ScanArguments
        Checked; float32, bfloat16 or float16, all on one GPU.
    return_last_state : bool

    Returns
    -------
    y : Tensor, shape (B, D, L)
        In the dtype of ``u``, laid out as ``u``: channels or steps contiguous.
    last_state : Tensor of float32, shape (B, D, N)
        Empty (0,) where it was not asked for.
    """
    u, n_states = arguments.u, arguments.A.shape[1]
    shape = (*u.shape[:2], n_states) if return_last_state else (0,)
    y, last_state = sequence_like(u, partial(_empty, u)), u.new_zeros(shape, dtype=torch.float32)
    if u.numel() == 0:
        return y, last_state
    blocks = _Blocks.of(arguments, FORWARD_TILE)
    scan_forward[len(u), blocks.number](
        *_tensors(arguments), y, last_state, *blocks.sizes(arguments),
        *(_strides(value) for value in (u, arguments.delta, arguments.z, y)),
        _projection_strides(arguments.B), _projection_strides(arguments.C),
        **_options(arguments), KEEP_LAST=return_last_state, PADDED=n_states < blocks.states,
        **blocks.tile(FORWARD_WARP),
    )  # fmt: skip
    return y, last_state


def backward(arguments: ScanArguments, grad_y: Tensor, grad_last_state: Tensor | None) -> list[Tensor]:
    """Compute the gradients.

    Parameters
    ----------
    arguments : ScanArguments
        As for :func:`forward`.
    grad_y : Tensor, shape (B, D, L)
    grad_last_state : Tensor, shape (B, D, N), optional

    Returns
    -------
    list of Tensor
        Of u, delta, A, B, C, and of D, z and delta_bias as far as they are given, in the shapes and dtypes of these.
    """
    given = arguments.given()
    if arguments.u.numel() == 0:
        return [torch.zeros_like(value) for _, value in given]
    blocks = _Blocks.of(arguments, BACKWARD_TILE)
    batch, _, length = arguments.u.shape
    sequences = -(-batch // MAX_CHUNKS)
    chunks = -(-batch // sequences)
    parts = {name: _room_for(name, value, chunks, blocks) for name, value in given}
    unused = grad_y
    spans = -(-length // SPAN.value)
    starts = grad_y.new_empty(chunks * blocks.number * spans * blocks.dim * blocks.states, dtype=torch.float32)
    scan_backward[chunks, blocks.number](
        *_tensors(arguments), grad_y, unused if grad_last_state is None else grad_last_state.contiguous(),
        *(parts.get(name, unused) for name in ("u", "delta", "z", "A", "B", "C", "D", "delta_bias")), starts,
        batch, *blocks.sizes(arguments), sequences,
        *(_strides(value) for value in (arguments.u, arguments.delta, arguments.z, grad_y)),
        *(_strides(parts.get(name)) for name in ("u", "delta", "z")),
        _projection_strides(arguments.B), _projection_strides(arguments.C),
        **_options(arguments), HAS_GRAD_LAST=grad_last_state is not None, **blocks.tile(BACKWARD_WARP),
    )  # fmt: skip
    return [_gradient_of(name, value, parts[name]) for name, value in given]


@dataclass(frozen=True)
class _Blocks:
    """How the channels are cut into blocks, each within one group of B and of C."""

    segment: int  # channels within which neither B nor C changes group
    per_segment: int
    number: int
    dim: int  # channels of a block, a power of two
    states: int  # N, rounded up to a power of two

    @classmethod
    def of(cls, arguments: ScanArguments, tile: int) -> "_Blocks":
        dim, n_states = arguments.A.shape
        segment = math.gcd(_channels(dim, arguments.B), _channels(dim, arguments.C))
        states = triton.next_power_of_2(max(1, n_states))
        block = max(1, min(triton.next_power_of_2(segment), tile // states))
        per_segment = -(-segment // block)
        return cls(segment, per_segment, per_segment * (dim // segment), block, states)

    def sizes(self, arguments: ScanArguments) -> tuple[int, ...]:
        """Sizes that both kernels are told, in their order."""
        dim, n_states = arguments.A.shape
        channels = (_channels(dim, value) for value in (arguments.B, arguments.C))
        return dim, arguments.u.shape[2], n_states, self.segment, self.per_segment, *channels

    def tile(self, states_a_warp: int) -> dict[str, int]:
        """Constants of a program, and how many warps share it."""
        warps = max(1, min(8, self.dim * self.states // states_a_warp))
        return {"BLOCK_D": self.dim, "BLOCK_N": self.states, "num_warps": warps, "enable_fp_fusion": True}

    def of_a_group(self, dim: int, value: Tensor) -> int:
        """Blocks that share a group of B or C."""
        return _channels(dim, value) // self.segment * self.per_segment


def _channels(dim: int, value: Tensor) -> int:
    """How many channels share what B or C holds."""
    return dim // value.shape[1] if value.ndim == 4 else dim


def _empty(value: Tensor, *shape: int) -> Tensor:
    return value.new_empty(shape)


def _tensors(arguments: ScanArguments) -> tuple[Tensor, ...]:
    """The arguments of the scan, and some tensor where one is not given: the kernels do not touch it."""
    a = arguments
    small = (None if value is None else value.contiguous() for value in (a.D, a.z, a.delta_bias))
    D, _, delta_bias = small
    values = (a.u, a.delta, a.A.contiguous(), a.B, a.C, D, a.z, delta_bias)
    return tuple(a.u if value is None else value for value in values)


def _strides(value: Tensor | None) -> tuple[int, ...]:
    return (0, 0, 0) if value is None else value.stride()


def _projection_strides(value: Tensor) -> tuple[int, ...]:
    """(batch, group, state, step) of B or C; of a constant one (0, channel, state, 0)."""
    strides = value.stride()
    if value.ndim == 2:
        return 0, *strides, 0
    return (strides[0], 0, *strides[1:]) if value.ndim == 3 else strides


def _options(arguments: ScanArguments) -> dict[str, Any]:
    """What the kernels are compiled for."""
    return {
        "HAS_D": arguments.D is not None,
        "HAS_Z": arguments.z is not None,
        "HAS_BIAS": arguments.delta_bias is not None,
        "SOFTPLUS": arguments.delta_softplus,
        "B_FIXED": arguments.B.ndim == 2,
        "C_FIXED": arguments.C.ndim == 2,
    }


def _room_for(name: str, value: Tensor, chunks: int, blocks: _Blocks) -> Tensor:
    """Make the tensor that the kernel writes the gradient of an argument to, or parts of it to be summed."""
    if name in {"u", "delta", "z"}:
        return sequence_like(value, partial(_empty, value))
    if value.ndim <= 2:
        return value.new_empty((chunks, *value.shape), dtype=torch.float32)
    groups = value.shape[1] if value.ndim == 4 else 1
    batch, states, length = value.shape[0], value.shape[-2], value.shape[-1]
    dim = blocks.segment * (blocks.number // blocks.per_segment)
    shape = (blocks.of_a_group(dim, value), batch, groups, length, states)
    return value.new_empty(shape, dtype=torch.float32)


def _gradient_of(name: str, value: Tensor, part: Tensor) -> Tensor:
    """Sum up parts, and give the gradient the shape and dtype of its argument."""
    if name in {"u", "delta", "z"}:
        return part
    total = part[0].clone() if len(part) == 1 else part.sum(0)
    return (total if value.ndim <= 2 else projection_view(total, value)).to(value.dtype)
