"""Plain Mamba: SpectralMamba without its two inventions, as the paper's ablation has it.

Without PSS every band is a token; without GSSM the token of a band is made of its P² values in the patch. Blocks,
position and head are SpectralMamba's own, so that what differs is what PSS and GSSM do. The paper does not say how the
head of its ablation pools; the default is SpectralMamba's, the flattened sequence, which is what makes the head grow
with the number of tokens and so explains most of the parameters that PSS is said to save.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from spectralmamba.models.baseline import Baseline, BaselineConfig
from spectralmamba.models.head import Head
from spectralmamba.models.macs import MacCount
from spectralmamba.models.position import LearnedPosition
from spectralmamba.models.registry import register_model
from spectralmamba.models.s6 import S6Block


@dataclass(frozen=True)
class PlainMambaConfig(BaselineConfig):
    """Configuration of :class:`PlainMamba`, with the fields and defaults of SpectralMamba's blocks and head.

    Attributes
    ----------
    dim, depth, state_size, expansion, conv_size : int
        Token width, number of blocks, N, inner width / dim, taps of the causal convolution.
    position : {"none", "learned"}
        What a token knows of its place in the spectrum.
    pooling : {"flatten", "mean"}
        How the head sees the sequence.
    """

    dim: int = 20
    depth: int = 1
    state_size: int = 16
    expansion: int = 1
    conv_size: int = 4
    position: Literal["none", "learned"] = "learned"
    pooling: Literal["flatten", "mean"] = "flatten"


@register_model("mamba", PlainMambaConfig)
class PlainMamba(Baseline):
    """Mamba blocks over the bands of a spectrum, or of a patch, one token a band.

    Parameters
    ----------
    config : PlainMambaConfig
        Every choice.
    backend : str
        Backend of the selective scan.
    """

    config: PlainMambaConfig

    def __init__(self, config: PlainMambaConfig, backend: str = "auto") -> None:
        super().__init__(config)
        c = config
        self.embedding = nn.Linear(c.n_pixels, c.dim)
        self.position = LearnedPosition(c.n_bands, c.dim) if c.position == "learned" else nn.Identity()
        self.blocks = nn.ModuleList(
            S6Block(c.dim, c.state_size, c.expansion, c.conv_size, backend=backend) for _ in range(c.depth)
        )
        self.head = Head(c.n_bands, c.dim, c.n_classes, c.pooling)

    def forward(self, x: Tensor) -> Tensor:
        """Classify (B, C) or (B, C, P, P): logits (B, K)."""
        tokens = self.position(self.embedding(self.read_bands(x)))  # (B, C, dim)
        for block in self.blocks:
            tokens, _ = block(tokens)
        logits: Tensor = self.head(tokens)
        return logits

    def macs(self) -> MacCount:
        """Count one sample, layer by layer."""
        c = self.config
        count = MacCount.same(c.n_bands * c.n_pixels * c.dim) + self.head.macs()
        for block in self.blocks:
            count += block.macs(c.n_bands)  # type: ignore[operator]
        return count
