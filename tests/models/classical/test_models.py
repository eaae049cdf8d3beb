"""Logits of the models of scikit-learn: those of the estimator, in the package's order."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC

from spectralmamba.errors import RunError
from spectralmamba.models import count_costs, create_model
from spectralmamba.models.classical.model import ABSENT
from tests.models.helpers import random_input

NAMES = ["randomforest", "svm"]
both = pytest.mark.parametrize("name", NAMES)
FEW_TREES = {"randomforest": {"n_trees": 12}, "svm": {}}


def fitted(name, classes=(0, 1, 2), n_classes=3, patch_size=1, n_bands=6, seed=0, **options):
    """A model that has learned classes which differ in the mean of their spectra."""
    shape = {"n_bands": n_bands, "n_classes": n_classes, "patch_size": patch_size}
    model = create_model(name, **shape, **(FEW_TREES[name] | options))
    targets = np.repeat(classes, 30)
    x = random_input(model, len(targets), seed, missing=0.3).numpy()
    x += targets.reshape(-1, *(x.ndim - 1) * [1]).astype(np.float32)
    estimator = model.make_estimator(model.candidates()[0], seed, "none")
    model.estimator = estimator.fit(model.features(x), targets)
    return model, x, targets


@pytest.mark.parametrize("patch_size", [1, 3, 7])
@both
def test_the_largest_logit_is_the_estimators_class(name, patch_size):
    model, x, targets = fitted(name, patch_size=patch_size)
    logits = model(torch.from_numpy(x)).numpy()
    rows = model.features(x)
    if name == "svm":
        np.testing.assert_array_equal(logits, model.estimator.decision_function(rows).astype(np.float32))
    else:
        expected = np.log((model.estimator.predict_proba(rows) + 0.01 / 3) / 1.01)
        np.testing.assert_allclose(logits, expected, rtol=1e-6)
        np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1, rtol=1e-5)
    assert (logits.argmax(axis=1) == targets).mean() > 0.8


@both
def test_two_classes(name):
    model, x, targets = fitted(name, classes=(0, 1), n_classes=2)
    logits = model(torch.from_numpy(x)).numpy()
    assert logits.shape == (60, 2)
    assert (logits.argmax(axis=1) == targets).mean() > 0.8
    if name == "svm":
        assert np.array_equal(logits[:, 0], -logits[:, 1])
        assert np.array_equal(logits[:, 1] > 0, model.estimator.predict(x) == 1)


@pytest.mark.parametrize("classes", [(1, 3), (0, 2, 4)])
@both
def test_an_absent_class_is_never_chosen_and_the_others_keep_their_place(name, classes):
    model, x, targets = fitted(name, classes=classes, n_classes=5)
    logits = model(torch.from_numpy(x))
    absent = [index for index in range(5) if index not in classes]
    assert (logits[:, absent] == ABSENT).all()
    assert torch.isfinite(logits).all()
    assert (logits.argmax(dim=1).numpy() == targets).mean() > 0.8
    for temperature in (0.05, 20):
        assert (torch.softmax(logits / temperature, dim=1)[:, absent] == 0).all()


@both
def test_missing_neighbours_count_for_nothing(name):
    model, x, _ = fitted(name, patch_size=3)
    centres = np.full_like(x, np.nan)
    centres[:, :, 1, 1] = x[:, :, 1, 1]
    alone = np.broadcast_to(x[:, :, 1:2, 1:2], x.shape).copy()
    torch.testing.assert_close(model(torch.from_numpy(centres)), model(torch.from_numpy(alone)), rtol=1e-4, atol=1e-5)


@both
def test_the_same_seed_gives_the_same_logits(name):
    (one, x, _), (again, _, _) = fitted(name), fitted(name)
    assert torch.equal(one(torch.from_numpy(x)), again(torch.from_numpy(x)))


def test_another_seed_gives_another_forest():
    model, x, targets = fitted("randomforest")
    rows = model.features(x)
    other = model.make_estimator(model.candidates()[0], 1, "none").fit(rows, targets)
    assert not np.array_equal(model.logits_of(other, rows), model.logits_of(model.estimator, rows))


@both
def test_an_unfitted_model_says_so(name):
    with pytest.raises(RunError, match="not been trained"):
        create_model(name, n_bands=3, n_classes=2, patch_size=1)(torch.zeros(2, 3))


@pytest.mark.parametrize(
    ("patch_size", "shape"),
    [(1, (2, 6, 1, 1)), (1, (2, 5)), (1, (6,)), (3, (2, 6)), (3, (2, 6, 5, 5)), (3, (2, 6, 3)), (3, (2, 3, 3, 6))],
)
@both
def test_input_of_another_shape_is_refused(name, patch_size, shape):
    model = create_model(name, n_bands=6, n_classes=3, patch_size=patch_size)
    with pytest.raises(ValueError, match=r"expects \(n, 6"):
        model(torch.zeros(shape))


@both
def test_no_gradient_and_no_parameters(name):
    model, x, _ = fitted(name)
    assert not model.trained_by_gradient
    assert not model(torch.from_numpy(x).requires_grad_()).requires_grad
    assert model.state_dict() == {}


@pytest.mark.parametrize(("patch_size", "n_features"), [(1, 6), (3, 12)])
def test_the_size_of_an_svm_is_that_of_its_support_vectors(patch_size, n_features):
    model, _, _ = fitted("svm", patch_size=patch_size)
    n = len(model.estimator.support_)
    costs = count_costs(model)
    assert (
        costs.macs == costs.macs_dense == n * n_features + n * 2
    )  # a distance, and a coefficient for each other class
    assert costs.parameters == costs.macs + 3


def test_the_size_of_a_forest_is_that_of_its_trees():
    model, _, _ = fitted("randomforest", n_trees=1)
    tree = model.estimator.estimators_[0].tree_
    leaves = (tree.children_left == -1).sum()
    assert count_costs(model).parameters == 2 * (tree.node_count - leaves) + 3 * leaves
    assert count_costs(model).macs == 0


@both
def test_balanced_weights_are_scikit_learns(name):
    model = create_model(name, n_bands=3, n_classes=2)
    made = {w: model.make_estimator(model.candidates()[0], 0, w).class_weight for w in ("none", "balanced")}
    assert made == {"none": None, "balanced": "balanced"}


def test_trials_are_smaller_forests_but_no_smaller_machines():
    model = create_model("randomforest", n_bands=3, n_classes=2)
    sizes = [
        model.make_estimator(model.candidates()[0], 0, "none", trial=trial).n_estimators for trial in (False, True)
    ]
    assert sizes == [300, 100]
    assert isinstance(model.make_estimator(model.candidates()[0], 0, "none"), RandomForestClassifier)
    svm = create_model("svm", n_bands=3, n_classes=2)
    assert isinstance(svm.make_estimator(svm.candidates()[0], 0, "none", trial=True), SVC)
