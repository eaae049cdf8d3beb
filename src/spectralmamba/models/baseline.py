"""What the baselines share: a spectrum or a plain window in, missing neighbours read as the training mean."""

from dataclasses import dataclass

import torch
from torch import Tensor

from spectralmamba.models.checking import check_fields
from spectralmamba.models.classifier import Classifier


@dataclass(frozen=True)
class BaselineConfig:
    """Fields that every baseline has.

    Attributes
    ----------
    n_bands, n_classes : int
        C and K.
    patch_size : int
        P, odd, at most 15; 1 is the pixelwise form. 3 by default, as in SpectralMamba, so that models are compared on
        the same neighbourhood whatever their own papers took.
    """

    n_bands: int
    n_classes: int
    patch_size: int = 3

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def radius(self) -> int:
        """How far the model looks, in pixels: P//2, for a baseline has no halo."""
        return self.patch_size // 2

    @property
    def n_pixels(self) -> int:
        """Pixels of a patch, P²: the values that a patch has of each band."""
        return self.patch_size**2


class Baseline(Classifier):
    """A classifier of spectra (B, C) or windows (B, C, P, P)."""

    config: BaselineConfig

    def read(self, x: Tensor) -> Tensor:
        """Check the input and read missing pixels, NaN in at least one band, as 0: the training mean.

        Raises
        ------
        ValueError
            ``x`` is neither (B, C), pixelwise, nor (B, C, P, P), patchwise.
        """
        c = self.config
        expected = (c.n_bands,) if c.radius == 0 else (c.n_bands, c.patch_size, c.patch_size)
        if tuple(x.shape[1:]) != expected:
            sizes = ", ".join(str(size) for size in expected)
            raise ValueError(f"input has shape {tuple(x.shape)}; this model expects (n, {sizes})")
        if c.radius == 0:
            return x
        valid = torch.isfinite(x).all(dim=1, keepdim=True)
        return torch.where(valid, x, 0.0)

    def read_bands(self, x: Tensor) -> Tensor:
        """Read as a sequence of bands: (B, C) -> (B, C, 1), (B, C, P, P) -> (B, C, P²)."""
        return self.read(x).reshape(x.shape[0], self.config.n_bands, self.config.n_pixels)
