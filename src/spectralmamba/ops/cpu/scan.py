"""The selective scan on tensors in memory: what the kernels need is laid out here, and what they give put together."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.cpu.call import FLOAT, Call, Cut
from spectralmamba.ops.cpu.job import SCAN, STATES_AT_ONCE
from spectralmamba.ops.cpu.memory import empty
from spectralmamba.ops.cpu.simd import LANES
from spectralmamba.ops.cpu.workspace import needed
from spectralmamba.ops.layout import projection_view, sequence_like

SECONDS_AN_UPDATE = 1.5e-9
"""About what it takes to update a state of 16 channels; three times that to differentiate it."""


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
    call = _lay_out(arguments)
    y = call.result_like("y", u)
    last_state = empty(*u.shape[:2], call.job["states"]) if return_last_state else torch.empty(0)
    call.job["last_state"] = last_state.data_ptr()  # 0 where it is empty
    call.run_forward("scan", _needed(call.job, backward=False), _seconds(call.job))
    if return_last_state:
        last_state = last_state[:, :, :n_states].contiguous()
    return y.to(u.dtype), last_state


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
    if arguments.u.numel() == 0:
        return [torch.zeros_like(value) for _, value in arguments.given()]
    call = _lay_out(arguments)
    job, states = call.job, call.job["states"]
    call.add_sequences("grad_y", grad_y)
    results = {name: call.result_like(f"grad_{name}", getattr(arguments, name)) for name in _sequences(arguments)}
    if grad_last_state is not None:
        call.add_values("grad_last_state", _pad_states(grad_last_state, 2))
    cut = Cut.of(job["batch"], job["blocks"])
    variable = {name: _room_for_gradient(call, name, value, cut.spans) for name, value in _variable(arguments).items()}
    rows = states * (1 + job["B_fixed"] + job["C_fixed"]) + 2
    shared = call.run_backward("scan_backward", _needed(job, backward=True), 3 * _seconds(job), cut, rows)
    results |= _shared_gradients(shared, job, arguments.A.shape[1])
    for name, value in _variable(arguments).items():
        total = variable[name][0] if cut.spans == 1 else variable[name].sum(0)
        results[name] = projection_view(total[..., : arguments.A.shape[1]].contiguous(), value)
    return [results[name].to(value.dtype) for name, value in arguments.given()]


def _sequences(arguments: ScanArguments) -> tuple[str, ...]:
    """Names of the arguments (B, D, L)."""
    return ("u", "delta") if arguments.z is None else ("u", "delta", "z")


def _variable(arguments: ScanArguments) -> dict[str, Tensor]:
    """B and C where they vary from step to step."""
    return {name: value for name, value in (("B", arguments.B), ("C", arguments.C)) if value.ndim > 2}


def _lay_out(arguments: ScanArguments) -> Call:
    """Tell a job where the arguments are."""
    batch, dim, length = arguments.u.shape
    call = Call(SCAN, {"batch": batch, "dim": dim, "length": length, "softplus": int(arguments.delta_softplus)})
    for name in _sequences(arguments):
        call.add_sequences(name, getattr(arguments, name))
    A = _pad_states(arguments.A, 1)
    call.add_values("A", A)
    call.add_values("D", arguments.D)
    call.add_values("delta_bias", arguments.delta_bias)
    for name, value in (("B", arguments.B), ("C", arguments.C)):
        _add_projection(call, name, value)
    segment = math.gcd(call.job["B_channels"], call.job["C_channels"])
    blocks = -(-segment // LANES)
    call.job |= {
        "states": A.shape[1], "segment": segment, "blocks_per_segment": blocks, "blocks": blocks * (dim // segment),
    }  # fmt: skip
    return call


def _add_projection(call: Call, name: str, value: Tensor) -> None:
    """Tell where B or C is, whichever form it has."""
    value = call.keep(_pad_states(value.float(), 1 if value.ndim == 2 else value.ndim - 2))
    parts = {2: ("lane", "state"), 3: ("batch", "state", "step"), 4: ("batch", "group", "state", "step")}[value.ndim]
    call.job |= {f"{name}_{part}": FLOAT * stride for part, stride in zip(parts, value.stride(), strict=True)}
    dim = call.job["dim"]
    call.job |= {
        name: value.data_ptr(),
        f"{name}_channels": dim // value.shape[1] if value.ndim == 4 else dim,
        f"{name}_fixed": int(value.ndim == 2),
    }


def _pad_states(value: Tensor, dimension: int) -> Tensor:
    """Bring N to a multiple of what the kernels take at once; a state with A = B = C = 0 adds nothing."""
    missing = -value.shape[dimension] % STATES_AT_ONCE
    if missing == 0:
        return value
    return functional.pad(value, (0, 0) * (value.ndim - 1 - dimension) + (0, missing))


def _needed(job: dict[str, int], *, backward: bool) -> int:
    """Bytes of workspace for one thread."""
    return needed(
        job["blocks"], job["states"], job["length"], job["B_fixed"], job["C_fixed"], backward=backward
    )


def _seconds(job: dict[str, int]) -> float:
    return SECONDS_AN_UPDATE * job["batch"] * job["length"] * job["blocks"] * max(STATES_AT_ONCE, job["states"])


def _room_for_gradient(call: Call, name: str, value: Tensor, spans: int) -> Tensor:
    """Make room (spans, B, G, L, N) for the gradient of a variable B or C, and tell where it is."""
    job, groups = call.job, value.shape[1] if value.ndim == 4 else 1
    gradient = call.keep(empty(spans, job["batch"], groups, job["length"], job["states"]))
    if spans > 1:
        gradient.zero_()  # a span need not reach every group
    strides = zip(("span", "batch", "group"), gradient.stride(), strict=False)
    job |= {f"grad_{name}_{part}": FLOAT * stride for part, stride in strides}
    job[f"grad_{name}"] = gradient.data_ptr()
    return gradient


def _shared_gradients(shared: Tensor, job: dict[str, int], n_states: int) -> dict[str, Tensor]:
    """Take the gradients that all sequences share out of the rows (blocks, rows, 16)."""
    blocks, n_rows = job["blocks_per_segment"], shared.shape[1]
    lanes = shared.reshape(-1, blocks, n_rows, LANES).transpose(2, 3).reshape(-1, blocks * LANES, n_rows)
    channels = lanes[:, : job["segment"]].reshape(-1, n_rows)  # (D, rows)
    # Copies, since the results of an operator may not share memory.
    states = job["states"]
    results = {"A": channels[:, :n_states], "D": channels[:, states], "delta_bias": channels[:, states + 1]}
    row = states + 2
    for name in ("B", "C"):
        if job[f"{name}_fixed"]:
            results[name] = channels[:, row : row + n_states]
            row += states
    return {name: value.clone(memory_format=torch.contiguous_format) for name, value in results.items()}
