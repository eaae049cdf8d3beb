"""The selective scan on tensors in memory: what the kernels need is laid out here, and what they give put together."""

import math
from functools import lru_cache

import torch
from torch import Tensor

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.cpu.call import (
    Cut,
    Layout,
    Layouts,
    Plan,
    as_float,
    as_sequences,
    as_values,
    distances_of_sequences,
    layouts_of,
)
from spectralmamba.ops.cpu.job import SCAN_FIELDS, STATES_AT_ONCE
from spectralmamba.ops.cpu.memory import empty
from spectralmamba.ops.cpu.simd import LANES
from spectralmamba.ops.cpu.workspace import FLOAT, needed
from spectralmamba.ops.layout import projection_view, sequence_like

SECONDS_AN_UPDATE = 1.5e-9
"""About what it takes to update a state of 16 channels; three times that to differentiate it."""

_SEQUENCES = {"u", "delta", "z", "y", "grad_y", "grad_u", "grad_delta", "grad_z"}


def forward(arguments: ScanArguments, return_last_state: bool) -> tuple[Tensor, Tensor]:
    """Compute the scan.

    Parameters
    ----------
    arguments : ScanArguments
        Checked; float32, bfloat16 or float16, on the CPU.
    return_last_state : bool

    Returns
    -------
    y : Tensor, shape (B, D, L)
        In the dtype of ``u``, laid out as ``u``: channels or steps contiguous.
    last_state : Tensor of float32, shape (B, D, N)
        Empty (0,) where it was not asked for.
    """
    u, n_states = arguments.u, arguments.A.shape[1]
    if u.numel() == 0:
        last_state = torch.zeros(*u.shape[:2], n_states) if return_last_state else torch.empty(0)
        return sequence_like(u, empty).to(u.dtype), last_state
    tensors = _prepare(arguments)
    y = tensors["y"] = sequence_like(u, empty)
    if return_last_state:
        tensors["last_state"] = empty(*u.shape[:2], tensors["A"].shape[1])
    plan = _plan("scan", layouts_of(tensors), n_states, arguments.delta_softplus, torch.get_num_threads())
    plan.run(tuple(tensors.values()))
    last_state = tensors["last_state"][:, :, :n_states].contiguous() if return_last_state else torch.empty(0)
    return y.to(u.dtype), last_state


def backward(
    arguments: ScanArguments,
    grad_y: Tensor,
    grad_last_state: Tensor | None,
    rooms: dict[str, Tensor] | None = None,
) -> list[Tensor]:
    """Compute the gradients.

    Parameters
    ----------
    arguments : ScanArguments
        As for :func:`forward`.
    grad_y : Tensor, shape (B, D, L)
    grad_last_state : Tensor, shape (B, D, N), optional
    rooms : dict of str to Tensor, optional
        Where to write the gradients of u, delta or z: float32 (B, D, L) with channels or steps contiguous; or those of
        B or C: float32 (B, N, L) with states contiguous.

    Returns
    -------
    list of Tensor
        Of u, delta, A, B, C, and of D, z and delta_bias as far as they are given, in the shapes and dtypes of these.
    """
    given = arguments.given()
    if arguments.u.numel() == 0:
        return [torch.zeros_like(value) for _, value in given]
    n_states = arguments.A.shape[1]
    tensors = _prepare(arguments)
    cut, partials = _cut(arguments.u.shape, tensors["A"].shape[1], arguments.B.shape, arguments.C.shape)
    rooms = rooms or {}
    gradients: dict[str, Tensor] = {}
    for name, value in given:
        room = _within(name, rooms.get(name), tensors[name], cut.spans)
        gradients[name] = _room_for(name, value, tensors[name], cut.spans) if room is None else room
    tensors |= {f"grad_{name}": gradient for name, gradient in gradients.items()}
    tensors["grad_y"] = as_sequences(grad_y)
    if grad_last_state is not None:
        tensors["grad_last_state"] = as_values(_pad_states(grad_last_state, 2, shared=True))
    tensors["partials"] = torch.empty(partials)
    plan = _plan("scan_backward", layouts_of(tensors), n_states, arguments.delta_softplus, torch.get_num_threads())
    plan.run(tuple(tensors.values()))
    return [_gradient_of(name, value, gradients[name], rooms.get(name)) for name, value in given]


def _prepare(arguments: ScanArguments) -> dict[str, Tensor]:
    """Bring the arguments into forms that the kernels take, by name."""
    tensors = {"u": as_sequences(arguments.u), "delta": as_sequences(arguments.delta)}
    tensors["A"] = as_values(_pad_states(arguments.A, 1))
    for name, value in (("B", arguments.B), ("C", arguments.C)):
        dimension = 1 if value.ndim == 2 else value.ndim - 2
        tensors[name] = _pad_states(as_float(value), dimension, shared=name == "C")
    for name, small in (("D", arguments.D), ("delta_bias", arguments.delta_bias)):
        if small is not None:
            tensors[name] = as_values(small)
    if arguments.z is not None:
        tensors["z"] = as_sequences(arguments.z)
    return tensors


def _pad_states(value: Tensor, dimension: int, *, shared: bool = False) -> Tensor:
    """Bring N to a multiple of what the kernels take at once, by copies of the last state.

    What is ``shared`` (C, and the gradient of the last state) is divided among the last state and its copies, by
    powers of 2 and so exactly: together they are the one state. Zeros would not do: where Δ u overflows, they give NaN.
    """
    n_states = value.shape[dimension]
    missing = -n_states % STATES_AT_ONCE
    if missing == 0:
        return value
    last = value.narrow(dimension, n_states - 1, 1)
    copies = last.expand(*value.shape[:dimension], missing + 1, *value.shape[dimension + 1 :])
    if shared:
        shares = torch.tensor([*(0.5 ** (i + 1) for i in range(missing)), 0.5**missing], dtype=value.dtype)
        copies = copies * shares.view(-1, *[1] * (value.ndim - 1 - dimension))
    return torch.cat((value.narrow(dimension, 0, n_states - 1), copies), dimension)


def _within(name: str, room: Tensor | None, prepared: Tensor, spans: int) -> Tensor | None:
    """Give a caller's room the form in which a kernel writes to it; None where there is none, or it cannot."""
    if room is None or name in _SEQUENCES:
        return room
    written_once = spans == 1 and prepared.shape[-2] == room.shape[1]
    return room.transpose(1, 2)[None, :, None] if written_once else None


def _room_for(name: str, value: Tensor, prepared: Tensor, spans: int) -> Tensor:
    """Make the tensor that the gradient of an argument is written to."""
    if name in _SEQUENCES:
        return sequence_like(value, empty)
    if name in {"A", "D", "delta_bias"} or value.ndim == 2:
        return torch.empty(value.shape)
    groups = value.shape[1] if value.ndim == 4 else 1
    room = empty(spans, value.shape[0], groups, value.shape[-1], prepared.shape[-2])
    return room.zero_() if spans > 1 else room  # a span need not reach every group


def _gradient_of(name: str, value: Tensor, gradient: Tensor, room: Tensor | None) -> Tensor:
    """Give a gradient the shape and dtype of its argument, in the caller's room where there is one."""
    if room is not None and gradient.data_ptr() == room.data_ptr():
        return room
    if room is not None:
        return room.copy_(_gradient_of(name, value, gradient, None))
    if name in {"B", "C"} and value.ndim > 2:
        total, n_states = gradient[0] if len(gradient) == 1 else gradient.sum(0), value.shape[-2]
        copies = total[..., n_states:]
        total = total[..., :n_states].contiguous()
        if name == "B" and copies.shape[-1] > 0:  # C's copies have each the whole gradient
            total[..., -1] += copies.sum(-1)
        gradient = projection_view(total, value)
    return gradient.to(value.dtype)


@lru_cache(maxsize=512)
def _plan(kernel: str, layouts: Layouts, n_states: int, softplus: bool, n_threads: int) -> Plan:  # noqa: ARG001
    """Plan a kernel; the threads that PyTorch has are part of what decides it."""
    by_name = dict(layouts)
    (batch, dim, length), _ = by_name["u"]
    shape_B, shape_C = by_name["B"][0], by_name["C"][0]
    states, segment = by_name["A"][0][1], _segment(dim, shape_B, shape_C)
    blocks = -(-segment // LANES)
    job = {
        "batch": batch, "dim": dim, "length": length, "softplus": int(softplus), "states": states, "n_states": n_states,
        "segment": segment, "blocks_per_segment": blocks, "blocks": blocks * (dim // segment),
        "partial_rows": _partial_rows(states, shape_B, shape_C),
    }  # fmt: skip
    for name, layout in layouts:
        job |= _distances(name, layout, dim)
    seconds = SECONDS_AN_UPDATE * batch * length * job["blocks"] * max(STATES_AT_ONCE, states)
    sizes = job["blocks"], states, length, job["B.fixed"], job["C.fixed"]
    if kernel == "scan":
        return Plan.forward(kernel, SCAN_FIELDS, layouts, job, needed(*sizes, backward=False), seconds)
    return Plan.backward(kernel, SCAN_FIELDS, layouts, job, needed(*sizes, backward=True), 3 * seconds)


@lru_cache(maxsize=512)
def _cut(
    shape: tuple[int, ...], states: int, shape_B: tuple[int, ...], shape_C: tuple[int, ...]
) -> tuple[Cut, tuple[int, ...]]:
    """How a backward pass over u (B, D, L) is cut, and the shape of its partial sums."""
    batch, dim, _ = shape
    segment = _segment(dim, shape_B, shape_C)
    blocks = -(-segment // LANES) * (dim // segment)
    cut = Cut.of(batch, blocks)
    return cut, (cut.chunks, blocks, _partial_rows(states, shape_B, shape_C), LANES)


def _segment(dim: int, shape_B: tuple[int, ...], shape_C: tuple[int, ...]) -> int:
    """Channels within which neither B nor C changes group."""
    return math.gcd(*(_channels(dim, shape) for shape in (shape_B, shape_C)))


def _channels(dim: int, shape: tuple[int, ...]) -> int:
    """How many channels share what B or C holds."""
    return dim // shape[1] if len(shape) == 4 else dim


def _partial_rows(states: int, shape_B: tuple[int, ...], shape_C: tuple[int, ...]) -> int:
    """Vectors that a block has for what all sequences share: gradients of A, D, delta_bias, and of constant B and C."""
    return states * (1 + (len(shape_B) == 2) + (len(shape_C) == 2)) + 2


def _distances(name: str, layout: Layout, dim: int) -> dict[str, int]:
    """Fields that tell how a tensor lies in memory; none for those that are always contiguous."""
    shape, strides = layout
    if name in _SEQUENCES:
        return distances_of_sequences(name, layout)
    if name in {"grad_B", "grad_C"} and len(shape) == 5:
        of_gradient = zip(("span", "batch", "group", "step"), strides, strict=False)
        return {f"{name}.{part}": FLOAT * stride for part, stride in of_gradient}
    if name not in {"B", "C"}:
        return {}
    parts = {2: ("lane", "state"), 3: ("batch", "state", "step"), 4: ("batch", "group", "state", "step")}[len(shape)]
    distances = {f"{name}.{part}": FLOAT * stride for part, stride in zip(parts, strides, strict=True)}
    return distances | {f"{name}.channels": _channels(dim, shape), f"{name}.fixed": int(len(shape) == 2)}
