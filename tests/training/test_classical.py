"""Fitting at once: what is chosen and by which samples, and confidences that are not of what was learned."""

import numpy as np
import pytest
import torch
from scipy.special import softmax

from spectralmamba.errors import LabelError
from spectralmamba.models import create_model
from spectralmamba.models.classical.model import ABSENT
from spectralmamba.models.predictor import sample_logits
from spectralmamba.sampling.arrays import ArraySamples
from spectralmamba.training import TrainingOptions
from spectralmamba.training.classical import fit_classical, held_out_temperature
from spectralmamba.training.fitting import fit_and_calibrate

both = pytest.mark.parametrize("name", ["randomforest", "svm"])
OPTIONS = {
    "randomforest": {"n_trees": 15, "max_features": "sqrt"},
    "svm": {"penalty": [1, 100], "gamma": ["scale", 1e-3]},
}


def blobs(n=120, classes=(0, 1, 2), bands=5, spread=1.0, seed=0, size=None):
    """Samples of classes that differ in their mean, ten in a row of one group that shares an offset."""
    draw = np.random.default_rng(seed)
    groups = np.arange(n) // 10
    targets = np.asarray(classes)[groups % len(classes)].astype(np.int64)
    offsets = draw.normal(scale=0.3, size=(groups.max() + 1, bands))[groups]
    values = 2.0 * targets[:, None] + offsets + draw.normal(scale=spread, size=(n, bands))
    if size is not None:
        values = values[:, :, None, None] + draw.normal(scale=0.1, size=(n, bands, size, size))
    return ArraySamples(values.astype(np.float32), targets), groups


def fitted(name, samples, groups, n_classes=3, patch_size=1, seed=0, class_weights="none", **options):
    n_bands = samples.values.shape[1]
    shape = {"n_bands": n_bands, "n_classes": n_classes, "patch_size": patch_size}
    model = create_model(name, **shape, **(OPTIONS[name] | options))
    temperature, facts = fit_classical(
        model, [samples], groups, TrainingOptions(seed=seed, class_weights=class_weights)
    )
    return model, temperature, facts


@pytest.mark.parametrize("patch_size", [1, 3])
@both
def test_it_learns_and_says_how(name, patch_size):
    samples, groups = blobs(size=None if patch_size == 1 else patch_size)
    model, temperature, facts = fitted(name, samples, groups, patch_size=patch_size)
    other, _ = blobs(seed=1, size=None if patch_size == 1 else patch_size)
    assert (sample_logits(model, other).argmax(axis=1) == other.targets).mean() > 0.8
    assert 0.05 <= temperature <= 20
    assert len(facts["trials"]) == len(model.candidates()) > 1
    assert {key: facts["trials"][0][key] for key in facts["chosen"]} == model.candidates()[0]
    best = max(trial["accuracy"] for trial in facts["trials"])
    assert facts["chosen"] | {"accuracy": best} in facts["trials"]
    for key, value in facts["chosen"].items():
        assert model.estimator.get_params()[key] == value
    assert "3 folds" in facts["selected_on"]
    assert "held out" in facts["calibrated_on"]


@both
def test_the_same_seed_gives_the_same_model(name):
    samples, groups = blobs()
    (one, t, f), (again, u, g) = (fitted(name, samples, groups) for _ in range(2))
    assert (t, f) == (u, g)
    assert np.array_equal(sample_logits(one, samples), sample_logits(again, samples))


def test_the_global_generator_is_neither_read_nor_moved():
    samples, groups = blobs()
    logits = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002 - the one that scikit-learn would fall back on
        state = np.random.get_state()[1].tolist()  # noqa: NPY002
        logits.append(sample_logits(fitted("randomforest", samples, groups)[0], samples))
        assert np.random.get_state()[1].tolist() == state  # noqa: NPY002
    assert np.array_equal(*logits)


def test_the_better_hyper_parameter_is_chosen():
    samples, groups = blobs(spread=0.2)
    _, _, facts = fitted("svm", samples, groups, penalty=10, gamma=[1e4, 0.1])  # at 1e4 a machine knows its own samples
    assert facts["chosen"]["gamma"] == 0.1
    assert [trial["accuracy"] > 0.9 for trial in facts["trials"]] == [False, True]


def test_groups_are_held_out_as_a_whole():
    """Where a class is known by its group only, samples of the same group would give it away."""
    draw = np.random.default_rng(0)
    groups = np.repeat(np.arange(24), 10)
    targets = groups % 2
    values = draw.normal(size=(24, 6))[groups] * 5 + draw.normal(size=(240, 6)) * 0.1
    samples = ArraySamples(values.astype(np.float32), targets)
    whole = fitted("svm", samples, groups, n_classes=2)
    single = fitted("svm", samples, np.arange(240), n_classes=2)
    assert max(trial["accuracy"] for trial in whole[2]["trials"]) < 0.75
    assert max(trial["accuracy"] for trial in single[2]["trials"]) > 0.95
    assert whole[1] > 3 * single[1]


@both
def test_confidence_is_of_samples_that_were_not_learned_from(name):
    """Of noise a model knows every training sample and no other; its confidence has to be that of the others."""
    draw = np.random.default_rng(0)
    samples = ArraySamples(draw.normal(size=(150, 6)).astype(np.float32), draw.integers(3, size=150))
    options = {"penalty": 1000, "gamma": "scale"} if name == "svm" else {"min_samples_leaf": 1}
    model, temperature, _ = fitted(name, samples, np.arange(150), **options)
    logits = sample_logits(model, samples)
    assert (logits.argmax(axis=1) == samples.targets).mean() > 0.9
    assert softmax(logits / temperature, axis=1).max(axis=1).mean() < 0.6


@pytest.mark.parametrize("classes", [(0, 2), (1, 3, 4)])
@both
def test_absent_classes_break_nothing(name, classes):
    samples, groups = blobs(classes=classes)
    model, temperature, _ = fitted(name, samples, groups, n_classes=5)
    logits = sample_logits(model, samples)
    assert set(logits.argmax(axis=1)) == set(classes)
    absent = [index for index in range(5) if index not in classes]
    assert (logits[:, absent] == ABSENT).all()
    fewer = ArraySamples(samples.values, np.searchsorted(classes, samples.targets))
    _, expected, _ = fitted(name, fewer, groups, n_classes=len(classes))
    if name == "svm":  # the forest spreads its doubt over the absent, too
        assert temperature == pytest.approx(expected)
    assert 0.05 <= temperature <= 20


@both
def test_a_class_of_one_sample_or_one_group_breaks_nothing(name):
    samples, groups = blobs(n=60)
    targets = samples.targets.copy()
    targets[:10], targets[10] = 3, 4  # a group of its own; a single sample
    model, temperature, facts = fitted(name, ArraySamples(samples.values, targets), groups, n_classes=5)
    assert np.isfinite(sample_logits(model, samples)).all()
    assert 0.05 <= temperature <= 20
    assert facts["trials"]


@both
def test_too_few_samples_to_hold_any_out(name):
    samples = ArraySamples(np.array([[0, 0], [1, 1]], np.float32), np.array([0, 1]))
    model, temperature, facts = fitted(name, samples, np.arange(2), n_classes=2)
    assert temperature == 1
    assert facts["trials"] == []
    assert facts["selected_on"] is facts["calibrated_on"] is None
    assert facts["chosen"] == model.candidates()[0]


@both
def test_a_single_class_is_an_error_that_says_so(name):
    samples = ArraySamples(np.zeros((5, 2), np.float32), np.ones(5, np.int64))
    with pytest.raises(LabelError, match="only one class has training pixels"):
        fitted(name, samples, np.arange(5), n_classes=2)


def test_balanced_weights_choose_by_the_average_accuracy():
    draw = np.random.default_rng(0)
    targets = (np.arange(400) % 20 == 0).astype(np.int64)
    values = draw.normal(size=(400, 3)) + targets[:, None]
    samples = ArraySamples(values.astype(np.float32), targets)
    found = {w: fitted("svm", samples, np.arange(400), 2, class_weights=w) for w in ("none", "balanced")}
    rare = {w: (sample_logits(m, samples).argmax(axis=1) == 1)[targets == 1].mean() for w, (m, _, _) in found.items()}
    assert rare["balanced"] > rare["none"] + 0.2
    assert max(trial["accuracy"] for trial in found["none"][2]["trials"]) >= 0.95
    assert max(trial["accuracy"] for trial in found["balanced"][2]["trials"]) < 0.95


@both
def test_parts_are_learned_from_together(name):
    samples, groups = blobs()
    first = np.arange(120) < 80
    shape = {"n_bands": 5, "n_classes": 3, "patch_size": 1}
    models = [create_model(name, **shape, **OPTIONS[name]) for _ in range(2)]
    options = TrainingOptions()
    in_parts = fit_and_calibrate(models[0], samples.select(first), samples.select(~first), options, groups=groups)
    at_once = fit_and_calibrate(models[1], samples, None, options, groups=groups)
    assert in_parts == at_once
    assert in_parts.history == []
    assert torch.equal(*(model(torch.from_numpy(samples.values)) for model in models))


def test_a_part_without_samples_adds_nothing():
    samples, groups = blobs()
    model = create_model("svm", n_bands=5, n_classes=3, patch_size=1)
    none = samples.select(np.zeros(120, bool))
    assert fit_and_calibrate(model, samples, none, TrainingOptions(), groups=groups).temperature > 0


def test_the_temperature_leaves_out_what_no_fold_had_learned():
    draw = np.random.default_rng(0)
    logits = draw.normal(size=(300, 4)).astype(np.float32) * 3
    targets = np.array([draw.choice(3, p=softmax(row[:3])) for row in logits])
    expected = held_out_temperature(logits[:, :3], targets)
    assert expected == pytest.approx(1, abs=0.2)
    partly = logits.copy()
    partly[:100, 3] = ABSENT  # one fold had no sample of class 3
    some = targets.copy()
    some[250:] = 3
    partly[240:250] = np.nan  # never held out
    kept = np.arange(300) < 240
    assert held_out_temperature(partly, some) == pytest.approx(held_out_temperature(logits[kept, :3], targets[kept]))
    assert held_out_temperature(np.full((3, 2), np.nan, np.float32), np.zeros(3, np.int64)) is None
    alone = np.array([[1, ABSENT], [2, ABSENT]], np.float32)
    assert held_out_temperature(alone, np.array([0, 1])) is None


@pytest.mark.real_data
def test_botswana_one_fold(data_folder):
    """Measured with a finer search on these folds: 82.2 % over all folds and seeds; this fold is an easy one."""
    file = np.load(data_folder / "botswana" / "labelled_pixels.npz")
    X, y, test = file["X"].astype(np.float32), file["y"].astype(np.int64) - 1, file["folds"][0] == 0
    X = (X - X[~test].mean(axis=0)) / X[~test].std(axis=0)
    shape = {"n_bands": 145, "n_classes": 14, "patch_size": 1}
    model = create_model("svm", **shape, gamma=["scale", 1e-3])
    fit_classical(model, [ArraySamples(X[~test], y[~test])], file["region"][~test], TrainingOptions())
    assert 0.86 < (sample_logits(model, ArraySamples(X[test], y[test])).argmax(axis=1) == y[test]).mean() < 0.94
