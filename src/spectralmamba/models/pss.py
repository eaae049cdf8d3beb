"""PSS, piece-wise sequential scanning: a spectrum of hundreds of bands as a short sequence of tokens.

The paper does not say how a piece becomes a token. Two readings, both with L = ceil(C / R) steps of R values; a number
of bands that R does not divide is padded by repeating the last band.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from spectralmamba.models.macs import MacCount


class PSS(nn.Module):
    """Cut a spectrum into pieces and embed each step.

    Parameters
    ----------
    n_bands : int
        C.
    piece_size : int
        R.
    dim : int
        Width of a token.
    layout : {"adjacent", "parallel"}
        ``adjacent``: token t holds bands tR .. tR + R-1. ``parallel``: the spectrum is cut into R long pieces that
        are scanned side by side; step t holds band t of every piece.
    """

    def __init__(
        self, n_bands: int, piece_size: int, dim: int, layout: Literal["adjacent", "parallel"] = "adjacent"
    ) -> None:
        super().__init__()
        self.n_bands, self.piece_size, self.dim, self.layout = n_bands, piece_size, dim, layout
        self.length = -(-n_bands // piece_size)
        self.embedding = nn.Linear(piece_size, dim)

    def pieces(self, spectrum: Tensor) -> Tensor:
        """Arrange bands as steps: (B, C) -> (B, L, R)."""
        missing = self.length * self.piece_size - self.n_bands
        padded = torch.cat([spectrum, spectrum[:, -1:].expand(-1, missing)], dim=1)  # (B, L·R)
        if self.layout == "adjacent":
            return padded.reshape(-1, self.length, self.piece_size)
        return padded.reshape(-1, self.piece_size, self.length).transpose(1, 2)

    def forward(self, spectrum: Tensor) -> Tensor:
        """Embed the pieces: (B, C) -> (B, L, dim)."""
        tokens: Tensor = self.embedding(self.pieces(spectrum))
        return tokens

    def macs(self) -> MacCount:
        """Count the embedding of every token."""
        return MacCount.same(self.length * self.piece_size * self.dim)
