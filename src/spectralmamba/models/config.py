"""Every choice that makes a SpectralMamba, with the impossible ones refused."""

from dataclasses import dataclass
from typing import Literal

from spectralmamba.errors import ConfigError
from spectralmamba.models.checking import check_fields
from spectralmamba.sampling.standardise import Logarithm


@dataclass(frozen=True)
class SpectralMambaConfig:
    """Configuration of :class:`spectralmamba.models.SpectralMamba`.

    The paper (arXiv 2404.08489) does not state width, depth, state size, position or pooling. The defaults stay inside
    its budget of parameters and MACs; see ``docs/model.md``.

    Attributes
    ----------
    n_bands, n_classes : int
        C and K.
    patch_size : int
        P, odd, at most 15; 1 is the pixelwise form.
    centre : float
        Share of the centre's own spectrum in what the tokens are made of, within 0..1; the rest is the merged one, on
        the scale of a single spectrum. 0 is the merged spectrum alone, as it is in the paper.
    border : {"halo", "zero"}
        What the gate of a pixel at the patch's border sees beyond it: the true neighbours, or zeros.
    gssm : bool
        Merge the neighbourhood by the learned gate; off, only the centre's spectrum is used.
    layout : {"adjacent", "parallel"}
        How PSS turns pieces into tokens.
    piece_size : int
        R, bands in a token (adjacent) or pieces side by side (parallel); 1 turns PSS off.
    s6 : bool
        Scan with the selective state space; off, the block is the same with y = D·u.
    dim, depth, state_size, expansion, conv_size : int
        Token width, number of blocks, N, inner width / dim, taps of the causal convolution.
    position : {"none", "learned", "wavelength"}
        What a token knows of its place in the spectrum.
    pooling : {"flatten", "mean"}
        How the head sees the sequence.
    wavelengths : tuple of float, optional
        Centres of the C bands in nm; needed for ``position="wavelength"``.
    logarithm : {True, False, "auto"}
        Standardise the logarithms of spectra. ``auto`` lets training choose by pixels that it holds out.
    whitening : {"auto", "partial", "full", "none"}
        How far bands are decorrelated before PSS; see :mod:`spectralmamba.models.whitening`. ``auto`` lets validation
        pixels choose between ``partial`` and ``full``.
    """

    n_bands: int
    n_classes: int
    patch_size: int = 3
    border: Literal["halo", "zero"] = "halo"
    gssm: bool = True
    centre: float = 0.7
    layout: Literal["adjacent", "parallel"] = "adjacent"
    piece_size: int = 6
    s6: bool = True
    dim: int = 20
    depth: int = 1
    state_size: int = 16
    expansion: int = 1
    conv_size: int = 4
    position: Literal["none", "learned", "wavelength"] = "learned"
    pooling: Literal["flatten", "mean"] = "flatten"
    wavelengths: tuple[float, ...] | None = None
    logarithm: Logarithm = "auto"
    whitening: Literal["auto", "partial", "full", "none"] = "auto"

    def __post_init__(self) -> None:
        check_fields(self)
        if not 0 <= self.centre <= 1:
            raise ConfigError(f"centre {self.centre} is not possible; use a share from 0 to 1")
        self._check_wavelengths()

    def _check_wavelengths(self) -> None:
        if self.wavelengths is None:
            if self.position == "wavelength":
                raise ConfigError("position 'wavelength' needs the bands' wavelengths; use 'learned' or 'none'")
            return
        try:
            object.__setattr__(self, "wavelengths", tuple(float(w) for w in self.wavelengths))
        except (TypeError, ValueError) as error:
            raise ConfigError(f"wavelengths are no numbers ({error}); give one in nm for each band") from error
        if len(self.wavelengths) != self.n_bands:
            raise ConfigError(f"{len(self.wavelengths)} wavelengths given for {self.n_bands} bands; give one a band")
        if not all(0 < w < float("inf") for w in self.wavelengths):
            raise ConfigError("a wavelength is missing or not positive; use position 'learned' or 'none' instead")

    @property
    def uses_neighbours(self) -> bool:
        """Whether any pixel but the centre reaches the classifier."""
        return self.gssm and self.patch_size > 1

    @property
    def merged_weight(self) -> float:
        """Weight of the merged spectrum beside the centre's own: a gate half open sums to P²/2 spectra."""
        return 1.0 if self.centre == 0 else (1 - self.centre) * 2 / self.patch_size**2

    @property
    def radius(self) -> int:
        """How far the model looks, in pixels: 0, P//2 (zero border) or P//2 + 1 (halo)."""
        if not self.uses_neighbours:
            return 0
        return self.patch_size // 2 + (self.border == "halo")

    @property
    def length(self) -> int:
        """Number of tokens L = ceil(C / R), the same in both layouts."""
        return -(-self.n_bands // self.piece_size)
