"""From tensors to a job, and its run: what every kernel here has in common.

Whatever of a job follows from the layouts of the tensors alone is worked out once for each combination of them, and
kept: a training step at a batch of 64 spends as long in Python as in the kernels.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from spectralmamba.ops.cpu.compiled import kernel
from spectralmamba.ops.cpu.job import COUNTERS_APART
from spectralmamba.ops.cpu.memory import workspace
from spectralmamba.ops.cpu.pool import run
from spectralmamba.ops.cpu.workspace import FLOAT, LONG

Layout = tuple[tuple[int, ...], tuple[int, ...]]
"""Shape and strides, in elements."""

Layouts = tuple[tuple[str, Layout], ...]
"""Layout of each tensor of a job, by name."""

_N_COUNTERS = 3

WORTH_A_THREAD = 20e-6
"""Seconds of work that repay waking another thread."""

ITEMS_A_THREAD = 8
"""Items that a forward pass is cut into for each thread, so that a slow one keeps the others waiting less."""


@dataclass(frozen=True)
class Cut:
    """How a backward pass is cut into items: chunks of sequences times spans of blocks.

    It depends on the shape alone, and sums over sequences follow it, so they are the same on any number of threads.
    """

    chunks: int
    sequences: int  # in a chunk
    spans: int
    span: int  # blocks

    @classmethod
    def of(cls, batch: int, blocks: int) -> "Cut":
        """Cut into at least 16 items where there is so much, of at least 4 sequences where there are so many."""
        chunks = max(1, min(128, batch // 4))
        sequences = -(-batch // chunks)
        chunks = -(-batch // sequences)
        spans = min(blocks, -(-16 // chunks))
        span = -(-blocks // spans)
        return cls(chunks, sequences, -(-blocks // span), span)


@dataclass(frozen=True)
class Plan:
    """How a kernel is run on tensors of given layouts.

    Attributes
    ----------
    kernel : str
        Its name.
    job : array of int64
        The record without addresses, and the counters, 0, after it.
    fields : tuple of str
        Of the record.
    places : tuple of int
        Where in the record the address of each tensor goes.
    needed : int
        Bytes of workspace for a thread.
    n_threads : int
    """

    kernel: str
    job: "array[int]"
    fields: tuple[str, ...]
    places: tuple[int, ...]
    needed: int
    n_threads: int

    @classmethod
    def forward(
        cls, kernel: str, fields: tuple[str, ...], layouts: Layouts, values: dict[str, int], needed: int, seconds: float
    ) -> "Plan":
        """Plan a forward kernel, whose items are single blocks of single sequences.

        Parameters
        ----------
        kernel, fields, layouts, needed
            See the class.
        values : dict
            Fields of the record.
        seconds : float
            About how long it takes on one thread.
        """
        items = values["batch"] * values["blocks"]
        n_threads = _threads_for(seconds, items)
        grain = items if n_threads == 1 else max(1, items // (ITEMS_A_THREAD * n_threads))
        return cls._of(kernel, fields, layouts, values | {"items": items, "grain": grain}, needed, n_threads)

    @classmethod
    def backward(
        cls, kernel: str, fields: tuple[str, ...], layouts: Layouts, values: dict[str, int], needed: int, seconds: float
    ) -> "Plan":
        """Plan a backward kernel."""
        cut = Cut.of(values["batch"], values["blocks"])
        items = cut.chunks * cut.spans
        values = values | {
            "items": items, "grain": 1, "sequences": cut.sequences, "span": cut.span, "spans": cut.spans,
            "chunks": cut.chunks,
        }  # fmt: skip
        return cls._of(kernel, fields, layouts, values, needed, _threads_for(seconds, items))

    @classmethod
    def _of(
        cls, kernel: str, fields: tuple[str, ...], layouts: Layouts, values: dict[str, int], needed: int, n_threads: int
    ) -> "Plan":
        values = values | {"workspace_size": needed}
        record = dict.fromkeys(fields, 0) | values  # in the order of the fields
        if len(record) != len(fields):
            raise KeyError(f"a job has no field {sorted(set(record) - set(fields))}")
        job = array("q", [*record.values(), *[0] * (_N_COUNTERS * COUNTERS_APART // LONG)])
        places = tuple(fields.index(name if name in fields else f"{name}.place") for name, _ in layouts)
        return cls(kernel, job, fields, places, needed, n_threads)

    def run(self, tensors: Sequence[Tensor]) -> None:
        """Run the kernel on tensors of the layouts that it was planned for, in their order."""
        job = self.job[:]
        for place, tensor in zip(self.places, tensors, strict=True):
            job[place] = tensor.data_ptr()
        address = job.buffer_info()[0]
        job[self.fields.index("counters")] = address + LONG * len(self.fields)
        job[self.fields.index("workspace")] = workspace(self.needed * self.n_threads)
        run(kernel(self.kernel), address, self.n_threads)


def layouts_of(tensors: dict[str, Tensor]) -> Layouts:
    """Layouts of tensors, by name."""
    return tuple((name, (tuple(tensor.shape), tensor.stride())) for name, tensor in tensors.items())


def as_float(value: Tensor) -> Tensor:
    """Convert to float32, unless it is."""
    return value if value.dtype is torch.float32 else value.float()


def as_sequences(value: Tensor) -> Tensor:
    """Make a (B, D, L) float32 in which neighbours in channels or in steps are neighbours in memory."""
    value = as_float(value)
    layout = tuple(value.shape), value.stride()
    return value if _near(layout, 1) or _near(layout, 2) else value.contiguous()


def as_values(value: Tensor) -> Tensor:
    """Make a small tensor float32 and contiguous."""
    return as_float(value).contiguous()


def distances_of_sequences(name: str, layout: Layout) -> dict[str, int]:
    """Fields that tell how a (B, D, L) lies in memory."""
    batch, lane, step = (FLOAT * stride for stride in layout[1])
    return {
        f"{name}.batch": batch,
        f"{name}.lane": FLOAT if _near(layout, 1) else lane,
        f"{name}.step": FLOAT if layout[0][2] == 1 else step,
    }


def _near(layout: Layout, dimension: int) -> bool:
    """Whether neighbours in a dimension are neighbours in memory."""
    shape, strides = layout
    return strides[dimension] == 1 or shape[dimension] == 1


def _threads_for(seconds: float, items: int) -> int:
    return max(1, min(torch.get_num_threads(), items, int(seconds / WORTH_A_THREAD)))
