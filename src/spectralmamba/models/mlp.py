"""MLP, the first baseline of the SpectralMamba paper, which does not say how large its own was."""

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from spectralmamba.models.baseline import Baseline, BaselineConfig
from spectralmamba.models.macs import MacCount
from spectralmamba.models.registry import register_model


@dataclass(frozen=True)
class MLPConfig(BaselineConfig):
    """Configuration of :class:`MLP`.

    Attributes
    ----------
    hidden : int
        Width of each hidden layer. With the default the pixelwise form is about as large as SpectralMamba's.
    depth : int
        Hidden layers.
    """

    hidden: int = 64
    depth: int = 2


@register_model("mlp", MLPConfig)
class MLP(Baseline):
    """Fully connected layers with ReLU on the spectrum, or on the values of all pixels of the patch in a row."""

    config: MLPConfig

    def __init__(self, config: MLPConfig) -> None:
        super().__init__(config)
        widths = [config.n_bands * config.n_pixels] + config.depth * [config.hidden]
        layers = [nn.Linear(narrow, wide) for narrow, wide in pairwise(widths)]
        self.hidden = nn.Sequential(*(part for layer in layers for part in (layer, nn.ReLU())))
        self.classifier = nn.Linear(config.hidden, config.n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Classify (B, C) or (B, C, P, P): logits (B, K)."""
        logits: Tensor = self.classifier(self.hidden(self.read_bands(x).flatten(1)))
        return logits

    def macs(self) -> MacCount:
        """Count the linear layers."""
        c = self.config
        first, last = c.n_bands * c.n_pixels * c.hidden, c.hidden * c.n_classes
        return MacCount.same(first + (c.depth - 1) * c.hidden**2 + last)
