"""Windows patch by patch: strips change nothing, and patches are made a block at a time."""

import numpy as np
import pytest

from spectralmamba.models.inference import patches
from spectralmamba.models.predictor import BLOCK
from spectralmamba.sampling.standardise import Standardiser
from tests.models.helpers import make_predictor, random_model, same_bits
from tests.models.scenes import assert_equal_to, logits_by_oracle, random_scene, window_logits

MODELS = {
    "zero border": ("spectralmamba", {"n_bands": 6, "n_classes": 3, "piece_size": 2, "dim": 5, "border": "zero"}),
    "baseline": ("mlp", {"n_bands": 6, "n_classes": 3}),
    "pixelwise baseline": ("mlp", {"n_bands": 6, "n_classes": 3, "patch_size": 1}),
}


@pytest.mark.parametrize(("name", "options"), MODELS.values(), ids=MODELS)
def test_the_height_of_strips_changes_no_bit(name, options, monkeypatch):
    predictor = make_predictor(random_model(name, **options), floor=1 / 16)
    scene, _ = random_scene(predictor, (19, 23), seed=1, missing=0.2)
    whole = window_logits(predictor, scene, (0, 19), (0, 23))
    for pixels in (1, 50, 120):
        monkeypatch.setattr(patches, "STRIP_PIXELS", pixels)
        assert same_bits(window_logits(predictor, scene, (0, 19), (0, 23)), whole)


@pytest.mark.parametrize("patch_size", [3, 5, 7])
@pytest.mark.parametrize("floor", [None, 1 / 16])
def test_zero_border_equals_the_oracle(patch_size, floor, monkeypatch):
    monkeypatch.setattr(patches, "STRIP_PIXELS", 18)
    predictor = make_predictor(random_model(**MODELS["zero border"][1], patch_size=patch_size), floor=floor)
    for shape in [(1, 1), (1, 7), (2, 4), (3, 3), (7, 6)]:
        scene, cube = random_scene(predictor, shape, seed=2, missing=0.3)
        logits = window_logits(predictor, scene, (0, shape[0]), (0, shape[1]))
        assert_equal_to(logits_by_oracle(predictor, cube), logits)


def test_neither_all_patches_nor_the_whole_window_are_made_at_once(monkeypatch):
    monkeypatch.setattr(patches, "STRIP_PIXELS", 300)
    predictor = make_predictor(random_model("mlp", n_bands=6, n_classes=3))
    standardised, taken = [], []

    class Watched(Standardiser):
        def __call__(self, values, band_axis):
            standardised.append(values.shape[1:])
            return super().__call__(values, band_axis)

    def compute(take, n):
        taken.extend(take(slice(start, min(start + BLOCK, n))).shape for start in range(0, n, BLOCK))
        return np.zeros((n, 3), np.float32)

    scaling = predictor.standardiser
    window = np.random.default_rng(0).random((6, 42, 32), np.float32)
    logits = patches.patch_logits(window, Watched(scaling.mean, scaling.std), 1, 3, compute)
    assert logits.shape == (3, 40, 30)
    assert (logits == 0).all()
    assert standardised == [(12, 32)] * 4
    assert sum(n for n, *_ in taken) == 40 * 30
    assert max(n for n, *_ in taken) == BLOCK
    assert {shape[1:] for shape in taken} == {(6, 3, 3)}
