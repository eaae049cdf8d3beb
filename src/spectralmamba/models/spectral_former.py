"""SpectralFormer (Hong et al., IEEE TGRS 2022, arXiv 2107.02988), written from the paper.

Group-wise spectral embedding: the token of a band is a linear map of the band and its neighbours, patchwise of all
their pixels. A class token and learned positions are added; a transformer encoder follows; the class token is
classified. Cross-layer adaptive fusion (CAF): from the third layer on, what a layer is given is fused with what the
layer two before it was given, z(l) with z(l−2), by a learned map over all tokens of the two.

The paper does not say what the first and last bands have for neighbours beyond the spectrum; ours repeat the edge. It
says no more of the fusion than that it is learned; ours is a convolution from T·2 to T values at each of the token's
positions, which is what the size of the model implies that the authors released. We leave dropout out: training adds
noise to the input instead.
"""

from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from spectralmamba.errors import ConfigError
from spectralmamba.models.baseline import Baseline, BaselineConfig
from spectralmamba.models.macs import MacCount
from spectralmamba.models.position import LearnedPosition
from spectralmamba.models.registry import register_model
from spectralmamba.models.transformer import EncoderLayer


class Sizes(NamedTuple):
    """What a configuration of :class:`SpectralFormer` decides; see :class:`SpectralFormerConfig`."""

    dim: int
    depth: int
    heads: int
    head_size: int
    mlp_size: int
    group_size: int
    fusion: bool


CONFIGURATIONS = {
    # As small as the one that SpectralMamba's authors compare with: their figures follow from it (docs/models.md).
    "compact": Sizes(dim=64, depth=4, heads=4, head_size=16, mlp_size=8, group_size=3, fusion=False),
    # As SpectralFormer's authors released it; they take patches of 7×7.
    "released": Sizes(dim=64, depth=5, heads=4, head_size=16, mlp_size=8, group_size=3, fusion=True),
}


@dataclass(frozen=True)
class SpectralFormerConfig(BaselineConfig):
    """Configuration of :class:`SpectralFormer`.

    Attributes
    ----------
    configuration : {"compact", "released"}
        Decides whatever below is not given.
    dim, depth : int
        Width of a token, number of layers.
    heads, head_size, mlp_size : int
        Heads of attention, the width of each, and the hidden width of the perceptron.
    group_size : int
        Neighbouring bands in a token, odd.
    fusion : bool
        Cross-layer adaptive fusion.
    """

    configuration: Literal["compact", "released"] = "compact"
    dim: int | None = None
    depth: int | None = None
    heads: int | None = None
    head_size: int | None = None
    mlp_size: int | None = None
    group_size: int | None = None
    fusion: bool | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in CONFIGURATIONS[self.configuration]._asdict().items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        if self.sizes.group_size % 2 == 0:
            raise ConfigError(f"group_size is {self.group_size}; it has to be odd, to have a band in its middle")

    @property
    def sizes(self) -> Sizes:
        """What was given, and of the configuration what was not."""
        return Sizes(**{name: value for name, value in asdict(self).items() if name in Sizes._fields})

    @property
    def length(self) -> int:
        """Number of tokens T: one a band, and the class token."""
        return self.n_bands + 1


@register_model("spectralformer", SpectralFormerConfig)
class SpectralFormer(Baseline):
    """A transformer over the bands of a spectrum, or of a patch."""

    config: SpectralFormerConfig

    def __init__(self, config: SpectralFormerConfig) -> None:
        super().__init__(config)
        sizes, length = config.sizes, config.length
        self.embedding = GroupEmbedding(config.n_pixels, sizes.group_size, sizes.dim)
        self.class_token = nn.Parameter(torch.empty(1, 1, sizes.dim))
        nn.init.trunc_normal_(self.class_token, std=0.02)
        self.position = LearnedPosition(length, sizes.dim)
        self.layers = nn.ModuleList(
            EncoderLayer(sizes.dim, sizes.heads, sizes.head_size, sizes.mlp_size) for _ in range(sizes.depth)
        )
        self.fusions = nn.ModuleList(Fusion(length) for _ in range(sizes.depth - 2 if sizes.fusion else 0))
        self.norm = nn.LayerNorm(sizes.dim)
        self.classifier = nn.Linear(sizes.dim, config.n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Classify (B, C) or (B, C, P, P): logits (B, K)."""
        tokens = self.embedding(self.read_bands(x))  # (B, C, dim)
        tokens = torch.cat([self.class_token.expand(len(tokens), -1, -1), tokens], dim=1)  # (B, T, dim)
        tokens = self.encode(self.position(tokens))
        logits: Tensor = self.classifier(self.norm(tokens[:, 0]))
        return logits

    def encode(self, tokens: Tensor) -> Tensor:
        """Run the layers, with fusion from the third on where there is any: (B, T, dim) -> (B, T, dim)."""
        given: list[Tensor] = []  # what each layer so far was given, before fusion
        for k, layer in enumerate(self.layers):
            given.append(tokens)
            if self.fusions and k >= 2:
                tokens = self.fusions[k - 2](tokens, given[k - 2])
            tokens = layer(tokens)
        return tokens

    def macs(self) -> MacCount:
        """Count linear layers and fusions; the products of attention count with the scan."""
        c, dim = self.config, self.config.sizes.dim
        count = self.embedding.macs(c.n_bands) + MacCount.same(dim * c.n_classes)
        for layer in self.layers:
            count += layer.macs(c.length)  # type: ignore[operator]
        for fusion in self.fusions:
            count += fusion.macs(dim)  # type: ignore[operator]
        return count


class GroupEmbedding(nn.Linear):
    """Embed each band with its neighbours, (B, C, P²) -> (B, C, dim); beyond the spectrum its edge is repeated."""

    def __init__(self, n_pixels: int, group_size: int, dim: int) -> None:
        super().__init__(group_size * n_pixels, dim)
        self.group_size = group_size

    def forward(self, bands: Tensor) -> Tensor:
        """Embed."""
        beyond = self.group_size // 2
        padded = functional.pad(bands.transpose(1, 2), (beyond, beyond), mode="replicate")  # (B, P², C + g − 1)
        groups = padded.unfold(2, self.group_size, 1)  # (B, P², C, g)
        return super().forward(groups.transpose(1, 2).flatten(2))

    def macs(self, n_bands: int) -> MacCount:
        """Count the product for every band."""
        return MacCount.same(n_bands * self.in_features * self.out_features)


class Fusion(nn.Conv2d):
    """Fuse two sequences of T tokens into one, each value from those of all tokens of both at its position."""

    def __init__(self, length: int) -> None:
        super().__init__(length, length, (1, 2))

    def forward(self, tokens: Tensor, earlier: Tensor) -> Tensor:  # type: ignore[override]
        """(B, T, dim) and (B, T, dim) -> (B, T, dim)."""
        return super().forward(torch.stack([tokens, earlier], dim=3)).squeeze(3)

    def macs(self, dim: int) -> MacCount:
        """Count the convolution at each of the ``dim`` positions."""
        return MacCount.same(self.weight.numel() * dim)
