"""The kernels write where they are told, and nowhere else."""

import pytest
import torch

from spectralmamba.ops.cpu import causal_conv1d, memory, scan
from spectralmamba.ops.layout import sequence_like
from tests.ops.helpers import LAYOUTS, differentiate, make_arguments, with_layout

MARK = 123.0
BORDER = 64


@pytest.fixture
def guarded(monkeypatch):
    """Make every result lie between marks, and return what lies around all of them so far."""
    around = []

    def empty(*shape):
        size = torch.Size(shape).numel()
        wide = torch.full((size + 2 * BORDER,), MARK)
        around.append((wide, size))
        wide[BORDER : BORDER + size] = float("nan")
        return wide[BORDER : BORDER + size].view(shape)

    for module in (scan, causal_conv1d):
        monkeypatch.setattr(module, "empty", empty)

    def check():
        assert around
        for wide, size in around:
            assert (wide[:BORDER] == MARK).all()
            assert (wide[BORDER + size :] == MARK).all()
            assert not wide[BORDER : BORDER + size].isnan().any()

    return check


@pytest.mark.parametrize("layout", LAYOUTS[:2])
@pytest.mark.parametrize("dim", [1, 5, 16, 20, 33])
@pytest.mark.parametrize("length", [1, 17, 65])
def test_a_scan_fills_its_results_and_nothing_around(length, dim, layout, guarded):
    arguments = make_arguments("grouped", "variable", groups=1, batch=3, dim=dim, length=length, dtype=torch.float32)
    arguments = {name: with_layout(value, layout) for name, value in arguments.items()}
    differentiate(arguments, "cpu", grad_y=torch.ones(3, dim, length), grad_last_state=torch.ones(3, dim, 3))
    guarded()


@pytest.mark.parametrize("layout", LAYOUTS[:2])
@pytest.mark.parametrize("dim", [1, 20])
def test_a_convolution_fills_its_result_and_nothing_around(dim, layout, guarded):
    u = with_layout(torch.randn(3, dim, 19), layout)
    causal_conv1d.forward(u, torch.randn(dim, 4), None, True)
    causal_conv1d.backward(torch.ones(3, dim, 19), u, torch.randn(dim, 4), torch.randn(dim), True)
    guarded()


def test_large_results_are_as_good_as_small_ones():
    large = memory.empty(3, memory.LARGE)
    assert large.shape == (3, memory.LARGE)
    assert large.is_contiguous()
    large.fill_(1)
    assert large[-1, -1] == 1


def test_a_system_without_huge_pages_is_no_error(monkeypatch):
    monkeypatch.setattr(memory, "_madvise", lambda: None)
    assert memory.empty(memory.LARGE).numel() == memory.LARGE


def test_a_workspace_is_aligned_and_used_again():
    first = memory.workspace(1000)
    assert first % 64 == 0
    assert memory.workspace(500) == first
    assert memory.workspace(1 << 20) % 64 == 0


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 1, 4), (2, 3, 1), (1, 1, 1)])
def test_results_are_laid_out_as_their_argument(shape):
    batch, dim, length = shape
    assert sequence_like(torch.empty(shape)).stride() == torch.empty(shape).stride()
    steps_first = torch.empty(batch, length, dim).transpose(1, 2)
    assert sequence_like(steps_first).shape == shape
    if dim > 1 and length > 1:
        assert sequence_like(steps_first).stride() == steps_first.stride()
