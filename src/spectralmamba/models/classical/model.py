"""What the classifiers of scikit-learn have in common as models of this package."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spectralmamba.errors import RunError
from spectralmamba.models.baseline import BaselineConfig
from spectralmamba.models.classical.features import Floats, neighbourhood_features
from spectralmamba.models.classifier import Classifier

ABSENT = -1e4
"""Logit of a class without a training pixel: its probability is 0 at any temperature, and sums stay finite."""

Candidate = Mapping[str, Any]


class ClassicalModel(Classifier):
    """A classifier of scikit-learn behind the shapes and logits of every other model.

    It sees the centre's spectrum and, patchwise, the mean of the 3×3 pixels around it, whatever the patch size. It has
    no parameters that a gradient reaches: :mod:`spectralmamba.training.classical` chooses its hyper-parameters among
    :meth:`candidates` and sets :attr:`estimator`.

    Attributes
    ----------
    estimator : object or None
        The fitted classifier of scikit-learn, whose classes are class indices; None before training.
    """

    trained_by_gradient = False
    config: BaselineConfig

    def __init__(self, config: BaselineConfig) -> None:
        super().__init__(config)
        self.estimator: Any = None

    @property
    def n_features(self) -> int:
        """Length of a row of features: C, patchwise 2·C."""
        return self.config.n_bands * (1 if self.radius == 0 else 2)

    @abstractmethod
    def candidates(self) -> list[Candidate]:
        """Hyper-parameters to choose among, the first of which is taken where there is nothing to choose by."""

    @abstractmethod
    def make_estimator(
        self, candidate: Candidate, seed: int, class_weights: Literal["none", "balanced"], *, trial: bool = False
    ) -> Any:  # noqa: ANN401 - scikit-learn is untyped
        """Make an estimator that is not fitted yet; for a ``trial`` it may be a smaller one of the same kind."""

    @abstractmethod
    def scores(self, estimator: Any, rows: Floats) -> NDArray[np.float64]:  # noqa: ANN401 - scikit-learn is untyped
        """Score rows of features, larger is likelier: (n, the estimator's classes)."""

    @abstractmethod
    def check_estimator(self, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is untyped
        """Check an estimator that comes from a file (ValueError), whose compiled code trusts what it is given."""

    def features(self, x: Floats) -> Floats:
        """Turn samples (n, C), pixelwise, or windows (n, C, S, S) into rows of features (n, n_features).

        Raises
        ------
        ValueError
            ``x`` has another shape.
        """
        n_bands, size = self.config.n_bands, 2 * self.radius + 1
        expected = (n_bands,) if size == 1 else (n_bands, size, size)
        if x.shape[1:] != expected or x.ndim != len(expected) + 1:
            sizes = ", ".join(str(n) for n in expected)
            raise ValueError(f"input has shape {x.shape}; this model expects (n, {sizes})")
        return neighbourhood_features(x)

    def logits_of(self, estimator: Any, rows: Floats) -> Floats:  # noqa: ANN401 - scikit-learn is untyped
        """Give the logits (n, K) of rows of features by any fitted estimator of this model's kind."""
        logits = np.full((len(rows), self.n_classes), ABSENT, np.float32)
        logits[:, estimator.classes_] = self.scores(estimator, rows)
        return logits

    def forward(self, x: Tensor) -> Tensor:
        """Classify (B, C) or (B, C, S, S): logits (B, K), without a gradient.

        Raises
        ------
        RunError
            The model has not been trained yet.
        ValueError
            ``x`` has another shape.
        """
        rows = self.features(x.detach().cpu().numpy())
        if self.estimator is None:
            raise RunError("the model has not been trained yet; train it, or load a run")
        return torch.from_numpy(self.logits_of(self.estimator, rows)).to(x.device)
