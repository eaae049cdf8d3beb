"""Order on the way to a GPU, by a double whose copies run as late as they may; on a machine with a GPU, there too."""

from contextlib import contextmanager

import numpy as np
import pytest
import torch

from spectralmamba.models.inference.cuda_transfer import CudaCalls, DirectTransfer, PinnedTransfer, transfer_to

CPU = torch.device("cpu")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


class LateCalls(CudaCalls):
    """Copies when an event behind the copy is waited for, no sooner, and notes what was called."""

    def __init__(self):
        self.calls, self.current, self.begun = [], "compute", {"compute": [], "side": []}

    def pinned(self, shape):
        self.calls.append("pinned")
        return torch.full(shape, torch.nan)

    def stream(self, device):
        return "side"

    @contextmanager
    def within(self, stream):
        before, self.current = self.current, stream
        yield
        self.current = before

    def copy(self, source, device):
        values = torch.full_like(source, torch.nan)
        self.calls.append(f"copy on {self.current}")
        self.begun[self.current].append(lambda: values.copy_(source))
        return values

    def record(self, stream):
        self.calls.append(f"record {stream}")
        return list(self.begun[stream])

    def wait(self, event, values):
        self.calls.append(f"wait on {self.current}")
        for copy in event:
            copy()


def window_of(seed, shape=(3, 4, 5)):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_values_are_whole_once_received_though_copies_run_late_and_the_window_is_used_again():
    calls = LateCalls()
    transfer, window = PinnedTransfer(CPU, calls), window_of(0)
    expected, first = window.copy(), transfer.send(window)
    window[:] = window_of(1)
    second = transfer.send(window)
    assert first.values.isnan().all()  # the copy is beside, not before, what the caller does next
    window[:] = -1
    assert np.array_equal(transfer.receive(first).numpy(), expected)
    assert np.array_equal(transfer.receive(second).numpy(), window_of(1))
    sent = ["pinned", "copy on side", "record side"]
    assert calls.calls == [*sent, *sent, "wait on compute", "wait on compute"]


def test_pinned_memory_is_kept_as_long_as_the_handle():
    handle = PinnedTransfer(CPU, LateCalls()).send(window_of(0))
    assert np.array_equal(handle.source.numpy(), window_of(0))


@pytest.mark.parametrize("make", [lambda: PinnedTransfer(CPU, LateCalls()), lambda: DirectTransfer(CPU)])
@pytest.mark.parametrize("lie", [np.asfortranarray, lambda w: w[:, ::-1], lambda w: w[:, :, ::2]])
def test_a_window_may_lie_in_memory_in_any_way(lie, make):
    transfer, window = make(), lie(window_of(0))
    values = transfer.receive(transfer.send(window))
    assert values.is_contiguous()
    assert np.array_equal(values.numpy(), window)


def test_a_window_on_a_cpu_is_copied_at_once():
    transfer, window = transfer_to(CPU), window_of(0)
    assert isinstance(transfer, DirectTransfer)
    uploaded = transfer.send(window)
    window[:] = 0
    assert np.array_equal(transfer.receive(uploaded).numpy(), window_of(0))


@needs_gpu
def test_windows_on_their_way_to_a_gpu_do_not_mix():
    transfer = transfer_to(torch.device("cuda", 0))
    assert isinstance(transfer, PinnedTransfer)
    window = np.empty((64, 256, 256), np.float32)
    sent = []
    for i in range(8):
        window[:] = i
        sent.append(transfer.send(window))
        assert sent[-1].source.is_pinned()
    for i, uploaded in enumerate(sent):
        assert bool((transfer.receive(uploaded) == i).all())


@needs_gpu
def test_the_memory_of_a_window_is_not_given_on_before_its_use_has_ended():
    device = torch.device("cuda", 0)
    transfer = transfer_to(device)
    for i in range(20):
        values = transfer.receive(transfer.send(np.full((64, 256, 256), i, np.float32)))
        torch.cuda._sleep(10_000_000)  # keeps the stream busy, so that the sum below begins late
        total = values.double().mean()
        del values
        transfer.send(np.full((64, 256, 256), -1, np.float32))
        assert total.item() == i
