"""The head: norm, pooling over the sequence, one linear layer to the classes.

The paper does not state it in detail. ``flatten`` keeps where in the spectrum something was seen; ``mean`` does not
grow with the number of bands.
"""

from typing import Literal

from torch import Tensor, nn

from spectralmamba.models.macs import MacCount


class Head(nn.Module):
    """Classify a sequence of tokens, (B, L, dim) -> (B, K)."""

    def __init__(self, length: int, dim: int, n_classes: int, pooling: Literal["flatten", "mean"]) -> None:
        super().__init__()
        self.pooling = pooling
        self.norm = nn.LayerNorm(dim)
        self.classifier = nn.Linear(length * dim if pooling == "flatten" else dim, n_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        """Give the logits."""
        tokens = self.norm(tokens)
        pooled = tokens.flatten(1) if self.pooling == "flatten" else tokens.mean(dim=1)
        logits: Tensor = self.classifier(pooled)
        return logits

    def macs(self) -> MacCount:
        """Count the linear layer."""
        return MacCount.same(self.classifier.in_features * self.classifier.out_features)
