"""Patch inference against the oracle: every option, nodata, edges, tiny scenes, windows and samples alike."""

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from spectralmamba.models.predictor import sample_logits
from spectralmamba.sampling import PatchSampler

from .helpers import make_predictor, random_model
from .scenes import assert_equal_to, logits_by_oracle, random_scene, window_logits

TINY = [(1, 1), (1, 2), (1, 5), (2, 1), (2, 3), (3, 3), (4, 6)]


@st.composite
def model_options(draw):
    """Any model that can be, as long as it is small."""
    n_bands = draw(st.integers(1, 11))
    return {
        "n_bands": n_bands,
        "n_classes": draw(st.integers(2, 5)),
        "patch_size": draw(st.sampled_from([1, 3, 5, 7])),
        "border": draw(st.sampled_from(["halo", "zero"])),
        "gssm": draw(st.sampled_from([True, True, True, False])),
        "layout": draw(st.sampled_from(["adjacent", "parallel"])),
        "piece_size": draw(st.integers(1, min(n_bands, 6))),
        "s6": draw(st.sampled_from([True, True, False])),
        "dim": draw(st.integers(4, 18)),  # a norm over 2 or 3 values is nearly a step: float32 cannot hold 1e-5
        "depth": draw(st.integers(1, 2)),
        "state_size": draw(st.integers(1, 5)),
        "expansion": draw(st.integers(1, 2)),
        "conv_size": draw(st.integers(1, 5)),
        "position": draw(st.sampled_from(["none", "learned", "wavelength"])),
        "pooling": draw(st.sampled_from(["flatten", "mean"])),
        "centre": draw(st.sampled_from([0.0, 0.7, 1.0])),
        "whitening": draw(st.sampled_from(["auto", "none"])),
        "wavelengths": tuple(np.linspace(450, 2350, n_bands)),
    }


def training_logits(predictor, scene, valid):
    """Logits by the way that training takes: a table of pixels, standardised, gathered into samples."""
    targets = np.where(valid, 0, -1).astype(np.int64)
    sampler = PatchSampler.from_scene(scene, targets, predictor.radius).keep_bands(predictor.bands)
    values = sample_logits(predictor.model, sampler.standardised(predictor.standardiser))
    result = np.full((len(predictor.classes), *valid.shape), np.nan, np.float32)
    result[:, sampler.rows, sampler.columns] = values.T
    return result


@given(
    options=model_options(),
    shape=st.sampled_from(TINY),
    missing=st.sampled_from([0.0, 0.3, 0.7]),
    n_extra_bands=st.integers(0, 2),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=250, deadline=None)
def test_windows_and_samples_equal_the_oracle(options, shape, missing, n_extra_bands, seed):
    predictor = make_predictor(random_model(seed=seed, **options), seed, n_extra_bands)
    scene, cube = random_scene(predictor, shape, seed, missing)
    expected = logits_by_oracle(predictor, cube)
    event(f"patch {options['patch_size']}, {options['border']}")
    assert_equal_to(expected, window_logits(predictor, scene, (0, shape[0]), (0, shape[1])))
    assert_equal_to(expected, training_logits(predictor, scene, np.isfinite(cube).all(axis=0)))


@pytest.mark.parametrize("border", ["halo", "zero"])
@pytest.mark.parametrize("patch_size", [3, 5, 7])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (2, 3), (3, 3)])
def test_scenes_smaller_than_the_patch_are_reflected_repeatedly(shape, patch_size, border):
    model = random_model(n_bands=5, n_classes=3, piece_size=2, dim=6, patch_size=patch_size, border=border)
    predictor = make_predictor(model)
    scene, cube = random_scene(predictor, shape, seed=4, missing=0.0)
    expected = logits_by_oracle(predictor, cube)
    assert_equal_to(expected, window_logits(predictor, scene, (0, shape[0]), (0, shape[1])))
    assert_equal_to(expected, training_logits(predictor, scene, np.ones(shape, bool)))


@given(rows=st.tuples(st.integers(0, 8), st.integers(0, 8)), columns=st.tuples(st.integers(0, 7), st.integers(0, 7)))
@settings(max_examples=25, deadline=None)
def test_a_tile_of_a_scene_equals_the_oracle_of_the_whole_scene(rows, columns):
    rows, columns = sorted(rows), sorted(columns)
    assume(rows[0] < rows[1])
    assume(columns[0] < columns[1])
    predictor = make_predictor(random_model(n_bands=4, n_classes=3, piece_size=2, dim=4, patch_size=3))
    scene, cube = random_scene(predictor, (8, 7), seed=5, missing=0.2)
    expected = logits_by_oracle(predictor, cube)[:, slice(*rows), slice(*columns)]
    assert_equal_to(expected, window_logits(predictor, scene, rows, columns))


@pytest.mark.parametrize("patch_size", [1, 3])
def test_the_default_model_at_145_bands_equals_the_oracle(patch_size):
    predictor = make_predictor(random_model(n_bands=145, n_classes=14, patch_size=patch_size))
    scene, cube = random_scene(predictor, (3, 4), seed=6, missing=0.3)
    expected = logits_by_oracle(predictor, cube)
    assert np.isnan(expected).any()
    assert np.nanmax(np.abs(expected)) > 1
    assert_equal_to(expected, window_logits(predictor, scene, (0, 3), (0, 4)))


def test_a_missing_neighbour_matters():
    """Guards the tests above: the oracle does see the neighbours."""
    predictor = make_predictor(random_model(n_bands=4, n_classes=3, piece_size=2, dim=4, patch_size=3))
    _, cube = random_scene(predictor, (5, 5), seed=7, missing=0.0)
    before = logits_by_oracle(predictor, cube)
    cube[:, 2, 2] = np.nan
    changed = np.abs(logits_by_oracle(predictor, cube) - before).max(axis=0)
    assert np.isnan(changed[2, 2])
    assert np.nanmin(changed) > 1e-4  # radius 2: every pixel of 5×5 has it in sight
