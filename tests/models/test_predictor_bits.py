"""DESIGN, Semantics 6: a pixel's logits are the same bits whatever it is computed with."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from spectralmamba.models import model_names
from spectralmamba.models.predictor import BLOCK, compute_in_blocks
from spectralmamba.models.steady import MIN_OUTPUTS, SteadyLinear, steady_linear

from .helpers import create_or_skip, make_predictor, random_input, random_model, same_bits

CONFIGS = {
    "default": {"n_bands": 145, "n_classes": 14},
    "default, pixelwise": {"n_bands": 145, "n_classes": 14, "patch_size": 1},
    "mean of 32, two blocks": {
        "n_bands": 145,
        "n_classes": 14,
        "dim": 32,
        "depth": 2,
        "pooling": "mean",
        "position": "none",
    },
    "7 classes": {"n_bands": 31, "n_classes": 7},
    "odd width": {"n_bands": 31, "n_classes": 7, "dim": 23, "piece_size": 5},
    "odd width, pixelwise": {"n_bands": 37, "n_classes": 7, "dim": 23, "patch_size": 1},
    "odd everything": {
        "n_bands": 19,
        "n_classes": 3,
        "dim": 23,
        "patch_size": 5,
        "border": "zero",
        "piece_size": 3,
        "layout": "parallel",
        "conv_size": 3,
        "state_size": 5,
    },
    "narrow": {"n_bands": 20, "n_classes": 2, "dim": 5, "piece_size": 6, "state_size": 2, "expansion": 2},
    "S6 off": {"n_bands": 30, "n_classes": 7, "dim": 21, "s6": False, "pooling": "mean"},
}


def logits_of(model, samples, chosen):
    some = samples[chosen]
    return compute_in_blocks(model, lambda s: some[s], len(some))


def assert_independent_of_company(model, set_threads):
    """Compare one run over all samples with runs over some of them, in other orders, with other threads."""
    n = 2 * BLOCK + 89
    samples = random_input(model, n, seed=1, missing=0.2).numpy()
    set_threads(2)
    everything = logits_of(model, samples, np.arange(n))
    draw = np.random.default_rng(2)
    for n_threads, size in [(1, n), (2, n), (1, BLOCK), (2, BLOCK + 1), (1, 100), (2, 2), (1, 1)]:
        set_threads(n_threads)
        chosen = draw.permutation(n)[:size]
        assert same_bits(logits_of(model, samples, chosen), everything[chosen]), (n_threads, size)


@pytest.mark.parametrize("options", CONFIGS.values(), ids=CONFIGS)
def test_logits_depend_on_nothing_but_the_sample(options, threads):
    assert_independent_of_company(random_model(**options), threads)


@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("name", model_names())
def test_every_registered_model_is_independent_of_company(name, patch_size, threads):
    options = {"n_bands": 23, "n_classes": 5, "patch_size": patch_size}
    create_or_skip(name, **options)
    assert_independent_of_company(random_model(name, **options), threads)


@pytest.mark.parametrize("options", [CONFIGS["7 classes"], CONFIGS["odd width, pixelwise"], CONFIGS["odd everything"]])
def test_logits_do_not_depend_on_the_window_around_a_pixel(options, threads):
    model = random_model(**options)
    predictor = make_predictor(model)
    height, width, r = 24, 29, model.radius  # 696 pixels: more than two blocks
    draw = np.random.default_rng(3)
    padded = draw.normal(0.3, 0.2, (model.config.n_bands, height + 2 * r, width + 2 * r)).astype(np.float32)
    padded[:, draw.random(padded.shape[1:]) < 0.1] = np.nan
    threads(2)
    whole = predictor.logits(padded)
    for n_threads, (top, bottom, left, right) in [
        (1, (0, 24, 0, 29)),
        (2, (0, 10, 0, 29)),
        (1, (10, 24, 3, 29)),
        (2, (5, 6, 7, 8)),
        (1, (23, 24, 0, 29)),
        (2, (0, 24, 28, 29)),
    ]:
        threads(n_threads)
        tile = predictor.logits(padded[:, top : bottom + 2 * r, left : right + 2 * r])
        assert same_bits(tile, np.ascontiguousarray(whole[:, top:bottom, left:right])), (top, bottom, left, right)


@pytest.mark.parametrize("n_outputs", [1, 2, 7, 11, 12, MIN_OUTPUTS, 33])
@pytest.mark.parametrize("n_inputs", [1, 5, 6, 17, 161])
@pytest.mark.parametrize("with_bias", [True, False])
def test_rows_of_a_steady_linear_layer_do_not_depend_on_their_place(n_outputs, n_inputs, with_bias):
    draw = torch.Generator().manual_seed(n_outputs * 1000 + n_inputs)
    rows, weight, bias = (
        torch.randn(*shape, generator=draw) for shape in [(256, n_inputs), (n_outputs, n_inputs), (n_outputs,)]
    )
    bias = bias if with_bias else None
    result = steady_linear(rows, weight, bias)
    torch.testing.assert_close(result, functional.linear(rows, weight, bias), rtol=1e-4, atol=1e-4)
    for _ in range(3):
        order = torch.randperm(256, generator=draw)
        assert torch.equal(steady_linear(rows[order], weight, bias), result[order])


def test_steady_linear_takes_the_place_of_linear_inside_its_context_and_only_there():
    layer, rows = torch.nn.Linear(3, 2), torch.randn(4, 3)
    with SteadyLinear():
        inside = layer(rows)
    assert inside.stride() == (MIN_OUTPUTS, 1)  # a part of a wider product
    assert layer(rows).stride() == (2, 1)
    torch.testing.assert_close(inside, layer(rows))
