"""CasRNN, cascaded recurrent networks (Hang, Liu, Hong, Ghamisi, IEEE TGRS 2019, arXiv 1902.10858).

The spectrum is divided into groups of adjacent bands. A first GRU, the same for all groups, reads the bands of a group
one by one and removes what is redundant among neighbours; a second reads the groups' features in order and learns what
distant bands add to each other; a linear layer classifies its last state.

The paper's spectral-spatial form puts a convolutional network on a large window of each band in front. Ours gives the
first GRU the P² values of the band instead. That is what the size implies that SpectralMamba's authors report for their
patchwise CasRNN at 145 bands and 14 classes: 353.25 K parameters, against 353,422 here with states of 128 and 256 and 9
values a band, where any convolutional network would add to it. Its two strategies for the loss (first-layer features
fused into the output) are left out: they change the training of a model, not its form.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from spectralmamba.models.baseline import Baseline, BaselineConfig
from spectralmamba.models.gru import GRU
from spectralmamba.models.macs import MacCount
from spectralmamba.models.registry import register_model


@dataclass(frozen=True)
class CasRNNConfig(BaselineConfig):
    """Configuration of :class:`CasRNN`.

    Attributes
    ----------
    n_groups : int
        Groups of adjacent bands, at most; each has ceil(C / n_groups) bands, the last one filled up by repeating the
        last band. With 4 the model is nearest to the MACs that SpectralMamba's authors report (``docs/models.md``).
    hidden : int
        State of the first GRU.
    second_hidden : int
        State of the second.
    """

    n_groups: int = 4
    hidden: int = 128
    second_hidden: int = 256

    @property
    def group_size(self) -> int:
        """Bands in a group."""
        return -(-self.n_bands // self.n_groups)

    @property
    def length(self) -> int:
        """Groups that it takes to hold all bands: fewer than ``n_groups`` where some would be all repetition."""
        return -(-self.n_bands // self.group_size)


@register_model("casrnn", CasRNNConfig)
class CasRNN(Baseline):
    """A GRU inside each group of adjacent bands, a GRU across the groups, one linear layer."""

    config: CasRNNConfig

    def __init__(self, config: CasRNNConfig) -> None:
        super().__init__(config)
        self.within = GRU(config.n_pixels, config.hidden)
        self.across = GRU(config.hidden, config.second_hidden)
        self.classifier = nn.Linear(config.second_hidden, config.n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Classify (B, C) or (B, C, P, P): logits (B, K)."""
        groups = self.groups(self.read_bands(x))  # (B, G, S, P²)
        features = self.within(groups.flatten(0, 1)).reshape(*groups.shape[:2], -1)  # (B, G, hidden)
        logits: Tensor = self.classifier(self.across(features))
        return logits

    def groups(self, bands: Tensor) -> Tensor:
        """Divide bands (B, C, P²) into G groups of S: (B, G, S, P²)."""
        c = self.config
        missing = c.length * c.group_size - c.n_bands
        padded = torch.cat([bands, bands[:, -1:].expand(-1, missing, -1)], dim=1)
        return padded.reshape(len(bands), c.length, c.group_size, c.n_pixels)

    def macs(self) -> MacCount:
        """Count the matrix products of both GRUs and the linear layer."""
        c = self.config
        last = MacCount.same(c.second_hidden * c.n_classes)
        return self.within.macs(c.length * c.group_size) + self.across.macs(c.length) + last
