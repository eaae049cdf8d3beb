"""The selective scan on tensors in memory: what the kernels need is laid out here, and what they give put together."""

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from spectralmamba.ops.arguments import ScanArguments
from spectralmamba.ops.cpu.compiled import kernel
from spectralmamba.ops.cpu.job import STATES_AT_ONCE, make_job
from spectralmamba.ops.cpu.memory import empty, workspace
from spectralmamba.ops.cpu.pool import run
from spectralmamba.ops.cpu.simd import BYTES, LANES
from spectralmamba.ops.cpu.workspace import arrange
from spectralmamba.ops.layout import projection_view, sequence_like

FLOAT = 4  # bytes

WORTH_A_THREAD = 1 << 14
"""Vector updates of the state (about 1.5 ns each) that repay waking another thread."""

ITEMS_A_THREAD = 8
"""Items that the work is cut into for each thread, so that a slow one does not keep the others waiting."""

MAX_ITEMS, SEQUENCES_AN_ITEM, MIN_ITEMS = 128, 8, 16
"""How the backward pass is cut. It depends on the shape alone: sums over sequences follow it, on any number of threads."""


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
    if arguments.u.numel() == 0:
        last_state = torch.zeros(*arguments.u.shape[:2], arguments.A.shape[1]) if return_last_state else torch.empty(0)
        return sequence_like(arguments.u, empty).to(arguments.u.dtype), last_state
    call = _Call(arguments)
    y = call.result_like("y", arguments.u)
    states = call.job["states"]
    last_state = empty(*arguments.u.shape[:2], states) if return_last_state else torch.empty(0)
    call.job["last_state"] = last_state.data_ptr()  # 0 where it is empty
    items = call.job["batch"] * call.job["blocks"]
    n_threads = call.threads(items)
    grain = max(1, items // (ITEMS_A_THREAD * n_threads)) if n_threads > 1 else max(1, items)
    call.run("forward", n_threads, items=items, grain=grain)
    if return_last_state and states != arguments.A.shape[1]:
        last_state = last_state[:, :, : arguments.A.shape[1]].contiguous()
    return y.to(arguments.u.dtype), last_state


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
    call = _Call(arguments)
    job, states = call.job, call.job["states"]
    call.add_sequence("grad_y", grad_y)
    results = {name: call.result_like(f"grad_{name}", getattr(arguments, name)) for name in call.sequences}
    if grad_last_state is not None:
        job["grad_last_state"] = call.keep(_pad_states(grad_last_state.float(), 2).contiguous()).data_ptr()
    cut = _Cut.of(job["batch"], job["blocks"])
    rows = states * (1 + job.get("B_fixed", 0) + job.get("C_fixed", 0)) + 2
    partials = torch.empty(cut.chunks, job["blocks"], rows, LANES)
    variable = {name: _add_projection_gradient(call, name, cut.spans) for name in ("B", "C") if f"{name}_fixed" not in job}
    items = cut.chunks * cut.spans
    call.run(
        "backward", call.threads(items), items=items, sequences=cut.sequences, span=cut.span, spans=cut.spans,
        partials=partials.data_ptr(), partial_rows=rows,
    )  # fmt: skip
    results |= _shared_gradients(arguments, job, partials)
    for name, gradient in variable.items():
        results[name] = _unpack_projection(gradient, getattr(arguments, name))
    return [results[name].to(value.dtype) for name, value in arguments.given()]


@dataclass
class _Call:
    """The job for the arguments of a scan, and the tensors that its addresses point into."""

    arguments: ScanArguments
    job: dict[str, int] = field(init=False)
    kept: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        a = self.arguments
        batch, dim, length = a.u.shape
        A = self.keep(_pad_states(a.A.float(), 1).contiguous())
        self.job = {
            "batch": batch, "dim": dim, "length": length, "states": A.shape[1],
            "A": A.data_ptr(), "softplus": int(a.delta_softplus),
        }  # fmt: skip
        for name in self.sequences:
            self.add_sequence(name, getattr(a, name))
        for name, value in (("D", a.D), ("delta_bias", a.delta_bias)):
            if value is not None:
                self.job[name] = self.keep(value.float().contiguous()).data_ptr()
        self._add_projection("B", a.B)
        self._add_projection("C", a.C)
        segment = math.gcd(self.job["B_channels"], self.job["C_channels"])
        blocks = -(-segment // LANES)
        self.job |= {"segment": segment, "blocks_per_segment": blocks, "blocks": blocks * (dim // segment)}

    @property
    def sequences(self) -> tuple[str, ...]:
        """Names of the arguments (B, D, L)."""
        return ("u", "delta") if self.arguments.z is None else ("u", "delta", "z")

    def keep(self, tensor: Tensor) -> Tensor:
        """Keep a tensor alive as long as the job."""
        self.kept.append(tensor)
        return tensor

    def add_sequence(self, name: str, value: Tensor) -> None:
        """Tell where a (B, D, L) is; copy it first unless neighbours in channels or in steps are neighbours in memory."""
        value = value.float()
        if not (_near(value, 1) or _near(value, 2)):
            value = value.contiguous()
        self._tell(name, self.keep(value))

    def result_like(self, name: str, value: Tensor) -> Tensor:
        """Make a result (B, D, L) laid out as an argument, and tell where it is."""
        result = self.keep(sequence_like(value, empty))
        self._tell(name, result)
        return result

    def _tell(self, name: str, value: Tensor) -> None:
        batch, lane, step = (FLOAT * stride for stride in value.stride())
        self.job |= {
            name: value.data_ptr(),
            f"{name}_batch": batch,
            f"{name}_lane": FLOAT if _near(value, 1) else lane,
            f"{name}_step": FLOAT if value.shape[2] == 1 else step,
        }

    def _add_projection(self, name: str, value: Tensor) -> None:
        dim = self.job["dim"]
        value = self.keep(_pad_states(value.float(), 1 if value.ndim == 2 else -2))
        strides = [FLOAT * stride for stride in value.stride()]
        form = {2: ("lane", "state"), 3: ("batch", "state", "step"), 4: ("batch", "group", "state", "step")}[value.ndim]
        self.job |= {f"{name}_{part}": stride for part, stride in zip(form, strides, strict=True)}
        self.job[name] = value.data_ptr()
        self.job[f"{name}_channels"] = dim // value.shape[1] if value.ndim == 4 else dim
        if value.ndim == 2:
            self.job[f"{name}_fixed"] = 1

    def threads(self, items: int) -> int:
        """How many threads the work is worth."""
        job = self.job
        updates = job["batch"] * job["length"] * job["blocks"] * job["states"]
        return max(1, min(torch.get_num_threads(), items, updates // WORTH_A_THREAD))

    def run(self, name: str, n_threads: int, **more: int) -> None:
        """Run a kernel."""
        job = self.job
        fixed_B, fixed_C = job.get("B_fixed", 0), job.get("C_fixed", 0)
        # The kernel's own function, run by Python from address 0 on, tells how much it needs.
        needed = arrange.py_func(0, job["blocks"], job["states"], job["length"], fixed_B, fixed_C, name == "backward").end
        counters = np.zeros(2 * LANES, np.int64)  # 128 bytes apart, so that the two do not share a cache line
        record = make_job(
            job | more | {
                "tickets": counters.ctypes.data, "counter": counters.ctypes.data + 128,
                "workspace": workspace(needed * n_threads), "workspace_size": needed,
            }
        )  # fmt: skip
        run(kernel(name), record.ctypes.data, n_threads)


@dataclass(frozen=True)
class _Cut:
    """How the backward pass is cut into items: chunks of sequences times spans of blocks."""

    chunks: int
    sequences: int  # in a chunk
    spans: int
    span: int  # blocks

    @classmethod
    def of(cls, batch: int, blocks: int) -> "_Cut":
        chunks = max(1, min(MAX_ITEMS, batch // SEQUENCES_AN_ITEM))
        sequences = -(-batch // chunks)
        chunks = -(-batch // sequences)
        spans = min(blocks, -(-MIN_ITEMS // chunks))
        span = -(-blocks // spans)
        return cls(chunks, sequences, -(-blocks // span), span)


def _near(value: Tensor, dimension: int) -> bool:
    """Whether neighbours in a dimension are neighbours in memory."""
    return value.shape[dimension] == 1 or value.stride(dimension) == 1


def _pad_states(value: Tensor, dimension: int) -> Tensor:
    """Bring N to a multiple of what the kernels take at once; a state with A = B = C = 0 adds nothing."""
    missing = -value.shape[dimension] % STATES_AT_ONCE
    if missing == 0:
        return value
    after = value.ndim - 1 - dimension % value.ndim
    return functional.pad(value, (0, 0) * after + (0, missing))


def _add_projection_gradient(call: _Call, name: str, spans: int) -> Tensor:
    """Make room (spans, B, G, L, N) for the gradient of a variable B or C."""
    value, job = getattr(call.arguments, name), call.job
    groups = value.shape[1] if value.ndim == 4 else 1
    shape = spans, job["batch"], groups, job["length"], job["states"]
    gradient = empty(*shape)
    if spans > 1:
        gradient.zero_()  # a span need not reach every group
    per_span, per_sequence, per_group = (FLOAT * stride for stride in gradient.stride()[:3])
    job |= {
        f"grad_{name}": gradient.data_ptr(),
        f"grad_{name}_span": per_span,
        f"grad_{name}_batch": per_sequence,
        f"grad_{name}_group": per_group,
    }
    return gradient


def _unpack_projection(gradient: Tensor, value: Tensor) -> Tensor:
    """(spans, B, G, L, N padded) -> (B, N, L) or (B, G, N, L)."""
    total = gradient[0] if len(gradient) == 1 else gradient.sum(0)
    return projection_view(total[..., : value.shape[-2]].contiguous(), value)


def _shared_gradients(arguments: ScanArguments, job: dict[str, int], partials: Tensor) -> dict[str, Tensor]:
    """Add up what the items have of the gradients that all sequences share, in the order of the items."""
    # NumPy adds along the first axis one row after the other; PyTorch's order would depend on its threads.
    total = torch.from_numpy(partials.numpy().sum(axis=0))  # (blocks, rows, 16)
    segment, states, n = job["segment"], job["states"], arguments.A.shape[1]

    def channels(first: int, n_rows: int) -> Tensor:
        """Rows of all blocks as (D, rows)."""
        rows = total[:, first : first + n_rows].reshape(-1, job["blocks_per_segment"], n_rows, LANES)
        return rows.permute(0, 1, 3, 2).reshape(len(rows), -1, n_rows)[:, :segment].reshape(-1, n_rows)

    results = {"A": channels(0, n), "D": channels(states, 1)[:, 0], "delta_bias": channels(states + 1, 1)[:, 0]}
    row = states + 2
    for name in ("B", "C"):
        if f"{name}_fixed" in job:
            results[name] = channels(row, n)
            row += states
    return results
