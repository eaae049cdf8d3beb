"""Random forest and support vector machine on the same pixels: what a result has to be held against."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
from sklearn.svm import SVC

from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.sampling.groups import region_groups
from spectralmamba.sampling.patches import PatchSampler
from spectralmamba.sampling.split import Split
from spectralmamba.training.prepare import Prepared

N_TREES = 300
SVM_GRID: dict[str, list[Any]] = {"C": [10, 100, 1000], "gamma": ["scale", 1e-3, 3e-3]}
FOLDS = 3


@dataclass(frozen=True)
class Reference:
    """A reference classifier's accuracy on the test pixels."""

    name: str
    matrix: ConfusionMatrix


def random_forest(prepared: Prepared, seed: int = 0) -> Reference:
    """Train a forest of 300 trees on the standardised spectra of the pixels that the model learned from."""
    model = RandomForestClassifier(N_TREES, random_state=seed, n_jobs=-1)
    return _assess("random forest", model, prepared)


def support_vector_machine(prepared: Prepared, seed: int = 0) -> Reference:
    """Train an SVM with radial kernel, C and gamma found by cross-validation over regions of the same pixels."""
    learned = _learned(prepared)
    groups = _regions(prepared.split, learned)
    present = np.unique(learned.targets)
    regions = min(len(np.unique(groups[learned.targets == k])) for k in present)
    pixels = min(int((learned.targets == k).sum()) for k in present)
    model: Any
    if min(regions, FOLDS) >= 2:
        model = _searched(StratifiedGroupKFold(min(regions, FOLDS), shuffle=True, random_state=seed), learned, groups)
    elif min(pixels, FOLDS) >= 2:
        # Regions cannot be held out where a class has but one; then single pixels are.
        model = _searched(StratifiedKFold(min(pixels, FOLDS), shuffle=True, random_state=seed), learned, None)
    else:
        model = SVC(kernel="rbf", C=SVM_GRID["C"][1], gamma="scale")
    return _assess("support vector machine", model, prepared)


def _searched(folds: Any, learned: PatchSampler, groups: NDArray[np.int64] | None) -> GridSearchCV:  # noqa: ANN401
    splits = list(folds.split(learned.spectra, learned.targets, groups))
    return GridSearchCV(SVC(kernel="rbf"), SVM_GRID, cv=splits, n_jobs=-1)


REFERENCES: dict[str, Callable[[Prepared, int], Reference]] = {
    "random-forest": random_forest,
    "svm": support_vector_machine,
}


def _assess(name: str, model: Any, prepared: Prepared) -> Reference:  # noqa: ANN401 - scikit-learn is untyped
    learned, test = _learned(prepared), prepared.select("test")
    model.fit(learned.spectra, learned.targets)
    predicted = model.predict(test.spectra)
    return Reference(name, ConfusionMatrix.from_indices(test.targets, predicted, prepared.classes.names))


def _learned(prepared: Prepared) -> PatchSampler:
    """Training and validation pixels: a reference selects within them, too."""
    return prepared.samples.select(prepared.part["train"] | prepared.part["validation"])


def _regions(split: Split, samples: PatchSampler) -> NDArray[np.int64]:
    """Region of each sample, distinct across scenes."""
    groups = np.zeros(len(samples), np.int64)
    offset = 0
    for i, scene in enumerate(split.scenes.values()):
        labels = np.maximum(scene.train.values, scene.validation.values)
        regions = region_groups(labels)
        here = samples.scene_index == i
        groups[here] = regions[samples.rows[here], samples.columns[here]] + offset
        offset += int(regions.max())
    return groups
