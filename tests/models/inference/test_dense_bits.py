"""DESIGN, Semantics 6: logits of a scene are the same bits for any tiles and threads, not only the classes."""

import numpy as np
import pytest
import torch

from spectralmamba.mapping.tiles import iterate_tiles
from spectralmamba.models.inference.dense_room import PRODUCT_ROWS, DenseRoom
from spectralmamba.models.inference.dense_weights import DenseWeights
from spectralmamba.sampling.windows import read_window
from tests.models.helpers import make_predictor, random_model, same_bits
from tests.models.scenes import random_scene

CONFIGS = {
    "default": {"n_bands": 145, "n_classes": 15},
    "pixelwise": {"n_bands": 145, "n_classes": 15, "patch_size": 1},
    "large patch": {"n_bands": 31, "n_classes": 7, "patch_size": 7, "piece_size": 5},
    "few bands": {"n_bands": 9, "n_classes": 2, "piece_size": 2, "dim": 5},
}


def logits_by_tiles(predictor, scene, size):
    _, height, width = scene.shape
    result = np.empty((len(predictor.classes), height, width), np.float32)
    for tile in iterate_tiles(height, width, size):
        rows, columns = (tile.top, tile.bottom), (tile.left, tile.right)
        result[(slice(None), *tile.window)] = predictor.logits(
            read_window(scene, rows, columns, predictor.radius, predictor.bands)
        )
    return result


@pytest.mark.parametrize("options", CONFIGS.values(), ids=CONFIGS)
def test_logits_are_the_same_bits_for_any_tiles_and_threads(options, threads):
    predictor = make_predictor(random_model(**options), floor=1 / 64)
    scene, _ = random_scene(predictor, (45, 270), seed=7, missing=0.1)
    threads(2)
    whole = logits_by_tiles(predictor, scene, 1000)
    assert np.isfinite(whole).any()
    for n_threads, size in [(1, 1000), (1, 32), (2, 32), (1, 256), (2, 256), (2, 17)]:
        threads(n_threads)
        assert same_bits(logits_by_tiles(predictor, scene, size), whole), (n_threads, size)


def test_a_pixels_logits_do_not_depend_on_what_lies_beyond_its_radius():
    predictor = make_predictor(random_model(**CONFIGS["default"]))
    draw = np.random.default_rng(0)
    window = draw.uniform(0, 0.8, (145, 9, 30)).astype(np.float32)
    before = predictor.logits(window)
    window[:, :, :10] = draw.uniform(0, 0.8, (145, 9, 10))
    window[:, 3, 4] = np.nan  # moves all that follow to other rows of their blocks
    after = predictor.logits(window)
    assert same_bits(after[:, :, 10:].copy(), before[:, :, 10:].copy())
    assert not np.array_equal(after[:, :, :8], before[:, :, :8])


@pytest.mark.parametrize("n_bands", [1, 7, 16, 29, 144, 145, 200])
def test_rows_of_the_product_do_not_depend_on_their_place(n_bands):
    predictor = make_predictor(random_model(n_bands=n_bands, n_classes=2, piece_size=1, dim=4, state_size=1))
    weights = DenseWeights(predictor.model, predictor.standardiser)
    room = DenseRoom(weights, 9, 3, 4)
    draw = torch.Generator().manual_seed(n_bands)
    room._factor.copy_(torch.randn(room._factor.shape, generator=draw))
    order = torch.randperm(PRODUCT_ROWS, generator=draw)
    before = torch.mm(room._factor, weights.pointwise, out=room._result).clone()
    room._factor.copy_(room._factor[order].clone())
    after = torch.mm(room._factor, weights.pointwise, out=room._result)
    assert torch.equal(after, before[order])
