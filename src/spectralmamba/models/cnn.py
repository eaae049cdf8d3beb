"""CNN, the second baseline of the SpectralMamba paper, which says nothing of its layers.

Pixelwise: 1-D convolutions along the spectrum, each followed by pooling over two bands. Patchwise: a 1×1 convolution
over the bands, then 3×3 convolutions without padding, as many as it takes to reduce the patch to its centre; so nothing
is made up at the patch's border, and of a whole scene each pixel is convolved once.
"""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from spectralmamba.errors import ConfigError
from spectralmamba.models.baseline import Baseline, BaselineConfig
from spectralmamba.models.macs import MacCount
from spectralmamba.models.registry import register_model

KERNEL = 3  # a side of the convolutions in space; P//2 of them without padding turn P×P into 1×1


@dataclass(frozen=True)
class CNNConfig(BaselineConfig):
    """Configuration of :class:`CNN`.

    Attributes
    ----------
    channels : int
        Of every convolution.
    depth : int
        Convolutions along the spectrum; patchwise there are P//2 in space.
    kernel_size : int
        Bands under a convolution along the spectrum, odd.
    """

    channels: int = 32
    depth: int = 3
    kernel_size: int = 7

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kernel_size % 2 == 0:
            raise ConfigError(f"kernel_size is {self.kernel_size}; it has to be odd, to have a band in its middle")


@register_model("cnn", CNNConfig)
class CNN(Baseline):
    """Convolutions along the spectrum (pixelwise) or in the patch (patchwise), then one linear layer."""

    config: CNNConfig

    def __init__(self, config: CNNConfig) -> None:
        super().__init__(config)
        self.features: SpectralStack | SpatialStack = (
            SpectralStack(config.n_bands, config.channels, config.depth, config.kernel_size)
            if config.radius == 0
            else SpatialStack(config.n_bands, config.channels, config.radius)
        )
        self.classifier = nn.Linear(self.features.n_features, config.n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Classify (B, C) or (B, C, P, P): logits (B, K)."""
        logits: Tensor = self.classifier(self.features(self.read(x)))
        return logits

    def macs(self) -> MacCount:
        """Count the convolutions and the linear layer."""
        return self.features.macs() + MacCount.same(self.classifier.in_features * self.classifier.out_features)


class SpectralStack(nn.Module):
    """Convolution, norm, ReLU and pooling over two bands, ``depth`` times: (B, C) -> (B, n_features)."""

    def __init__(self, n_bands: int, channels: int, depth: int, kernel_size: int) -> None:
        super().__init__()
        self.lengths = [-(-n_bands // 2**k) for k in range(depth + 1)]  # bands before each convolution, and at the end
        self.n_features = channels * self.lengths[-1]
        self.convolutions = nn.ModuleList(
            nn.Conv1d(channels if k else 1, channels, kernel_size, padding=kernel_size // 2) for k in range(depth)
        )
        self.norms = nn.ModuleList(ChannelNorm(channels) for _ in range(depth))

    def forward(self, spectrum: Tensor) -> Tensor:
        """Extract features."""
        x = spectrum[:, None]  # (B, 1, C)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = functional.relu(norm(convolution(x)))
            x = functional.max_pool1d(x, 2, ceil_mode=True)  # (B, channels, ceil(L / 2))
        return x.flatten(1)

    def macs(self) -> MacCount:
        """Count each convolution at every band it is given."""
        weights = _weights(self.convolutions)
        return MacCount.same(sum(n * length for n, length in zip(weights, self.lengths[:-1], strict=True)))


class SpatialStack(nn.Module):
    """A 1×1 convolution over the bands, then ``radius`` of 3×3: (B, C, P, P) -> (B, channels)."""

    def __init__(self, n_bands: int, channels: int, radius: int) -> None:
        super().__init__()
        self.positions = [side**2 for side in range(2 * radius + 1, 0, -2)]  # after each convolution
        self.n_features = channels
        self.convolutions = nn.ModuleList(
            nn.Conv2d(channels if k else n_bands, channels, KERNEL if k else 1) for k in range(radius + 1)
        )
        self.norms = nn.ModuleList(ChannelNorm(channels) for _ in range(radius + 1))

    def forward(self, patch: Tensor) -> Tensor:
        """Extract features."""
        x = patch
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = functional.relu(norm(convolution(x)))
        return x.flatten(1)

    def macs(self) -> MacCount:
        """Count each convolution at every position of a patch; dense, once a pixel."""
        weights = _weights(self.convolutions)
        patch = sum(n * positions for n, positions in zip(weights, self.positions, strict=True))
        return MacCount(patch=patch, dense=sum(weights))


def _weights(convolutions: nn.ModuleList) -> list[int]:
    """Multiplications of each convolution at one position: its weights without bias."""
    return [layer.get_parameter("weight").numel() for layer in convolutions]


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each position, (B, channels, …): a pixel's does not depend on its patch."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
