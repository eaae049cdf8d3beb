"""A predictor whose model is on a GPU: a CPU that passes for one, and a GPU where there is one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spectralmamba.errors import ConfigError
from spectralmamba.mapping import predict_scene
from spectralmamba.models import predictor as predictor_module
from spectralmamba.models.inference import cuda_fronts, dense_keeper
from spectralmamba.models.inference.cuda import device_of
from spectralmamba.models.inference.cuda_transfer import Uploaded
from tests.models.helpers import make_predictor, random_model, same_bits
from tests.models.scenes import assert_equal_to, random_scene

SMALL = {"n_bands": 5, "n_classes": 3, "piece_size": 2, "dim": 6, "state_size": 2}
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


@pytest.fixture
def passing_for_a_gpu(monkeypatch):
    """Where it is chosen what computes, the CPU reads as a GPU; blocks are small enough for it."""
    for module in (predictor_module, dense_keeper):
        monkeypatch.setattr(module, "device_of", lambda model: torch.device("cuda", 0))
    monkeypatch.setattr(cuda_fronts, "BLOCK", 256)
    monkeypatch.setattr(cuda_fronts.MergingFront, "block", 256)


def test_on_a_cpu_the_window_is_what_is_uploaded():
    predictor = make_predictor(random_model(**SMALL))
    window = np.zeros((5, 6, 6), np.float32)
    assert predictor.upload(window) is window


def test_a_window_may_be_uploaded_first(passing_for_a_gpu):
    predictor = make_predictor(random_model(**SMALL))
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 11)).astype(np.float32)
    handle, expected = predictor.upload(window), predictor.logits(window)
    window[:] = 0
    assert isinstance(handle, Uploaded)
    assert same_bits(predictor.logits(handle), expected)


@pytest.mark.parametrize("options", [{}, {"border": "zero"}, {"patch_size": 1}], ids=str)
def test_a_scene_is_mapped_as_on_a_cpu(options, request):
    predictor = make_predictor(random_model(**SMALL | options))
    scene, _ = random_scene(predictor, (20, 24), seed=1, missing=0.2)
    expected = predict_scene(predictor, scene, tile_size=9)
    request.getfixturevalue("passing_for_a_gpu")
    classes, confidence = predict_scene(make_predictor(predictor.model), scene, tile_size=9)
    assert np.array_equal(classes, expected[0])
    np.testing.assert_allclose(confidence, expected[1], atol=1e-4)


def test_weights_that_change_are_noticed(passing_for_a_gpu):
    predictor = make_predictor(random_model(**SMALL))
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 11)).astype(np.float32)
    before = predictor.logits(window)
    with torch.no_grad():
        predictor.model.gssm.pointwise.bias.add_(1)
    assert not np.array_equal(predictor.logits(window), before)


def test_half_precision_is_refused_on_a_cpu():
    predictor = make_predictor(random_model(**SMALL))
    with pytest.raises(ConfigError, match="for a GPU, and the model runs on 'cpu'; leave --half out"):
        replace(predictor, half="bfloat16")
    with pytest.raises(ConfigError, match="for a GPU"):
        replace(make_predictor(random_model("svm", n_bands=3, n_classes=2)), half="float16")


def test_half_precision_reaches_the_windows(passing_for_a_gpu, monkeypatch):
    exact = make_predictor(random_model(**SMALL))
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 11)).astype(np.float32)
    found = replace(exact, half="bfloat16").logits(window)
    difference = np.abs(found - exact.logits(window)).max()
    assert 1e-4 < difference < 1


@needs_gpu
@pytest.mark.parametrize("options", [{}, {"border": "zero"}, {"patch_size": 1}], ids=str)
def test_a_gpu_gives_what_a_cpu_gives(options):
    on_cpu = make_predictor(random_model(n_bands=145, n_classes=15, **options))
    scene, _ = random_scene(on_cpu, (50, 60), seed=1, missing=0.1)
    window = scene.values[on_cpu.bands]
    window[:, scene.excluded.values] = np.nan
    expected = on_cpu.logits(window)
    on_gpu = make_predictor(random_model(n_bands=145, n_classes=15, **options).to("cuda"))
    assert_equal_to(expected, on_gpu.logits(on_gpu.upload(window)))
    assert device_of(on_gpu.model).type == "cuda"
    half = replace(on_gpu, half="bfloat16").logits(window)
    assert np.nanmax(np.abs(half - expected)) < 0.3 * np.nanstd(expected)
