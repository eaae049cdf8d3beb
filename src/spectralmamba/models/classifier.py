"""What every registered model is."""

from abc import abstractmethod
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from spectralmamba.models.macs import MacCount
from spectralmamba.sampling.standardise import Logarithm


class ClassifierConfig(Protocol):
    """What the rest of the package reads of a model's configuration, a frozen dataclass."""

    @property
    def n_bands(self) -> int:
        """C."""

    @property
    def n_classes(self) -> int:
        """K."""

    @property
    def patch_size(self) -> int:
        """P; 1 is pixelwise."""

    @property
    def radius(self) -> int:
        """How far the model looks around a pixel."""


def takes_logarithms(config: ClassifierConfig) -> Logarithm:
    """Whether a model wants the logarithms of spectra standardised, or has training choose."""
    wish: Logarithm = getattr(config, "logarithm", False)
    return wish


class Classifier(nn.Module):
    """A model from standardised spectra (B, C), or windows (B, C, S, S) with S = 2·radius + 1, to logits (B, K).

    It is made from its config dataclass alone, kept as ``config``.

    Attributes
    ----------
    trained_by_gradient : bool
        Whether training takes steps down a gradient and selects on validation pixels. Otherwise the model is fitted at
        once, to training and validation pixels together, and has no size before.
    """

    trained_by_gradient: ClassVar[bool] = True

    def __init__(self, config: Any) -> None:  # noqa: ANN401 - a dataclass of the model's own, see ClassifierConfig
        super().__init__()
        self.config = config

    @property
    def radius(self) -> int:
        """How far the model looks around a pixel."""
        radius: int = self.config.radius
        return radius

    @property
    def n_classes(self) -> int:
        """Number of logits."""
        n_classes: int = self.config.n_classes
        return n_classes

    @property
    def variants(self) -> tuple[str, ...]:
        """What :meth:`adapt` can make of the model; where there are several, validation pixels decide among them."""
        return ("",)

    @property
    def indifferent(self) -> tuple[str, ...]:
        """Variants that may do as well, or better, with spectra standardised otherwise; training tries that."""
        return self.variants

    def adapt(self, spectra: NDArray[np.float32], targets: NDArray[np.int64], variant: str) -> None:
        """Set what follows from the training pixels without any training, before it; here nothing.

        Parameters
        ----------
        spectra : ndarray, shape (n, C)
            Standardised training pixels.
        targets : ndarray of int, shape (n,)
            Class index of each.
        variant : str
            One of :attr:`variants`.
        """

    def learning_rates(self) -> list[tuple[list[nn.Parameter], float]]:
        """Give the parameters in groups, each with the factor on the learning rate that suits it."""
        return [(list(self.parameters()), 1.0)]

    def forward_noisy(self, x: Tensor, noise: Tensor) -> Tensor:
        """Classify as :meth:`forward`, with noise (B, C) on the spectra, the same for a whole window."""
        logits: Tensor = self(x + (noise[:, :, None, None] if x.ndim == 4 else noise))
        return logits

    def count_parameters(self) -> int:
        """Count the numbers that training sets."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    @abstractmethod
    def macs(self) -> MacCount:
        """Count one sample, layer by layer."""
