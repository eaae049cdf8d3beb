"""The fused path: the model's own logits, the same bits in every place, and taken without being asked."""

import copy
import pickle
from importlib import import_module

import numpy as np
import pytest
import torch

from spectralmamba.models import SpectralMamba, SpectralMambaConfig, create_model
from spectralmamba.models.inference.spectrum_path import SpectrumPath, spectrum_path
from spectralmamba.models.predictor import compute_in_blocks
from spectralmamba.ops import backends
from tests.models.helpers import random_input, random_model, same_bits

module = import_module("spectralmamba.models.inference.spectrum_path")  # whose name in the package is the function

PINNED = {
    "n_bands": 145, "n_classes": 14, "patch_size": 1, "dim": 32, "depth": 2, "pooling": "mean", "position": "none",
}  # fmt: skip
LONG = {"n_bands": 70, "n_classes": 17, "patch_size": 1, "piece_size": 1, "dim": 5, "state_size": 3}


def random_options(seed):
    """Any configuration, small."""
    draw = np.random.default_rng(seed)

    def one_of(*values):
        return values[draw.integers(len(values))]

    n_bands = int(draw.integers(1, 80))
    return {
        "n_bands": n_bands, "n_classes": int(draw.integers(2, 35)), "patch_size": one_of(1, 1, 3),
        "border": one_of("halo", "zero"), "layout": one_of("adjacent", "parallel"),
        "piece_size": min(one_of(1, 2, 3, 6, 8), n_bands), "s6": one_of(True, True, True, False),
        "dim": int(draw.integers(6, 40)), "depth": int(draw.integers(1, 4)), "state_size": int(draw.integers(1, 21)),
        "expansion": one_of(1, 1, 2, 3), "conv_size": int(draw.integers(1, 6)),
        "position": one_of("none", "learned", "wavelength"), "pooling": one_of("flatten", "mean"),
        "wavelengths": tuple(np.linspace(400, 2500, n_bands).tolist()), "whitening": one_of("auto", "none"),
        "centre": one_of(0.0, 0.7, 1.0),
    }  # fmt: skip


def on_reference(model):
    """The same model on the reference backend."""
    other = SpectralMamba(model.config, "reference").eval()
    other.load_state_dict(model.state_dict())
    return other


def spectra_for(model, seed=0, scale=1.0):
    n_bands = model.config.n_bands
    return (scale * np.random.default_rng(seed).normal(size=(module.BLOCK, n_bands))).astype(np.float32)


def assert_close(result, expected):
    tolerance = 1e-5 * max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(result, expected, rtol=0, atol=tolerance)


CONFIGS = {f"random {seed}": random_options(seed) for seed in range(40)} | {"pinned": PINNED, "long": LONG}


@pytest.mark.parametrize("options", CONFIGS.values(), ids=CONFIGS)
def test_gives_the_logits_of_the_reference(options):
    model = random_model(**options)
    path = spectrum_path(model)
    samples = random_input(model, path.block, seed=1, missing=0.2)
    with torch.inference_mode():
        expected = on_reference(model)(samples).numpy()
    assert_close(path.classify_samples(samples.numpy()), expected)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_as_exact_as_the_reference_where_a_norm_over_few_channels_magnifies_every_rounding(dim):
    model = random_model(**(random_options(3) | {"dim": dim, "patch_size": 1}))
    spectra = spectra_for(model)
    with torch.inference_mode():
        exact = on_reference(model).double()(torch.from_numpy(spectra).double()).numpy()
        own = on_reference(model)(torch.from_numpy(spectra)).numpy()
    error = np.abs(spectrum_path(model)(spectra) - exact).max()
    assert error <= 1e-5 * max(1.0, np.abs(exact).max()) + 4 * np.abs(own - exact).max()


@pytest.mark.parametrize("scale", [1e-30, 1e3, 1e12])
def test_as_good_as_the_reference_far_from_the_usual_range(scale):
    model = random_model(**PINNED)
    spectra = spectra_for(model, scale=scale)
    with torch.inference_mode():
        expected = on_reference(model)(torch.from_numpy(spectra)).numpy()
    assert np.isfinite(expected).all()
    assert_close(spectrum_path(model)(spectra), expected)


def test_steps_so_large_that_the_exponential_must_mind_its_range():
    model = random_model(**PINNED)
    with torch.no_grad():
        for block in model.blocks:
            block.scan.step_bias.add_(100.0)
    spectra = spectra_for(model)
    with torch.inference_mode():
        expected = on_reference(model)(torch.from_numpy(spectra)).numpy()
    assert_close(spectrum_path(model)(spectra), expected)


@pytest.mark.parametrize("options", [PINNED, LONG, *map(random_options, range(100, 106))])
def test_a_row_has_the_same_bits_wherever_it_stands_and_whatever_the_others_are(options):
    model = random_model(**options)
    path, spectra = spectrum_path(model), spectra_for(model)
    alone = path(spectra)
    order = np.random.default_rng(1).permutation(path.block)
    assert same_bits(path(spectra[order]), alone[order])
    mixed = spectra.copy()
    for row, value in enumerate([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0.0]):
        mixed[row::14] = value
    others = np.arange(path.block) % 14 >= 7
    assert same_bits(path(mixed)[others], alone[others])


def test_a_row_that_is_not_finite_has_no_logits():
    model = random_model(**PINNED)
    spectra = spectra_for(model)
    spectra[5, 3], spectra[9, 0] = np.nan, np.inf
    logits = spectrum_path(model)(spectra)
    assert np.isnan(logits[[5, 9]]).all()
    assert np.isfinite(np.delete(logits, [5, 9], axis=0)).all()


def test_inference_takes_it_without_being_asked(monkeypatch, threads):
    model, calls = random_model(**PINNED), []
    own = SpectrumPath.classify_many
    monkeypatch.setattr(
        SpectrumPath, "classify_many", lambda path, spectra: calls.append(len(spectra)) or own(path, spectra)
    )
    spectra = np.tile(spectra_for(model), (3, 1))[:700]
    threads(1)
    one = compute_in_blocks(model, lambda chosen: spectra[chosen], 700)
    assert calls == [700]
    threads(2)
    assert same_bits(compute_in_blocks(model, lambda chosen: spectra[chosen], 700), one)
    assert same_bits(one[:256], one[256:512])


def test_weights_of_today_are_used():
    model = random_model(**PINNED)
    spectra = spectra_for(model)
    before = compute_in_blocks(model, lambda chosen: spectra[chosen], 256)
    with torch.no_grad():
        model.head.classifier.bias.add_(1.0)
    after = compute_in_blocks(model, lambda chosen: spectra[chosen], 256)
    np.testing.assert_allclose(after, before + 1, atol=1e-5)


def test_no_path_where_the_models_own_forward_must_run(monkeypatch):
    class Other(SpectralMamba):
        pass

    config = SpectralMambaConfig(n_bands=12, n_classes=3)
    assert spectrum_path(SpectralMamba(config)) is not None
    assert spectrum_path(SpectralMamba(config, "cpu")) is not None
    assert spectrum_path(SpectralMamba(config, "reference")) is None
    assert spectrum_path(SpectralMamba(config).double()) is None
    assert spectrum_path(SpectralMamba(config).to("meta")) is None
    assert spectrum_path(Other(config)) is None
    assert spectrum_path(create_model("mlp", n_bands=12, n_classes=3)) is None

    def broken(name):
        raise RuntimeError(f"no {name} here")

    monkeypatch.setattr(module, "kernel", broken)
    assert spectrum_path(SpectralMamba(config)) is None


def test_without_the_cpu_backend_inference_runs_the_models_own_forward(monkeypatch):
    model = random_model(**PINNED)
    spectra = spectra_for(model)
    fused = compute_in_blocks(model, lambda chosen: spectra[chosen], 256)
    monkeypatch.setattr(backends, "_pick", lambda *_: "reference")
    monkeypatch.setattr(module, "SpectrumPath", None)  # would fail if it were made
    assert_close(compute_in_blocks(model, lambda chosen: spectra[chosen], 256), fused)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda path: pickle.loads(pickle.dumps(path))])  # noqa: S301 - its own
def test_a_copy_owns_its_weights(duplicate):
    model = random_model(**PINNED)
    path, spectra = spectrum_path(model), spectra_for(model)
    expected = path(spectra)
    other = duplicate(path)
    path._weights.values[:] = np.nan
    assert same_bits(other(spectra), expected)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((255, 145), np.float32),
        np.zeros((256, 144), np.float32),
        np.zeros((256, 145)),
        np.zeros((256, 290), np.float32)[:, ::2],
        np.zeros((145, 256), np.float32).T,
    ],
    ids=["rows", "bands", "dtype", "strided", "transposed"],
)
def test_a_block_of_another_form_is_refused(bad):
    with pytest.raises(ValueError, match=r"pass C-contiguous float32 of shape \(256, 145\)"):
        spectrum_path(random_model(**PINNED))(bad)
