"""scikit-learn's own checks, and its tools around the classifier."""

import io

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from spectralmamba import SpectralMambaClassifier
from spectralmamba.errors import LabelError, SceneError
from tests.small import simulated

TINY = {"dim": 8, "state_size": 2, "piece_size": 2, "whitening": "none", "refit": False, "validation_fraction": 0.0}
QUICK = SpectralMambaClassifier(epochs=1, batch_size=16, noise=0.0, weight_decay=0.0, learning_rate=0.02, **TINY)
PATIENT = ("check_classifiers_train",)  # asks for an accuracy
EXPECTED_TO_FAIL = {
    "check_dtype_object": "what is no number is a SceneError, which is a ValueError; the check wants a TypeError"
}


def checks():
    """All checks, those that ask for an accuracy with an estimator that learns for longer."""
    for param in estimator_checks_generator(QUICK, expected_failed_checks=EXPECTED_TO_FAIL, mark="xfail"):
        estimator, check = getattr(param, "values", param)
        name, marks = check.func.__name__, getattr(param, "marks", ())
        if name in PATIENT:
            estimator, marks = clone(estimator).set_params(epochs=25), pytest.mark.slow
        yield pytest.param(estimator, check, id=name, marks=marks)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def spectra(n=60, bands=8, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return (rng.normal(size=(n, bands)) + 3 * np.eye(3)[y].repeat(3, axis=1)[:, :bands]), np.array(["a", "b", "c"])[y]


def test_in_a_pipeline_and_cross_validation():
    X, y = spectra()
    scores = cross_val_score(make_pipeline(StandardScaler(), clone(QUICK).set_params(epochs=15)), X, y, cv=3)
    assert scores.shape == (3,)
    assert scores.mean() > 0.6


def test_in_a_grid_search():
    X, y = spectra()
    search = GridSearchCV(clone(QUICK), {"dim": [4, 8], "piece_size": [2, 4]}, cv=2).fit(X, y)
    assert set(search.best_params_) == {"dim", "piece_size"}
    assert set(search.predict(X)) <= {"a", "b", "c"}


def through_joblib(model):
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    buffer.seek(0)
    return joblib.load(buffer)


def test_in_memory_it_can_be_pickled():
    X, y = spectra()
    model = clone(QUICK).fit(X, y)
    np.testing.assert_array_equal(through_joblib(model).predict_proba(X), model.predict_proba(X))


@pytest.mark.slow
def test_in_other_processes():
    X, y = spectra()
    alone = cross_val_score(QUICK, X, y, cv=2)
    np.testing.assert_array_equal(cross_val_score(QUICK, X, y, cv=2, n_jobs=2), alone)


def test_a_classifier_of_a_scene_can_be_pickled():
    scene, labels = simulated()
    model = SpectralMambaClassifier(epochs=1, split="random", refit=False, whitening="none").fit(scene, labels)
    again = through_joblib(model)
    np.testing.assert_array_equal(again.predict(scene), model.predict(scene))


def test_a_failed_fit_is_no_fit():
    X, y = spectra()
    model = clone(QUICK)
    with pytest.raises(LabelError, match="only one class"):
        model.fit(X, np.full(len(y), "a"))
    with pytest.raises(NotFittedError):
        model.predict(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.ones((3, 9)), "X has 9 features, but SpectralMambaClassifier is expecting 8 features as input"),
        (np.ones(8), "Expected 2D array, got 1D array instead"),
        (np.full((2, 8), "red"), "not compatible with arrays of bytes/strings"),
    ],
)
def test_samples_that_do_not_fit_are_one_line(X, message):
    model = clone(QUICK).fit(*spectra())
    with pytest.raises(SceneError, match=message) as caught:
        model.predict(X)
    assert "\n" not in str(caught.value)
