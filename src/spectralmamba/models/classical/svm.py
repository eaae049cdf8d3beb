"""Support vector machine with a radial kernel, by libsvm."""

from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spectralmamba.models.baseline import BaselineConfig
from spectralmamba.models.classical.choices import as_choices
from spectralmamba.models.classical.features import Floats
from spectralmamba.models.classical.model import Candidate, ClassicalModel
from spectralmamba.models.macs import MacCount
from spectralmamba.models.registry import register_model


@dataclass(frozen=True)
class SVMConfig(BaselineConfig):
    """Configuration of :class:`SVM`.

    Attributes
    ----------
    penalty : tuple of float
        Values of the soft margin's C to choose among; a single one is taken as it is.
    gamma : tuple of float or "scale"
        Values of γ in exp(−γ‖x − x'‖²) to choose among; ``scale`` is 1 / (features · their variance).
    """

    penalty: tuple[float | str, ...] = (10.0, 100.0, 1000.0)
    gamma: tuple[float | str, ...] = ("scale", 1e-3, 3e-3)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "penalty", as_choices("penalty", self.penalty))
        object.__setattr__(self, "gamma", as_choices("gamma", self.gamma, "scale"))


@register_model("svm", SVMConfig)
class SVM(ClassicalModel):
    """Support vector machine with a radial kernel, each class against each other.

    A class's logit is scikit-learn's one-versus-rest decision: the number of classes it wins against, and within one
    win by how much. Between two classes it is the signed distance d, the logits −d and d.
    """

    config: SVMConfig

    def candidates(self) -> list[Candidate]:
        """Every pair of C and γ."""
        return [{"C": c, "gamma": gamma} for c, gamma in product(self.config.penalty, self.config.gamma)]

    def make_estimator(
        self,
        candidate: Candidate,
        seed: int,  # noqa: ARG002 - libsvm draws nothing here
        class_weights: Literal["none", "balanced"],
        *,
        trial: bool = False,  # noqa: ARG002 - a trial is as large as the real one
    ) -> Any:  # noqa: ANN401 - scikit-learn is untyped
        """Make an SVM that is not fitted yet."""
        from sklearn.svm import SVC  # noqa: PLC0415 - takes half a second that other models need not wait for

        return SVC(kernel="rbf", class_weight=None if class_weights == "none" else class_weights, **candidate)

    def scores(self, estimator: Any, rows: Floats) -> NDArray[np.float64]:  # noqa: ANN401 - scikit-learn is untyped
        """Give the decisions of each class against the rest."""
        decision: NDArray[np.float64] = estimator.decision_function(rows)
        return np.stack([-decision, decision], axis=1) if decision.ndim == 1 else decision

    def check_estimator(self, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is untyped
        """Check that all parts of a machine that was read have the sizes that belong together (ValueError)."""
        from sklearn.svm import SVC  # noqa: PLC0415 - see make_estimator

        if type(estimator) is not SVC or estimator.kernel != "rbf":
            raise ValueError(f"{type(estimator).__name__} in place of a support vector machine with a radial kernel")
        state = vars(estimator)
        n_vectors, k = len(estimator.support_), len(estimator.classes_)
        shapes: dict[str, tuple[int, ...]] = {
            "support_vectors_": (n_vectors, self.n_features),
            "_dual_coef_": (k - 1, n_vectors),
            "_intercept_": (k * (k - 1) // 2,),
            "_n_support": (k,),
        }
        for name, shape in shapes.items():
            if np.shape(state[name]) != shape:
                raise ValueError(f"{name} has shape {np.shape(state[name])} in place of {shape}")
        if state["_n_support"].min() < 0 or state["_n_support"].sum() != n_vectors or state["_sparse"]:
            raise ValueError("support vectors that do not add up")

    def count_parameters(self) -> int:
        """Count support vectors, coefficients and intercepts; 0 before training."""
        if self.estimator is None:
            return 0
        e = self.estimator
        return int(e.support_vectors_.size + e.dual_coef_.size + e.intercept_.size)

    def macs(self) -> MacCount:
        """Count a distance to each support vector and a product with each coefficient; 0 before training."""
        if self.estimator is None:
            return MacCount()
        return MacCount.same(int(self.estimator.support_vectors_.size + self.estimator.dual_coef_.size))
