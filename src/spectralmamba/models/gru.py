"""A gated recurrent unit (Cho et al. 2014, arXiv 1406.1078) made of linear layers.

PyTorch's own calls its products where nothing outside can reach them: they would escape ``SteadyLinear``, without which
a pixel's logits may depend on its place in a block, and hooks that count MACs. This one computes the same.
"""

import torch
from torch import Tensor, nn

from spectralmamba.models.macs import MacCount


class GRU(nn.Module):
    """From a sequence to the state after its last step, (B, T, inputs) -> (B, hidden).

    With the formulas of :class:`torch.nn.GRU`, whose weights are laid out alike: reset gate r, update gate z and
    candidate n, from x and the state h, are rows of ``from_input`` and ``from_state``.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.inputs, self.hidden = inputs, hidden
        self.from_input = nn.Linear(inputs, 3 * hidden)
        self.from_state = nn.Linear(hidden, 3 * hidden)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden**-0.5), hidden**-0.5)

    def forward(self, sequence: Tensor) -> Tensor:
        """Run to the end of the sequence, from a state of zeros."""
        given = self.from_input(sequence)  # (B, T, 3·hidden)
        state = sequence.new_zeros(sequence.shape[0], self.hidden)
        for step in given.unbind(dim=1):
            x_gates, x_candidate = step.split([2 * self.hidden, self.hidden], dim=1)
            h_gates, h_candidate = self.from_state(state).split([2 * self.hidden, self.hidden], dim=1)
            reset, update = torch.sigmoid(x_gates + h_gates).chunk(2, dim=1)
            candidate = torch.tanh(x_candidate + reset * h_candidate)
            state = torch.lerp(candidate, state, update)  # (1 − z)·n + z·h
        return state

    def macs(self, length: int) -> MacCount:
        """Count the matrix products, and in ``scan`` what the gates multiply: r·(W h), (1 − z)·n and z·h."""
        linear = length * 3 * self.hidden * (self.inputs + self.hidden)
        return MacCount(patch=linear, dense=linear, scan=length * 3 * self.hidden)
