"""Random forest (Breiman 2001)."""

from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError
from spectralmamba.models.baseline import BaselineConfig
from spectralmamba.models.classical.choices import as_choices, as_counts
from spectralmamba.models.classical.features import Floats
from spectralmamba.models.classical.model import Candidate, ClassicalModel
from spectralmamba.models.macs import MacCount
from spectralmamba.models.registry import register_model
from spectralmamba.randomness import generator

TRIAL_TREES = 100  # enough to tell hyper-parameters apart, at a third of the cost
DOUBT = 0.01  # share of the probability that is spread over all classes, so that its logarithm is finite
LEAF = -1


@dataclass(frozen=True)
class RandomForestConfig(BaselineConfig):
    """Configuration of :class:`RandomForest`.

    Attributes
    ----------
    n_trees : int
        Trees of the forest; hyper-parameters are chosen with at most 100.
    max_features : tuple of float or "sqrt"
        Shares of the features that a node draws its own from, to choose among; a single one is taken as it is.
    min_samples_leaf : tuple of int
        Least numbers of samples in a leaf, to choose among.
    """

    n_trees: int = 300
    max_features: tuple[float | str, ...] = ("sqrt", 0.2)
    min_samples_leaf: tuple[int, ...] = (1, 3)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "max_features", as_choices("max_features", self.max_features, "sqrt"))
        object.__setattr__(self, "min_samples_leaf", as_counts("min_samples_leaf", self.min_samples_leaf))
        for share in self.max_features:
            if not isinstance(share, str) and share > 1:
                raise ConfigError(f"max_features is {share!r}; use shares up to 1, or 'sqrt'")


@register_model("randomforest", RandomForestConfig)
class RandomForest(ClassicalModel):
    """Random forest; a class's logit is the logarithm of the mean probability that the trees give it.

    A hundredth of the probability is spread over all classes first, so that a class in no leaf has a finite logit.
    """

    config: RandomForestConfig

    def candidates(self) -> list[Candidate]:
        """Every pair of features a node and samples a leaf."""
        pairs = product(self.config.max_features, self.config.min_samples_leaf)
        return [{"max_features": share, "min_samples_leaf": samples} for share, samples in pairs]

    def make_estimator(
        self, candidate: Candidate, seed: int, class_weights: Literal["none", "balanced"], *, trial: bool = False
    ) -> Any:  # noqa: ANN401 - scikit-learn is untyped
        """Make a forest that is not fitted yet, of at most 100 trees for a trial."""
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - see SVM.make_estimator

        return RandomForestClassifier(
            min(self.config.n_trees, TRIAL_TREES) if trial else self.config.n_trees,
            class_weight=None if class_weights == "none" else class_weights,
            random_state=int(generator(seed, "forest").integers(2**32)),
            n_jobs=1 if trial else -1,
            **candidate,
        )

    def scores(self, estimator: Any, rows: Floats) -> NDArray[np.float64]:  # noqa: ANN401 - scikit-learn is untyped
        """Average the trees one after the other: the same sum in any thread."""
        total = np.zeros((len(rows), len(estimator.classes_)))
        for tree in estimator.estimators_:
            total += tree.predict_proba(rows, check_input=False)
        mean = total / len(estimator.estimators_)
        smoothed: NDArray[np.float64] = np.log((mean + DOUBT / self.n_classes) / (1 + DOUBT))
        return smoothed

    def check_estimator(self, estimator: Any) -> None:  # noqa: ANN401 - scikit-learn is untyped
        """Check that every tree that was read ends and asks only for features that are there (ValueError)."""
        from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - see SVM.make_estimator

        if type(estimator) is not RandomForestClassifier or not estimator.estimators_:
            raise ValueError(f"{type(estimator).__name__} in place of a random forest")
        for tree in (member.tree_ for member in estimator.estimators_):
            if tree.node_count > tree.capacity or tree.value.shape != (tree.node_count, 1, len(estimator.classes_)):
                raise ValueError("a tree with another number of nodes or classes")
            own, left, right = np.arange(tree.node_count), tree.children_left, tree.children_right
            inner = left != LEAF
            for child in (left[inner], right[inner]):  # children come after their parent, so every path ends
                if ((child <= own[inner]) | (child >= tree.node_count)).any():
                    raise ValueError("a tree whose branches do not end")
            if ((tree.feature[inner] < 0) | (tree.feature[inner] >= self.n_features)).any():
                raise ValueError(f"a tree that asks for another than the {self.n_features} features")

    def count_parameters(self) -> int:
        """Count feature and threshold of each inner node and the probabilities of each leaf; 0 before training."""
        if self.estimator is None:
            return 0
        trees = [member.tree_ for member in self.estimator.estimators_]
        leaves = sum(int(tree.n_leaves) for tree in trees)
        return 2 * (sum(int(tree.node_count) for tree in trees) - leaves) + leaves * len(self.estimator.classes_)

    def macs(self) -> MacCount:
        """Count nothing: a forest compares and adds, and multiplies nowhere."""
        return MacCount()
