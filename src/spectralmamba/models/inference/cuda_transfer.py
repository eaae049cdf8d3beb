"""Windows on their way to a GPU: through pinned memory, on a stream of their own, while the last one computes.

Copies from pinned memory run beside Python and beside the GPU's arithmetic. So order has to be kept by hand, in three
places: the window is copied into pinned memory before the caller gets it back; the stream that computes waits for the
copy's event; and the memory of a window is not given to the next before what computes on it has ended
(``record_stream``).
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Uploaded:
    """A window that is on a device, or on its way there.

    Attributes
    ----------
    values : Tensor, shape (C, rows, columns)
        To be read after :meth:`Transfer.receive` only.
    event : object, optional
        Marks the end of the copy.
    source : Tensor, optional
        The pinned memory that is copied from; as long as the copy may run, nobody else is to have it.
    """

    values: Tensor
    event: Any = field(default=None, repr=False)
    source: Tensor | None = field(default=None, repr=False)


class Transfer(Protocol):
    """Brings windows to a device."""

    def send(self, window: Floats) -> Uploaded:
        """Begin to copy a window, which is the caller's again on return; in any thread."""

    def receive(self, uploaded: Uploaded) -> Tensor:
        """Give the values to the thread that computes with them."""


class DirectTransfer:
    """Copies at once, to a device whose copies cannot run beside its arithmetic.

    Parameters
    ----------
    device : torch.device
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def send(self, window: Floats) -> Uploaded:
        """Copy a window."""
        return Uploaded(torch.from_numpy(np.array(window, np.float32, order="C")).to(self._device))

    def receive(self, uploaded: Uploaded) -> Tensor:
        """Give the values."""
        return uploaded.values


class CudaCalls:
    """The calls of PyTorch that :class:`PinnedTransfer` is made of, so that its order can be tested without a GPU."""

    def pinned(self, shape: tuple[int, ...]) -> Tensor:
        """Give page-locked memory of the host."""
        return torch.empty(shape, dtype=torch.float32, pin_memory=True)

    def stream(self, device: torch.device) -> Any:  # noqa: ANN401 - a double's is no torch.cuda.Stream
        """Make a stream."""
        return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def within(self, stream: Any) -> AbstractContextManager[Any]:  # noqa: ANN401
        """Make a stream the calling thread's, during a ``with`` block."""
        return torch.cuda.stream(stream)

    def copy(self, source: Tensor, device: torch.device) -> Tensor:
        """Begin to copy on the calling thread's stream."""
        return source.to(device, non_blocking=True)

    def record(self, stream: Any) -> Any:  # noqa: ANN401
        """Mark what a stream has been given so far."""
        return stream.record_event()

    def wait(self, event: Any, values: Tensor) -> None:  # noqa: ANN401
        """Let the calling thread's stream wait for an event, and keep ``values`` until that stream is through."""
        stream = torch.cuda.current_stream(values.device)
        stream.wait_event(event)
        values.record_stream(stream)


class PinnedTransfer:
    """Copies through pinned memory on a stream of its own.

    Parameters
    ----------
    device : torch.device
        A CUDA device.
    calls : CudaCalls, optional
    """

    def __init__(self, device: torch.device, calls: CudaCalls | None = None) -> None:
        self._device, self._calls = device, CudaCalls() if calls is None else calls
        self._stream = self._calls.stream(device)

    def send(self, window: Floats) -> Uploaded:
        """Fill pinned memory with a window and begin to copy from there.

        PyTorch keeps pinned memory that is given back, and gives it out again once the copies from it have ended: after
        the first windows none is locked anew.
        """
        source = self._calls.pinned(window.shape)
        np.copyto(source.numpy(), window)
        with self._calls.within(self._stream):
            values = self._calls.copy(source, self._device)
            event = self._calls.record(self._stream)
        return Uploaded(values, event, source)

    def receive(self, uploaded: Uploaded) -> Tensor:
        """Give the values; what the calling thread's stream does with them is done after the copy."""
        self._calls.wait(uploaded.event, uploaded.values)
        return uploaded.values


def transfer_to(device: torch.device) -> Transfer:
    """Choose how windows come to a device."""
    return PinnedTransfer(device) if device.type == "cuda" else DirectTransfer(device)
