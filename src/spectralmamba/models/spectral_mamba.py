"""SpectralMamba (Yao, Hong, Li, Chanussot 2024, arXiv 2404.08489): GSSM → PSS → S6 → head."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spectralmamba.models.classifier import Classifier
from spectralmamba.models.config import SpectralMambaConfig
from spectralmamba.models.gssm import GSSM
from spectralmamba.models.head import Head
from spectralmamba.models.macs import MacCount
from spectralmamba.models.position import LearnedPosition, WavelengthPosition
from spectralmamba.models.pss import PSS
from spectralmamba.models.registry import register_model
from spectralmamba.models.s6 import S6Block
from spectralmamba.models.whitening import KINDS, Whitening

if TYPE_CHECKING:
    from spectralmamba.models.inference.fused_forward import FusedKeeper

GATE_RATE = 0.03  # of the learning rate; see docs/experiments.md


class Internals(NamedTuple):
    """What explanations are made from."""

    mask: Tensor | None  # (B, C, P, P): GSSM's gate; None where the model has no GSSM
    delta: list[Tensor]  # per block (B, D, L): Δ
    response: list[Tensor]  # per block (B, D, L): S6's answer before the gate


@register_model("spectralmamba", SpectralMambaConfig)
class SpectralMamba(Classifier):
    """Classifier of hyperspectral pixels, pixelwise or patchwise.

    Parameters
    ----------
    config : SpectralMambaConfig
        Every choice.
    backend : str
        Backend of the selective scan.
    """

    def __init__(self, config: SpectralMambaConfig, backend: str = "auto") -> None:
        super().__init__(config)
        c = config
        self.gssm = GSSM(c.n_bands, c.patch_size, c.border) if c.uses_neighbours else None
        self.whitening = Whitening(c.n_bands) if c.whitening != "none" else None
        self.pss = PSS(c.n_bands, c.piece_size, c.dim, c.layout)
        self.position = self._make_position()
        self.blocks = nn.ModuleList(
            S6Block(c.dim, c.state_size, c.expansion, c.conv_size, s6=c.s6, backend=backend) for _ in range(c.depth)
        )
        self._keeper: FusedKeeper | None = None
        self.head = Head(c.length, c.dim, c.n_classes, c.pooling)

    def _make_position(self) -> nn.Module:
        c = self.config
        if c.position == "learned":
            return LearnedPosition(c.length, c.dim)
        if c.position == "wavelength":
            pieces = self.pss.pieces(torch.tensor(c.wavelengths, dtype=torch.float64)[None])[0]  # (L, R)
            return WavelengthPosition(pieces.mean(dim=1), c.dim)
        return nn.Identity()

    def forward(
        self, x: Tensor, return_internals: bool = False, noise: Tensor | None = None
    ) -> Tensor | tuple[Tensor, Internals]:
        """Classify spectra or patches.

        Parameters
        ----------
        x : Tensor, shape (B, C) or (B, C, S, S)
            Standardised spectra, or windows of S = 2·radius + 1 pixels around the pixel to classify; missing pixels
            are NaN in at least one band. A model without GSSM takes the centre of a window of any odd size.
        return_internals : bool
            Also return :class:`Internals`.
        noise : Tensor, shape (B, C), optional
            Added to whitened spectra.

        Returns
        -------
        logits : Tensor, shape (B, K)
        internals : Internals
            Only with ``return_internals``.

        Raises
        ------
        ValueError
            ``x`` has another shape.
        """
        if noise is None and not return_internals:
            fused = self._fused(x)
            if fused is not None:
                return fused
        merged, mask = self.merge(x)
        spectrum = self._with_centre(merged, x)
        if self.whitening is not None:
            spectrum = self.whitening(spectrum)
        if noise is not None:
            spectrum = spectrum + noise
        tokens = self.position(self.pss(spectrum))  # (B, L, dim)
        kept = []
        for block in self.blocks:
            tokens, internals = block(tokens, return_internals)
            kept.append(internals)
        logits: Tensor = self.head(tokens)
        if not return_internals:
            return logits
        explained = [block.explain(i) for block, i in zip(self.blocks, kept, strict=True)]  # type: ignore[operator]
        return logits, Internals(mask, [e.delta for e in explained], [e.response for e in explained])

    def _fused(self, x: Tensor) -> Tensor | None:
        """Logits by the fused kernel, where gradients are off and it can run; None where the modules are run."""
        from spectralmamba.models.inference.fused_forward import FusedKeeper, fused_logits  # noqa: PLC0415 - circular

        if self._keeper is None:
            self._keeper = FusedKeeper()
        return fused_logits(self, x, self._keeper)

    def merge(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Reduce the input to one spectrum: (B, C) and GSSM's mask (B, C, P, P), or None without GSSM."""
        self._check_input(x)
        if self.gssm is None:
            return self._centre_of(x), None
        valid = torch.isfinite(x).all(dim=1)  # (B, S, S)
        merged, mask = self.gssm(torch.where(valid[:, None], x, 0.0), valid)
        return merged, mask

    def spectrum_of(self, x: Tensor) -> Tensor:
        """Reduce the input to the spectrum (B, C) that tokens are made of, before it is whitened."""
        return self._with_centre(self.merge(x)[0], x)

    def _with_centre(self, merged: Tensor, x: Tensor) -> Tensor:
        """Weigh the merged spectrum and the centre's own, (B, C).

        The merged one cannot tell the centre from its neighbours, and where pixels are as large as what they show,
        neighbours are of other classes.
        """
        share = self.config.centre
        if self.gssm is None or share == 0:
            return merged
        together: Tensor = share * self._centre_of(x) + self.config.merged_weight * merged
        return together

    @staticmethod
    def _centre_of(x: Tensor) -> Tensor:
        """The spectrum (B, C) of the pixel to classify."""
        middle = x.shape[-1] // 2
        return x[:, :, middle, middle] if x.ndim == 4 else x

    @property
    def variants(self) -> tuple[str, ...]:
        """Ways of whitening that training may choose among."""
        return KINDS if self.config.whitening == "auto" else (self.config.whitening,)

    @property
    def indifferent(self) -> tuple[str, ...]:
        """Where logarithms may not be needed: what multiplies all bands varies within classes; ``full`` damps that."""
        return tuple(variant for variant in self.variants if variant == "full")

    def adapt(self, spectra: NDArray[np.float32], targets: NDArray[np.int64], variant: str) -> None:
        """Fit the whitening to training pixels."""
        if self.whitening is not None:
            self.whitening.fit(spectra, targets, variant)

    def learning_rates(self) -> list[tuple[list[nn.Parameter], float]]:
        """Let the gate learn slowly: it has two thirds of the parameters, and few neighbourhoods to learn from."""
        if self.gssm is None:
            return super().learning_rates()
        gate = list(self.gssm.parameters())
        others = [p for name, p in self.named_parameters() if not name.startswith("gssm.")]
        return [(others, 1.0), (gate, GATE_RATE)]

    def forward_noisy(self, x: Tensor, noise: Tensor) -> Tensor:
        """Classify with noise (B, C), added behind the whitening: before it, it would grow where there is no signal."""
        if self.whitening is None:
            return super().forward_noisy(x, noise)
        logits: Tensor = self(x, noise=noise)
        return logits

    def _check_input(self, x: Tensor) -> None:
        size = 2 * self.radius + 1
        shape, bands = tuple(x.shape), self.config.n_bands
        if self.gssm is None:
            fits = x.ndim == 2 or (x.ndim == 4 and shape[2] == shape[3] and shape[2] % 2 == 1)
            expected = f"(n, {bands})"
        else:
            fits = x.ndim == 4 and shape[2:] == (size, size)
            expected = f"(n, {bands}, {size}, {size})"
        if not fits or shape[1] != bands:
            raise ValueError(f"input has shape {shape}; this model expects {expected}")

    def macs(self) -> MacCount:
        """Count one sample, layer by layer."""
        count = self.pss.macs() + self.head.macs()
        if self.gssm is not None:
            count += self.gssm.macs()
        if self.whitening is not None:
            count += MacCount(fixed=self.config.n_bands**2)
        for block in self.blocks:
            count += block.macs(self.config.length)  # type: ignore[operator]
        return count
