"""What a token knows of its place: nothing, something learned, or its wavelength."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from spectralmamba.models import create_model
from spectralmamba.models.position import LONGEST_PERIOD, SHORTEST_PERIOD, wavelength_embedding

WAVELENGTHS = tuple(np.linspace(420.0, 2450.0, 13))
OPTIONS = {"n_bands": 13, "n_classes": 3, "piece_size": 3, "dim": 6, "patch_size": 1}


def make(position, **options):
    return create_model("spectralmamba", **OPTIONS | {"position": position, "wavelengths": WAVELENGTHS} | options)


def tokens_before_and_after(model):
    tokens = model.pss(torch.randn(2, 13))
    return tokens, model.position(tokens)


def test_none_adds_nothing():
    before, after = tokens_before_and_after(make("none"))
    assert torch.equal(before, after)


def test_learned_adds_a_vector_of_its_own_to_each_token():
    model = make("learned")
    assert model.position.embedding.shape == (5, 6)
    assert model.position.embedding.requires_grad
    before, after = tokens_before_and_after(model)
    torch.testing.assert_close(after - before, model.position.embedding.expand(2, -1, -1))
    assert model.position.embedding.unique(dim=0).shape == (5, 6)


@pytest.mark.parametrize("layout", ["adjacent", "parallel"])
def test_wavelength_adds_the_code_of_each_tokens_mean_wavelength(layout):
    model = make("wavelength", layout=layout)
    centres = model.pss.pieces(torch.tensor(WAVELENGTHS, dtype=torch.float64)[None])[0].mean(dim=1)
    before, after = tokens_before_and_after(model)
    torch.testing.assert_close(after - before, wavelength_embedding(centres, 6).expand(2, -1, -1))


@given(
    wavelengths=st.lists(st.floats(300, 2600), min_size=1, max_size=8, unique=True),
    dim=st.integers(1, 9),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_code_of_a_wavelength_depends_on_nothing_else(wavelengths, dim, seed):
    order = np.random.default_rng(seed).permutation(len(wavelengths))
    values = torch.tensor(wavelengths, dtype=torch.float64)
    code = wavelength_embedding(values, dim)
    assert code.shape == (len(wavelengths), dim)
    torch.testing.assert_close(wavelength_embedding(values[order], dim), code[order], rtol=0, atol=1e-6)
    torch.testing.assert_close(wavelength_embedding(values[:1], dim), code[:1], rtol=0, atol=1e-6)


def test_code_is_sines_and_cosines_of_periods_from_the_shortest_to_the_longest():
    code = wavelength_embedding(torch.tensor([650.0]), 4)[0]
    angles = [2 * math.pi * 0.65 / period for period in (SHORTEST_PERIOD, LONGEST_PERIOD)]
    expected = [math.sin(angles[0]), math.cos(angles[0]), math.sin(angles[1]), math.cos(angles[1])]
    np.testing.assert_allclose(code.numpy(), expected, atol=1e-6)


def test_wavelength_code_is_no_weight_and_the_same_in_every_model():
    torch.manual_seed(1)
    first = make("wavelength")
    torch.manual_seed(2)
    make("learned")
    second = make("wavelength")
    assert torch.equal(first.position.embedding, second.position.embedding)
    assert not any(name.startswith("position") for name in first.state_dict())
    assert not any(name.startswith("position") for name, _ in first.named_parameters())


@pytest.mark.parametrize(("position", "tells_apart"), [("none", False), ("learned", True), ("wavelength", True)])
def test_only_a_position_tells_one_place_in_the_spectrum_from_another(position, tells_apart):
    """Each token on its own, by a block without memory and the mean: the spectrum's pieces in another order."""
    torch.manual_seed(0)
    model = make(position, n_bands=12, wavelengths=WAVELENGTHS[:12], s6=False, conv_size=1, pooling="mean").eval()
    spectrum = torch.randn(1, 12)
    shuffled = spectrum.reshape(1, 4, 3)[:, [2, 0, 3, 1]].reshape(1, 12)
    difference = (model(spectrum) - model(shuffled)).abs().max().item()
    assert (difference > 1e-4) is tells_apart
