"""What the baselines share: what they accept, how missing neighbours read, and what their options may be."""

import dataclasses

import numpy as np
import pytest
import torch

from spectralmamba.errors import ConfigError
from spectralmamba.models import create_model
from spectralmamba.models.registry import model_config

from .helpers import make_predictor, random_input, random_model

BASELINES = ["casrnn", "cnn", "mamba", "mlp", "spectralformer"]
SIZES = {"n_bands": 9, "n_classes": 3}
every_baseline = pytest.mark.parametrize("name", BASELINES)


@every_baseline
@pytest.mark.parametrize(("patch_size", "radius"), [(1, 0), (3, 1), (7, 3), (15, 7)])
def test_radius_is_half_the_patch(name, patch_size, radius):
    assert model_config(name, **SIZES, patch_size=patch_size).radius == radius


@every_baseline
def test_the_patch_is_spectralmambas_unless_another_is_asked_for(name):
    assert model_config(name, **SIZES).patch_size == model_config("spectralmamba", **SIZES).patch_size


@every_baseline
@pytest.mark.parametrize(
    ("patch_size", "shape"),
    [
        (1, (2, 9, 1, 1)),
        (1, (2, 9, 3, 3)),
        (1, (9,)),
        (3, (2, 9)),
        (3, (2, 9, 5, 5)),
        (3, (2, 9, 3)),
        (3, (2, 3, 3, 9)),
    ],
)
def test_input_of_another_shape_is_refused(name, patch_size, shape):
    with pytest.raises(ValueError, match=r"expects \(n, 9"):
        create_model(name, **SIZES, patch_size=patch_size)(torch.zeros(shape))


@every_baseline
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("patch_size", [3, 5])
def test_a_neighbour_with_one_bad_band_reads_as_the_training_mean(name, patch_size, bad):
    model = random_model(name, **SIZES, patch_size=patch_size)
    x = random_input(model, 4)
    one, mean = x.clone(), x.clone()
    one[:, 5, 0, 1] = bad
    mean[:, :, 0, 1] = 0
    with torch.no_grad():
        assert torch.equal(model(one), model(mean))
        assert not torch.allclose(model(one), model(x))


@every_baseline
def test_logits_are_finite_where_every_neighbour_is_missing(name):
    model = random_model(name, **SIZES)
    x = torch.full((2, 9, 3, 3), np.nan)
    x[:, :, 1, 1] = torch.randn(2, 9)
    with torch.no_grad():
        logits = model(x)
    assert torch.isfinite(logits).all()
    assert not torch.equal(logits[0], logits[1])


@every_baseline
@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("n_bands", [1, 2, 3])
def test_a_scene_of_few_bands_is_classified(name, patch_size, n_bands):
    model = random_model(name, n_bands=n_bands, n_classes=2, patch_size=patch_size)
    with torch.no_grad():
        assert model(random_input(model, 5)).std(dim=0).min() > 0


@every_baseline
def test_a_predictor_classifies_a_window_with_gaps(name):
    predictor = make_predictor(random_model(name, **SIZES))
    window = np.random.default_rng(0).uniform(0, 1, (9, 6, 7)).astype(np.float32)
    window[3, 2, 4] = np.nan
    logits = predictor.logits(window)
    assert logits.shape == (3, 4, 5)
    missing = np.zeros((4, 5), bool)
    missing[1, 3] = True
    assert np.array_equal(np.isnan(logits).any(axis=0), missing)


@every_baseline
def test_impossible_options_are_refused_by_name(name):
    fields = [f for f in dataclasses.fields(model_config(name, **SIZES)) if f.type in (int, int | None)]
    assert len(fields) > 3
    for field in fields:
        for value, message in [(0, "0"), (-2, "-2"), (1.5, "whole number"), ("3", "whole number"), (True, "whole")]:
            with pytest.raises(ConfigError, match=message) as refusal:
                model_config(name, **SIZES | {field.name: value})
            assert field.name.split("_")[-1] in str(refusal.value)  # n_classes and patch_size are named in words
            assert "\n" not in str(refusal.value)
