"""Dense evaluation against the oracle: the interior, edges, nodata, seams, scenes of one to three rows."""

import numpy as np
import pytest

from spectralmamba.models import SpectralMamba, SpectralMambaConfig
from spectralmamba.models.inference import dense
from spectralmamba.models.inference.dense import boxes, dense_evaluation
from spectralmamba.models.oracle import oracle_logits
from spectralmamba.sampling.windows import read_window
from tests.models.helpers import make_predictor, numpy_weights, random_model
from tests.models.scenes import assert_equal_to, logits_by_oracle, random_scene, window_logits

SMALL = {"n_bands": 5, "n_classes": 3, "piece_size": 2, "dim": 6, "state_size": 2}
SHAPES = [(1, 1), (1, 9), (2, 1), (2, 5), (3, 3), (9, 2), (7, 8)]


@pytest.fixture
def small_boxes(monkeypatch):
    """Seams everywhere."""
    monkeypatch.setattr(dense, "BOX_ROWS", 3)
    monkeypatch.setattr(dense, "BOX_COLUMNS", 4)


def compare_everywhere(predictor, shape, seed=1, missing=0.3):
    scene, cube = random_scene(predictor, shape, seed, missing)
    assert dense_evaluation(predictor.model, predictor.standardiser) is not None
    assert_equal_to(logits_by_oracle(predictor, cube), window_logits(predictor, scene, (0, shape[0]), (0, shape[1])))


@pytest.mark.parametrize("patch_size", [1, 3, 5, 7])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("missing", [0.0, 0.3, 0.8])
def test_every_pixel_of_small_scenes(shape, patch_size, missing, small_boxes):
    compare_everywhere(make_predictor(random_model(**SMALL, patch_size=patch_size)), shape, missing=missing)


@pytest.mark.parametrize("floor", [None, 1 / 16])
@pytest.mark.parametrize("whitening", ["auto", "none"])
@pytest.mark.parametrize("centre", [0.0, 0.7, 1.0])
def test_logarithm_whitening_and_the_centres_share(centre, whitening, floor, small_boxes):
    model = random_model(**SMALL, centre=centre, whitening=whitening)
    compare_everywhere(make_predictor(model, floor=floor), (6, 7))


@pytest.mark.parametrize("seed", [0, 3])
def test_many_neighbours_add_up_without_loss(seed):
    """The paper's form, without the centre's share: 121 gated spectra, which one running sum would round too often."""
    options = {"n_bands": 16, "n_classes": 2, "piece_size": 1, "dim": 32, "depth": 2, "expansion": 2, "s6": False}
    model = random_model(**options, seed=seed, position="none", pooling="mean", patch_size=11, centre=0.0)
    compare_everywhere(make_predictor(model), (3, 4), seed=seed, missing=0.1)


@pytest.mark.parametrize("n_bands", [1, 3, 15, 16, 17, 31, 33, 64])
def test_any_number_of_bands(n_bands):
    options = SMALL | {"n_bands": n_bands, "piece_size": min(n_bands, 6)}
    compare_everywhere(make_predictor(random_model(**options), n_extra_bands=2), (3, 5))


def test_the_layouts_and_parts_behind_the_spectrum():
    compare_everywhere(make_predictor(random_model(**SMALL, layout="parallel", s6=False, pooling="mean")), (3, 4))
    compare_everywhere(make_predictor(random_model(**SMALL, gssm=False, depth=2)), (3, 4))


@pytest.mark.parametrize("hole", ["one pixel", "cluster", "all around", "row", "corner"])
def test_beside_nodata(hole, small_boxes):
    predictor = make_predictor(random_model(**SMALL, patch_size=5), floor=1 / 64)
    scene, _ = random_scene(predictor, (9, 10), seed=2, missing=0.0)
    gone = np.zeros((9, 10), bool)
    if hole == "all around":  # a single valid pixel, and no other in sight
        gone[:] = True
        gone[4, 5] = False
    else:
        gone[{"one pixel": (4, 4), "cluster": np.s_[3:6, 2:8], "row": np.s_[4], "corner": np.s_[:3, :4]}[hole]] = True
    scene = scene.assign_coords(excluded=(("y", "x"), gone))
    cube = np.where(gone, np.nan, scene.values)
    assert_equal_to(logits_by_oracle(predictor, cube), window_logits(predictor, scene, (0, 9), (0, 10)))


def test_seams_of_boxes_and_blocks_at_their_true_size():
    """The default model where boxes meet, and where the blocks of products and of spectra do."""
    model = random_model(n_bands=23, n_classes=5)
    predictor = make_predictor(model, floor=1 / 16)
    scene, cube = random_scene(predictor, (70, 140), seed=3, missing=0.1)
    logits = window_logits(predictor, scene, (0, 70), (0, 140))
    seams = sorted({(box.top, box.left) for box in boxes(70, 140)})
    assert len(seams) == 6
    weights, scaling = numpy_weights(model), predictor.standardiser
    near = {(y + i, x + j) for y, x in seams for i in (-1, 0) for j in (-2, 0, 1)}
    for row, column in {(y, x) for y, x in near if 0 <= y < 70 and 0 <= x < 140} | {(69, 139), (13, 77)}:
        pixel = (slice(None), slice(row, row + 1), slice(column, column + 1))
        expected = oracle_logits(cube, row, column, weights, model.config, scaling.mean, scaling.std, scaling.floor)[
            :, None, None
        ]
        assert_equal_to(expected, logits[pixel])


@pytest.mark.parametrize("missing", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("floor", [None, 1 / 16])
def test_a_value_that_is_not_finite_makes_its_pixel_invalid(missing, floor):
    predictor = make_predictor(random_model(**SMALL), floor=floor)
    window = np.random.default_rng(0).uniform(0, 1, (5, 8, 9)).astype(np.float32)
    window[3, 4, 4] = missing
    invalid = np.isnan(predictor.logits(window))
    assert invalid[:, 2, 2].all()
    assert invalid.sum() == 3
    window[:, 4, 4] = np.nan
    everything_missing = predictor.logits(window)
    window[:, 4, 4], window[0, 4, 4] = 1e30, np.nan
    assert np.array_equal(predictor.logits(window), everything_missing, equal_nan=True)


@pytest.mark.parametrize("border", ["halo", "zero"])
def test_a_value_too_large_to_be_standardised_spoils_no_neighbour(border):
    """Such as the fill value of a file that does not say so."""
    predictor = make_predictor(random_model(**SMALL, border=border))
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 9)).astype(np.float32)
    window[2, 4, 4] = np.finfo(np.float32).min
    found = predictor.logits(window)
    window[:, 4, 4] = np.nan
    assert np.array_equal(found, predictor.logits(window), equal_nan=True)
    assert np.isnan(found).any(axis=0).sum() == 1


@pytest.mark.parametrize("patch_size", [1, 3, 7])
def test_windows_without_a_valid_pixel_or_without_any(patch_size):
    predictor = make_predictor(random_model(**SMALL, patch_size=patch_size))
    r = predictor.radius
    logits = predictor.logits(np.full((5, 4 + 2 * r, 6 + 2 * r), np.nan, np.float32))
    assert logits.shape == (3, 4, 6)
    assert np.isnan(logits).all()
    assert predictor.logits(np.zeros((5, 2 * r, 6 + 2 * r), np.float32)).shape == (3, 0, 6)


def test_neighbours_count_where_the_centre_is_all_there_is_to_classify():
    predictor = make_predictor(random_model(**SMALL))
    window = np.random.default_rng(0).uniform(0, 1, (5, 5, 5)).astype(np.float32)
    before = predictor.logits(window)
    window[:, 1, 1] = np.nan
    assert np.abs(predictor.logits(window) - before).max() > 1e-4


@pytest.mark.parametrize(
    "lie",
    [
        np.asfortranarray,
        lambda window: np.pad(window, ((0, 0), (2, 1), (3, 5)))[:, 2:-1, 3:-5],
        lambda window: np.repeat(window, 2, axis=2)[:, :, ::2],
        lambda window: window[:, ::-1].copy()[:, ::-1],
        lambda window: window.astype(np.float64),
    ],
    ids=["bands contiguous", "part of a larger one", "every second column", "rows backwards", "float64"],
)
def test_a_window_may_lie_in_memory_in_any_way(lie):
    predictor = make_predictor(random_model(**SMALL))
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 12)).astype(np.float32)
    assert np.array_equal(predictor.logits(lie(window)), predictor.logits(window))


def test_the_window_is_left_as_it_was():
    predictor = make_predictor(random_model(**SMALL), floor=0.1)
    window = np.random.default_rng(0).uniform(0, 1, (5, 9, 9)).astype(np.float32)
    window[2, 3, 3] = np.nan
    before = window.copy()
    predictor.logits(window)
    assert np.array_equal(window, before, equal_nan=True)


def test_models_that_need_patches_are_not_evaluated_densely():
    standardiser = make_predictor(random_model(**SMALL)).standardiser
    for model in (
        random_model(**SMALL, border="zero"),
        random_model("mlp", n_bands=5, n_classes=3),
        random_model(**SMALL).double(),
        SpectralMamba(SpectralMambaConfig(**SMALL), backend="reference"),
    ):
        assert dense_evaluation(model, standardiser) is None


@pytest.mark.parametrize(("size", "most"), [(1, 32), (32, 32), (33, 32), (349, 128), (1905, 32)])
def test_boxes_cover_a_window_once(size, most, monkeypatch):
    monkeypatch.setattr(dense, "BOX_ROWS", most)
    covered = np.zeros((size, 5), int)
    for box in boxes(size, 5):
        covered[box.top : box.bottom, box.left : box.right] += 1
        assert 0 < box.bottom - box.top <= most
    assert (covered == 1).all()


def test_tiles_of_a_scene_read_their_true_neighbours(small_boxes):
    predictor = make_predictor(random_model(**SMALL), n_extra_bands=1)
    scene, cube = random_scene(predictor, (9, 8), seed=5, missing=0.2)
    expected = logits_by_oracle(predictor, cube)
    for rows, columns in [((0, 4), (0, 8)), ((4, 5), (3, 8)), ((8, 9), (7, 8))]:
        window = read_window(scene, rows, columns, predictor.radius, predictor.bands)
        assert_equal_to(expected[:, slice(*rows), slice(*columns)], predictor.logits(window))
