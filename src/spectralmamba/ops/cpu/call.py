"""From tensors to a job, and its run: what every kernel here has in common."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from spectralmamba.ops.cpu.compiled import kernel
from spectralmamba.ops.cpu.job import make_job
from spectralmamba.ops.cpu.memory import empty, workspace
from spectralmamba.ops.cpu.pool import run
from spectralmamba.ops.layout import sequence_like

FLOAT = 4  # bytes

WORTH_A_THREAD = 20e-6
"""Seconds of work that repay waking another thread."""

ITEMS_A_THREAD = 8
"""Items that the forward passes cut their work into for each thread, so that a slow one keeps the others waiting less."""

CACHE_LINES_APART = 16
"""Distance of two counters that threads share, in int64: two cache lines."""


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
        """Cut into at least 16 items where there is so much, of at least 8 sequences where there are so many."""
        chunks = max(1, min(128, batch // 8))
        sequences = -(-batch // chunks)
        chunks = -(-batch // sequences)
        spans = min(blocks, -(-16 // chunks))
        span = -(-blocks // spans)
        return cls(chunks, sequences, -(-blocks // span), span)

    @property
    def items(self) -> int:
        """Number of items."""
        return self.chunks * self.spans


@dataclass
class Call:
    """A job in the making, and the tensors that its addresses point into."""

    kind: "np.dtype[np.void]"
    job: dict[str, int] = field(default_factory=dict)
    kept: list[Tensor] = field(default_factory=list)

    def keep(self, tensor: Tensor) -> Tensor:
        """Keep a tensor alive as long as the job."""
        self.kept.append(tensor)
        return tensor

    def add_values(self, name: str, value: Tensor | None) -> None:
        """Tell where a small tensor is, made contiguous."""
        if value is not None:
            self.job[name] = self.keep(value.float().contiguous()).data_ptr()

    def add_sequences(self, name: str, value: Tensor) -> None:
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

    def run_forward(self, name: str, needed: int, seconds: float) -> None:
        """Run a forward kernel, whose items are single blocks of single sequences.

        Parameters
        ----------
        name : str
            The kernel.
        needed : int
            Bytes of workspace that a thread needs.
        seconds : float
            About how long it takes on one thread.
        """
        items = self.job["batch"] * self.job["blocks"]
        n_threads = _threads_for(seconds, items)
        grain = items if n_threads == 1 else max(1, items // (ITEMS_A_THREAD * n_threads))
        self._run(name, n_threads, needed, {"items": items, "grain": grain})

    def run_backward(self, name: str, needed: int, seconds: float, cut: Cut, rows: int) -> Tensor:
        """Run a backward kernel, and give what it sums over all sequences: (blocks, rows, 16)."""
        partials = torch.empty(cut.chunks, self.job["blocks"], rows, 16)
        more = {
            "items": cut.items, "grain": 1, "sequences": cut.sequences, "span": cut.span, "spans": cut.spans,
            "partials": partials.data_ptr(), "partial_rows": rows,
        }  # fmt: skip
        self._run(name, _threads_for(seconds, cut.items), needed, more)
        # NumPy adds along the first axis one row after the other; PyTorch's order might depend on its threads.
        return torch.from_numpy(partials.numpy().sum(axis=0))

    def _run(self, name: str, n_threads: int, needed: int, more: dict[str, int]) -> None:
        counters = np.zeros(2 * CACHE_LINES_APART, np.int64)
        more |= {
            "tickets": counters.ctypes.data,
            "counter": counters[CACHE_LINES_APART:].ctypes.data,
            "workspace": workspace(needed * n_threads),
            "workspace_size": needed,
        }
        job = make_job(self.kind, self.job | more)
        run(kernel(name), job.ctypes.data, n_threads)


def _near(value: Tensor, dimension: int) -> bool:
    """Whether neighbours in a dimension are neighbours in memory."""
    return value.shape[dimension] == 1 or value.stride(dimension) == 1


def _threads_for(seconds: float, items: int) -> int:
    return max(1, min(torch.get_num_threads(), items, int(seconds / WORTH_A_THREAD)))
