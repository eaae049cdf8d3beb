"""GSSM, gated spatial-spectral merging: a learned mask over the neighbourhood, and the spectrum it leaves.

PAPER: mask = sigmoid(PW(DW(x))), DW a 3×3 depthwise convolution over the C bands, PW a pointwise one C→C, and the
merged spectrum is the sum of mask ⊙ x over the P×P window. With zero border and C = 145 that is 22,620 parameters and
200,970 MACs a patch, which is what the published totals imply.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from spectralmamba.models.macs import MacCount

KERNEL = 3
FIRST_GATE = 0.1  # of PyTorch's own first weights


class GSSM(nn.Module):
    """Merge a patch into one spectrum.

    The paper does not say how missing pixels count or what lies beyond the patch; we let a missing pixel read as 0
    (the training mean) inside the convolution, leave it out of the sum, scale the sum by P² / Σ v, and offer both
    borders.

    Parameters
    ----------
    n_bands : int
        C.
    patch_size : int
        P, odd.
    border : {"halo", "zero"}
        ``halo`` takes windows of P+2 and convolves 'valid', so a pixel's mask is the same from whichever patch it is
        seen; ``zero`` takes windows of P and pads the convolution with zeros.
    """

    def __init__(self, n_bands: int, patch_size: int, border: Literal["halo", "zero"] = "halo") -> None:
        super().__init__()
        self.n_bands, self.patch_size, self.border = n_bands, patch_size, border
        padding = KERNEL // 2 if border == "zero" else 0
        self.depthwise = nn.Conv2d(n_bands, n_bands, KERNEL, padding=padding, groups=n_bands)
        self.pointwise = nn.Conv2d(n_bands, n_bands, 1)
        with torch.no_grad():  # begins close to a plain mean, and so with the least to unlearn
            self.pointwise.weight.mul_(FIRST_GATE)
            if self.pointwise.bias is not None:
                self.pointwise.bias.zero_()

    def forward(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Gate and sum.

        Parameters
        ----------
        x : Tensor, shape (B, C, S, S)
            Standardised window, 0 where missing; S = P+2 with halo, P with zero border.
        valid : Tensor of bool, shape (B, S, S)
            Where the window has data.

        Returns
        -------
        merged : Tensor, shape (B, C)
            (P² / Σ v) · Σ v · mask · x over the P×P window.
        mask : Tensor, shape (B, C, P, P)
            The gate, between 0 and 1.
        """
        mask = torch.sigmoid(self.pointwise(self.depthwise(x)))  # (B, C, P, P)
        if self.border == "halo":
            x, valid = x[:, :, 1:-1, 1:-1], valid[:, 1:-1, 1:-1]
        weight = valid.to(x.dtype)
        # An all-missing window has no valid centre and its result is never used; the clamp only keeps it finite.
        scale = self.patch_size**2 / weight.sum(dim=(1, 2)).clamp(min=1)  # (B,)
        merged = scale[:, None] * torch.einsum("bcij,bcij,bij->bc", mask, x, weight)
        return merged, mask

    def macs(self) -> MacCount:
        """Count both convolutions at the P² positions of a patch; dense, each pixel's mask is computed once."""
        one = self.n_bands * KERNEL**2 + self.n_bands**2
        patch = self.patch_size**2 * one
        return MacCount(patch=patch, dense=one if self.border == "halo" else patch)
