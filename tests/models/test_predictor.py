"""The predictor's shapes, invalid pixels, and what it leaves as it was. Its bits are in test_predictor_bits."""

from threading import Barrier

import numpy as np
import pytest
import torch

from spectralmamba.models.predictor import BLOCK, compute_in_blocks

from .helpers import make_predictor, random_model, same_bits

SMALL = {"n_bands": 7, "n_classes": 3, "piece_size": 2, "dim": 4, "state_size": 2}


@pytest.mark.parametrize(
    ("patch_size", "border", "radius"), [(1, "halo", 0), (3, "halo", 2), (3, "zero", 1), (5, "halo", 3)]
)
def test_radius_is_the_models(patch_size, border, radius):
    predictor = make_predictor(random_model(**SMALL, patch_size=patch_size, border=border))
    assert predictor.radius == radius
    window = np.zeros((7, 2 + 2 * radius, 5 + 2 * radius), np.float32)
    logits = predictor.logits(window)
    assert logits.shape == (3, 2, 5)
    assert logits.dtype == np.float32


@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_band_invalidates_its_pixel_and_no_other(patch_size, bad):
    predictor = make_predictor(random_model(**SMALL, patch_size=patch_size))
    r = predictor.radius
    window = np.random.default_rng(0).uniform(0, 1, (7, 4 + 2 * r, 5 + 2 * r)).astype(np.float32)
    window[4, r + 1, r + 3] = bad
    logits = predictor.logits(window)
    expected = np.zeros((4, 5), bool)
    expected[1, 3] = True
    assert np.array_equal(np.isnan(logits).all(axis=0), expected)
    assert np.array_equal(np.isnan(logits).any(axis=0), expected)


def test_a_pixel_missing_one_band_reads_to_its_neighbours_as_one_missing_all():
    predictor = make_predictor(random_model(**SMALL))
    window = np.random.default_rng(0).uniform(0, 1, (7, 8, 8)).astype(np.float32)
    one, every = window.copy(), window.copy()
    one[2, 4, 4] = np.nan
    every[:, 4, 4] = np.nan
    assert same_bits(predictor.logits(one), predictor.logits(every))
    assert not np.array_equal(predictor.logits(one)[:, 0, 0], predictor.logits(window)[:, 0, 0])


def test_a_window_without_a_valid_pixel_is_all_nan():
    predictor = make_predictor(random_model(**SMALL))
    logits = predictor.logits(np.full((7, 6, 7), np.nan, np.float32))
    assert logits.shape == (3, 2, 3)
    assert np.isnan(logits).all()


def test_no_samples_give_no_logits():
    model = random_model(**SMALL, patch_size=1)
    assert compute_in_blocks(model, lambda _: pytest.fail("nothing to take"), 0).shape == (0, 3)


def test_samples_are_taken_a_block_at_a_time_and_kept_in_order():
    model = random_model("mlp", n_bands=7, n_classes=3, patch_size=1)
    samples = np.random.default_rng(0).normal(size=(BLOCK + 5, 7)).astype(np.float32)
    taken = []

    def take(chosen):
        taken.append((chosen.start, chosen.stop))
        return samples[chosen]

    logits = compute_in_blocks(model, take, len(samples))
    assert sorted(taken) == [(0, BLOCK), (BLOCK, BLOCK + 5)]
    with torch.inference_mode():
        expected = model(torch.from_numpy(samples)).numpy()
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("fails", [False, True])
def test_the_callers_number_of_threads_stays(fails, threads):
    model = random_model(**SMALL, patch_size=1)
    threads(2)
    samples = np.zeros((3, 6 if fails else 7), np.float32)
    if fails:
        with pytest.raises(ValueError, match="expects"):
            compute_in_blocks(model, lambda s: samples[s], 3)
    else:
        compute_in_blocks(model, lambda s: samples[s], 3)
    assert torch.get_num_threads() == 2


def test_a_model_left_in_training_is_evaluated_all_the_same():
    model = random_model(**SMALL, patch_size=1)
    samples = np.random.default_rng(0).normal(size=(9, 7)).astype(np.float32)
    expected = compute_in_blocks(model, lambda s: samples[s], 9)
    assert same_bits(compute_in_blocks(model.train(), lambda s: samples[s], 9), expected)
    assert not model.training


def test_each_block_is_computed_by_one_thread_and_several_blocks_at_once(threads):
    """What a library does with a second thread inside a block is not ours to know."""
    threads(2)
    model = random_model("mlp", n_bands=7, n_classes=3, patch_size=1)
    together = Barrier(2, timeout=20)
    seen = []

    def take(chosen):
        together.wait()  # broken unless two blocks are under way at once
        seen.append(torch.get_num_threads())
        return np.zeros((chosen.stop - chosen.start, 7), np.float32)

    compute_in_blocks(model, take, 2 * BLOCK)
    assert seen == [1, 1]
