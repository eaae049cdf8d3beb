"""What a token knows of its place in the spectrum.

A token carries R reflectances and nothing of where in the spectrum they were. The paper does not say how SpectralMamba
tells tokens apart; we offer a learned embedding (the default), one computed from wavelength, and none.
"""

import math

import torch
from torch import Tensor, nn

SHORTEST_PERIOD, LONGEST_PERIOD = 0.05, 5.0  # µm: from a narrow absorption feature to twice the solar range


class LearnedPosition(nn.Module):
    """Add a learned vector to each of the L tokens: (B, L, dim) -> (B, L, dim)."""

    def __init__(self, length: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(length, dim))
        nn.init.trunc_normal_(self.embedding, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """Add the embedding."""
        return tokens + self.embedding


class WavelengthPosition(nn.Module):
    """Add sines and cosines of each token's wavelength, so that sensors with other bands share one code.

    The form is that of Vaswani et al. 2017 (arXiv 1706.03762), with wavelength in µm in place of the index and periods
    spaced geometrically between 0.05 and 5 µm.

    Parameters
    ----------
    wavelengths : Tensor, shape (L,)
        Mean wavelength of each token, nm.
    dim : int
        Width of a token.
    """

    embedding: Tensor

    def __init__(self, wavelengths: Tensor, dim: int) -> None:
        super().__init__()
        self.register_buffer("embedding", wavelength_embedding(wavelengths, dim), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Add the embedding."""
        return tokens + self.embedding


def wavelength_embedding(wavelengths: Tensor, dim: int) -> Tensor:
    """Compute the (L, dim) code of wavelengths in nm: sines in the even, cosines in the odd columns."""
    n_periods = (dim + 1) // 2
    periods = torch.logspace(math.log10(SHORTEST_PERIOD), math.log10(LONGEST_PERIOD), n_periods, dtype=torch.float64)
    angle = 2 * math.pi * wavelengths.double()[:, None] / 1000 / periods  # (L, n_periods)
    code = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)
    return code[:, :dim].float()
