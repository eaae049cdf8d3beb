"""S6, Mamba's selective state space, and the block around it (Gu & Dao 2023, arXiv 2312.00752).

A block is: norm, projection into u and gate z, causal depthwise convolution along the sequence, SiLU, S6,
y ⊙ SiLU(z), output projection, residual.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from spectralmamba.models.macs import MacCount
from spectralmamba.models.s6_training import is_trained_here, train_block
from spectralmamba.ops import causal_conv1d, selective_scan

STEP_SIZE_RANGE = (1e-3, 1e-1)  # Δ at initialisation, log-uniform, as in Mamba's published code


class BlockInternals(NamedTuple):
    """What one block computed on the way; kept for explanations."""

    delta: Tensor  # (B, D, L): Δ after softplus; empty (B, D, 0) with S6 off
    response: Tensor  # (B, D, L): the answer of S6 before the gate


class S6(nn.Module):
    """Selective scan with input-dependent Δ, B and C.

    Parameters
    ----------
    dim : int
        D, channels.
    state_size : int
        N.
    rank : int
        Rank of the projection into Δ; Mamba's ceil(width / 16).
    backend : str
        Backend of :func:`spectralmamba.ops.selective_scan`.
    """

    def __init__(self, dim: int, state_size: int, rank: int, backend: str = "auto") -> None:
        super().__init__()
        self.dim, self.state_size, self.rank, self.backend = dim, state_size, rank, backend
        self.parameter_projection = nn.Linear(dim, rank + 2 * state_size, bias=False)
        self.step_projection = nn.Linear(rank, dim, bias=False)
        self.step_bias = nn.Parameter(_initial_step_bias(dim))
        self.A_log = nn.Parameter(torch.arange(1, state_size + 1).float().log().repeat(dim, 1))
        self.D = nn.Parameter(torch.ones(dim))
        nn.init.uniform_(self.step_projection.weight, -(rank**-0.5), rank**-0.5)

    def forward(self, u: Tensor, z: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scan.

        Parameters
        ----------
        u : Tensor, shape (B, L, D)
        z : Tensor, shape (B, L, D), optional
            Gate: the answer is multiplied by SiLU(z).

        Returns
        -------
        y : Tensor, shape (B, L, D)
        step : Tensor, shape (B, L, D)
            Δ before bias and softplus; :meth:`step_size` gives Δ itself.
        """
        step, B, C = self.parameter_projection(u).split([self.rank, self.state_size, self.state_size], dim=-1)
        step = self.step_projection(step)
        y = selective_scan(
            u.transpose(1, 2),
            step.transpose(1, 2),
            -torch.exp(self.A_log),
            B.transpose(1, 2),
            C.transpose(1, 2),
            self.D,
            None if z is None else z.transpose(1, 2),
            delta_bias=self.step_bias,
            delta_softplus=True,
            backend=self.backend,
        )
        assert isinstance(y, Tensor)  # noqa: S101 - narrows the type: no last state was asked for
        return y.transpose(1, 2), step

    def step_size(self, step: Tensor) -> Tensor:
        """Δ (B, L, D) from what :meth:`forward` returned."""
        return functional.softplus(step + self.step_bias)

    def macs(self, length: int) -> MacCount:
        """Count the projections, and in ``scan`` the recurrence.

        A step of the recurrence multiplies Δ·A, (Δu)·B, Ā·h and C·h for each channel and state, and Δ·u and D·u for
        each channel.
        """
        linear = length * self.dim * (self.rank + 2 * self.state_size) + length * self.rank * self.dim
        scan = length * self.dim * (4 * self.state_size + 2)
        return MacCount(patch=linear, dense=linear, scan=scan)


class SkipOnly(nn.Module):
    """The S6-off ablation: y = D·u."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.D = nn.Parameter(torch.ones(dim))

    def forward(self, u: Tensor, z: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Scale each channel, and gate it where there is a gate: (B, L, D) -> (B, L, D), and an empty Δ."""
        y = self.D * u
        return y if z is None else y * functional.silu(z), u.new_zeros(u.shape[0], 0, self.dim)

    def step_size(self, step: Tensor) -> Tensor:
        """Return the empty Δ."""
        return step

    def macs(self, length: int) -> MacCount:
        """Count nothing under the paper's rule; D·u with the scan."""
        return MacCount(scan=length * self.dim)


class CausalConvolution(nn.Conv1d):
    """Depthwise convolution along the sequence, then SiLU; a token sees itself and those before it.

    Parameters
    ----------
    dim : int
        D, channels.
    taps : int
        K.
    backend : str
        Backend of :func:`spectralmamba.ops.causal_conv1d`.
    """

    def __init__(self, dim: int, taps: int, backend: str = "auto") -> None:
        super().__init__(dim, dim, taps, groups=dim)
        self.backend = backend

    def forward(self, u: Tensor) -> Tensor:
        """(B, L, D) -> (B, L, D)."""
        taps = self.weight[:, 0]  # (D, K)
        return causal_conv1d(u.transpose(1, 2), taps, self.bias, silu=True, backend=self.backend).transpose(1, 2)


class S6Block(nn.Module):
    """Mamba block over a sequence of tokens, (B, L, dim) -> (B, L, dim).

    Parameters
    ----------
    dim : int
        Token width.
    state_size, expansion, conv_size : int
        N, inner width / dim, taps of the causal convolution.
    s6 : bool
        Off for the ablation y = D·u.
    backend : str
        Backend of the scan.
    """

    def __init__(
        self, dim: int, state_size: int, expansion: int, conv_size: int, *, s6: bool = True, backend: str = "auto"
    ) -> None:
        super().__init__()
        inner = expansion * dim
        self.dim, self.inner, self.conv_size = dim, inner, conv_size
        self.norm = nn.LayerNorm(dim)
        self.input_projection = nn.Linear(dim, 2 * inner, bias=False)
        self.convolution = CausalConvolution(inner, conv_size, backend)
        self.scan: S6 | SkipOnly = S6(inner, state_size, math.ceil(dim / 16), backend) if s6 else SkipOnly(inner)
        self.output_projection = nn.Linear(inner, dim, bias=False)

    def forward(self, tokens: Tensor, internals: bool = False) -> tuple[Tensor, BlockInternals | None]:
        """Run the block; with ``internals`` also give what :meth:`explain` needs, for which S6 runs once more."""
        if not internals and isinstance(self.scan, S6) and is_trained_here(self, self.scan, tokens):
            return train_block(self, self.scan, tokens), None
        u, z = self.input_projection(self.norm(tokens)).chunk(2, dim=-1)  # (B, L, D) each
        u = self.convolution(u)
        y, step = self.scan(u, z)  # the gate is part of the scan, whose answer before it is not kept
        out = tokens + self.output_projection(y)
        return out, (BlockInternals(step, self.scan(u)[0]) if internals else None)

    def explain(self, internals: BlockInternals) -> BlockInternals:
        """Turn what :meth:`forward` kept into Δ and response as (B, D, L)."""
        return BlockInternals(self.scan.step_size(internals.delta).transpose(1, 2), internals.response.transpose(1, 2))

    def macs(self, length: int) -> MacCount:
        """Count the projections, the convolution and the scan for a sequence of ``length`` tokens."""
        linear = length * (2 * self.dim * self.inner + self.inner * self.dim)
        return MacCount.same(linear + length * self.inner * self.conv_size) + self.scan.macs(length)


def _initial_step_bias(dim: int) -> Tensor:
    """Draw Δ log-uniformly and return the bias that softplus turns into it."""
    low, high = (math.log(v) for v in STEP_SIZE_RANGE)
    step = torch.exp(torch.rand(dim) * (high - low) + low)
    return step + torch.log(-torch.expm1(-step))  # the inverse of softplus
