"""The GRU of linear layers against PyTorch's."""

import pytest
import torch
from torch import nn

from spectralmamba.models.gru import GRU

from .test_costs import count_by_hooks


def pair(inputs=3, hidden=5):
    """The same weights in both."""
    torch.manual_seed(0)
    theirs, ours = nn.GRU(inputs, hidden, batch_first=True).double(), GRU(inputs, hidden).double()
    with torch.no_grad():
        ours.from_input.weight.copy_(theirs.weight_ih_l0)
        ours.from_input.bias.copy_(theirs.bias_ih_l0)
        ours.from_state.weight.copy_(theirs.weight_hh_l0)
        ours.from_state.bias.copy_(theirs.bias_hh_l0)
    return ours, theirs


@pytest.mark.parametrize("length", [1, 2, 9])
def test_last_state_and_gradients_are_pytorchs(length):
    ours, theirs = pair()
    sequence = torch.randn(4, length, 3, dtype=torch.float64, requires_grad=True)
    direction = torch.randn(4, 5, dtype=torch.float64)
    state, expected = ours(sequence), theirs(sequence)[0][:, -1]
    torch.testing.assert_close(state, expected)
    got = torch.autograd.grad((state * direction).sum(), [sequence, *ours.parameters()])
    order = [theirs.weight_ih_l0, theirs.bias_ih_l0, theirs.weight_hh_l0, theirs.bias_hh_l0]
    for gradient, wanted in zip(
        got, torch.autograd.grad((expected * direction).sum(), [sequence, *order]), strict=True
    ):
        torch.testing.assert_close(gradient, wanted)


@pytest.mark.parametrize(("inputs", "hidden"), [(1, 8), (9, 128)])
def test_it_begins_like_pytorchs(inputs, hidden):
    ours, theirs = GRU(inputs, hidden), nn.GRU(inputs, hidden)
    assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())
    for parameter in (p.detach() for p in ours.parameters()):
        assert parameter.abs().max() <= hidden**-0.5
        assert parameter.std() == pytest.approx(hidden**-0.5 / 3**0.5, rel=0.4)


def test_products_are_counted_with_the_linear_layers_and_gates_with_the_scan():
    gru = GRU(3, 5)
    count = gru.macs(7)
    assert count.patch == count.dense == count_by_hooks(gru, torch.randn(1, 7, 3))
    assert count.scan == 7 * 3 * 5
