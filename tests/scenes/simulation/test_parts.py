"""Fields, shapes, landscape, mixing, light and noise on their own."""

import numpy as np
import pytest

from spectralmamba.scenes.simulation.fields import smooth_field, stream, top_share
from spectralmamba.scenes.simulation.landscape import OVERSAMPLING, make_landscape
from spectralmamba.scenes.simulation.polygons import draw_labels
from spectralmamba.scenes.simulation.reflectance import sample
from spectralmamba.scenes.simulation.sensor import add_noise, illuminate, noise_level, swath_gap
from spectralmamba.scenes.simulation.shapes import blob, rectangle


def test_streams_differ_by_seed_and_purpose():
    draws = {stream(seed, purpose).random() for seed in (0, 1) for purpose in ("a", "b")}
    assert len(draws) == 4
    assert stream(0, "a").random() in draws


def test_a_smooth_field_is_standard_and_smooth():
    field = smooth_field((90, 110), 40, stream(0, "test"))
    assert field.shape == (90, 110)
    assert field.dtype == np.float32
    assert field.mean() == pytest.approx(0, abs=1e-4)
    assert field.std() == pytest.approx(1, abs=1e-4)
    assert np.diff(field, axis=0).std() < 0.3


def test_opposite_edges_of_a_field_are_not_alike():
    apart = [np.corrcoef(*smooth_field((200, 64), 20, stream(seed, "edges"))[[0, -1]])[0, 1] for seed in range(12)]
    assert abs(np.mean(apart)) < 0.5


def test_top_share_marks_that_share():
    assert top_share(smooth_field((50, 50), 10, stream(0, "share")), 0.2).mean() == pytest.approx(0.2, abs=0.01)


def test_blobs_have_about_the_area_of_their_circle():
    areas = [blob((200, 200), (100, 100), 12, stream(seed, "blob")).mask.sum() for seed in range(30)]
    assert np.mean(areas) == pytest.approx(np.pi * 144, rel=0.25)
    assert len(set(areas)) > 20


def test_stamps_are_cut_at_the_edge():
    stamp = blob((10, 10), (0, 9), 4, stream(0, "edge"))
    assert stamp.mask.shape == np.zeros((10, 10))[stamp.rows, stamp.columns].shape


def test_a_turned_rectangle_keeps_its_area():
    for turn in (0.0, 0.5, 1.2):
        assert rectangle((80, 80), (40.0, 40.0), (10.5, 5.5), turn).mask.sum() == pytest.approx(21 * 11, rel=0.1)


@pytest.mark.parametrize("n_classes", [2, 3, 8, 12])
def test_no_material_beyond_the_classes_is_painted(n_classes):
    land = make_landscape(50, 60, n_classes, 0)
    assert land.shape == (50 * OVERSAMPLING, 60 * OVERSAMPLING)
    assert set(np.unique(land.cover)) == set(range(1, n_classes + 1))
    assert land.parcel.max() < land.n_parcels


def test_abundances_are_shares_and_borders_are_mixed():
    grid = sample(make_landscape(60, 60, 6, 0))
    np.testing.assert_allclose(grid.abundance.sum(axis=0), 1, rtol=1e-5)
    assert grid.abundance.min() >= 0
    largest = grid.abundance.max(axis=0)
    assert 0.1 < (largest < 0.9).mean() < 0.7
    np.testing.assert_array_equal(grid.truth, grid.abundance.argmax(axis=0) + 1)


def test_polygons_of_a_class_never_touch_and_avoid_invalid_pixels():
    truth = np.ones((60, 60), np.uint8)
    valid = np.ones((60, 60), bool)
    valid[:, :20] = False
    labels = draw_labels(truth, valid, 1, 0.2, 0)
    assert not labels[:, :20].any()
    assert 0.15 < (labels > 0).mean() < 0.25


def test_a_class_with_a_single_pixel_is_labelled():
    truth = np.ones((12, 12), np.uint8)
    truth[6, 6] = 2
    labels = draw_labels(truth, np.ones((12, 12), bool), 2, 0.1, 0)
    assert labels[6, 6] == 2


def test_a_class_without_a_pixel_is_not():
    labels = draw_labels(np.ones((12, 12), np.uint8), np.ones((12, 12), bool), 2, 0.1, 0)
    assert set(np.unique(labels)) == {0, 1}


def test_light_is_a_factor_around_one_with_blue_shadows():
    light = illuminate((80, 80), 0)
    assert light.factor.mean() == pytest.approx(1, abs=0.05)
    cube = np.ones((2, 80, 80), np.float32)
    light.apply(cube, np.array([450.0, 1650.0]))
    shaded = light.shadow > 0.9
    if shaded.any():
        assert cube[0][shaded].mean() > cube[1][shaded].mean()
    assert cube.min() > 0


def test_noise_peaks_where_water_vapour_absorbs_and_at_the_ends():
    clear, vapour, end = noise_level(np.array([1650.0, 1880.0, 2450.0]))
    assert vapour > 5 * clear
    assert end > 2 * clear


def test_noise_grows_with_the_signal_and_is_as_asked_for():
    dark, mid, bright = (np.full((1, 200, 200), value, np.float32) for value in (0.0, 0.3, 0.6))
    for cube in (dark, mid, bright):
        add_noise(cube, np.ones(1, np.float32), 0.02, 0, 0)
    assert dark.std() < mid.std() < bright.std()
    assert mid.std() == pytest.approx(0.02, rel=0.05)


def test_the_swath_gap_is_one_slanted_piece():
    gap = swath_gap((60, 80), 0.05, 2)
    assert gap.sum() == 240
    assert gap[[0, 0, -1, -1], [0, -1, 0, -1]].any()
