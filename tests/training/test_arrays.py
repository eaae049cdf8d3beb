"""Any registered model on spectra and patches that are there as arrays."""

import numpy as np
import pytest
import torch

from spectralmamba.errors import ConfigError, LabelError, SceneError
from spectralmamba.models.predictor import sample_logits
from spectralmamba.sampling.arrays import ArraySamples
from spectralmamba.training import TrainingOptions
from spectralmamba.training.arrays import train_on_arrays

CPU = torch.device("cpu")
QUICK = {"spectralmamba": {"dim": 6, "state_size": 2}, "randomforest": {"n_trees": 15}, "svm": {"gamma": "scale"}}
NAMES = sorted(QUICK)


def problem(n=150, size=None):
    """Three classes told apart by their brightness, in groups of ten."""
    draw = np.random.default_rng(0)
    groups = np.arange(n) // 10
    y = np.array(["bog", "fen", "mire"])[groups % 3]
    shape = (n, 8) if size is None else (n, 8, size, size)
    X = draw.normal(size=shape) + 3 * (groups % 3).reshape(-1, *(len(shape) - 1) * [1])
    return X.astype(np.float32), y, groups


def trained(name, X, y, groups=None, fraction=0.2, **options):
    return train_on_arrays(
        X,
        y,
        QUICK[name] | options,
        TrainingOptions(epochs=30),
        validation_fraction=fraction,
        device=CPU,
        model_name=name,
        groups=groups,
    )


@pytest.mark.parametrize("size", [None, 3])
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_model_learns(name, size):
    X, y, groups = problem(size=None if size is None else size + 2 * (name == "spectralmamba"))
    predictor, classes, history = trained(name, X, y, groups)
    assert classes.tolist() == ["bog", "fen", "mire"]
    assert predictor.model.config.patch_size == (1 if size is None else 3)
    samples = ArraySamples(predictor.standardiser(X, band_axis=1), np.searchsorted(classes, y))
    assert (sample_logits(predictor.model, samples).argmax(axis=1) == samples.targets).mean() > 0.8
    assert bool(history) == (name == "spectralmamba")
    assert 0.05 <= predictor.temperature <= 20


@pytest.mark.parametrize("name", ["randomforest", "svm"])
def test_a_model_fitted_at_once_learns_from_all_samples(name):
    X, y, groups = problem()
    logits = []
    for fraction in (0.0, 0.5):
        predictor, _, _ = trained(name, X, y, groups, fraction)
        assert np.allclose(predictor.standardiser.mean, X.mean(axis=0))
        logits.append(sample_logits(predictor.model, ArraySamples(X, np.zeros(len(X), np.int64))))
    assert np.array_equal(*logits)


def test_groups_count():
    X, y, groups = problem()
    X += np.random.default_rng(1).normal(size=(15, 8)).astype(np.float32)[groups] * 4
    in_groups, alone = (trained("svm", X, y, g)[0].temperature for g in (groups, None))
    assert in_groups > 2 * alone


@pytest.mark.parametrize("name", NAMES)
def test_groups_of_another_length_are_refused(name):
    X, y, groups = problem()
    with pytest.raises(LabelError, match="one group a sample"):
        trained(name, X, y, groups[:-1])


def test_unknown_models_options_and_windows_are_refused():
    X, y, _ = problem(size=5)
    with pytest.raises(SceneError, match="takes 3"):
        trained("svm", X, y)
    with pytest.raises(ConfigError, match="'dim'"):
        trained("svm", X, y, dim=3)
    with pytest.raises(ConfigError, match="no model 'forest'"):
        train_on_arrays(X, y, {}, TrainingOptions(), validation_fraction=0.2, device=CPU, model_name="forest")
    with pytest.raises(LabelError, match="only one class"):
        trained("svm", X[:, :, 0, 0], np.full(len(y), "bog"))
