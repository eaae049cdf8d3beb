import numpy as np
import pytest
from scipy import ndimage

from spectralmamba.errors import ConfigError
from spectralmamba.scenes import simulate_scene as lazily_imported
from spectralmamba.scenes.simulation import simulate_scene, simulate_scene_with_truth
from spectralmamba.scenes.simulation.catalogue import MATERIALS
from spectralmamba.scenes.simulation.simulator import dead_bands

SMALL = (40, 48, 16, 4)


def regions(labels, number):
    return ndimage.label(labels.values == number, np.ones((3, 3)))


def near_border(truth):
    """Pixels whose 3 × 3 neighbourhood holds another class."""
    return ndimage.maximum_filter(truth, 3) != ndimage.minimum_filter(truth, 3)


def test_the_place_offers_it():
    assert lazily_imported is simulate_scene


def test_same_seed_same_bytes():
    first, second = simulate_scene_with_truth(*SMALL, seed=5), simulate_scene_with_truth(*SMALL, seed=5)
    for one, other in zip(first, second, strict=True):
        assert one.values.tobytes() == other.values.tobytes()
        assert one.coords.identical(other.coords)


def test_other_seed_other_scene():
    one, other = simulate_scene_with_truth(*SMALL, seed=5), simulate_scene_with_truth(*SMALL, seed=6)
    for a, b in zip(one, other, strict=True):
        assert not np.array_equal(a.values, b.values, equal_nan=True)


def test_simulate_scene_gives_the_first_two_of_the_three():
    scene, labels = simulate_scene(*SMALL, seed=5)
    with_truth = simulate_scene_with_truth(*SMALL, seed=5)
    assert scene.identical(with_truth[0])
    np.testing.assert_array_equal(labels, with_truth[1])


def test_randomness_is_not_global():
    np.random.seed(3)  # noqa: NPY002 - the state that must stay untouched
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate_scene(*SMALL, seed=5)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_a_scene_keeps_the_contract(demo):
    scene, _, _ = demo
    assert scene.dims == ("band", "y", "x")
    assert scene.shape == (120, 200, 200)
    assert scene.dtype == np.float32
    assert np.nanmin(scene) >= 0
    assert np.nanmax(scene) <= 1
    assert scene.wavelength.values[[0, -1]].tolist() == [400, 2450]
    assert (scene.fwhm > 0).all()
    assert scene.good.dtype == bool


@pytest.mark.parametrize("which", [0, 1, 2])
def test_everything_lies_on_one_map_grid(demo, which):
    array = demo[which]
    assert array.rio.crs.to_epsg() == 32633
    transform = array.rio.transform()
    assert (transform.a, transform.e) == (4.0, -4.0)
    assert array.x.values[0] == transform.c + 2
    assert array.y.values[0] == transform.f - 2


def test_nodata_follows_rioxarray(demo):
    scene, labels, _ = demo
    assert np.isnan(scene.rio.nodata)
    assert labels.rio.nodata == 0


def test_two_bands_are_dead_and_one_of_them_is_not_announced(demo):
    scene, _, _ = demo
    flat = np.flatnonzero(np.nanstd(scene.values.reshape(120, -1), axis=1) == 0)
    assert sorted(flat) == sorted(dead_bands(120, 1))
    assert (scene.values[flat][:, np.isfinite(scene.values[0])] == 0).all()
    assert scene.good.values[flat].tolist().count(False) == 1
    assert (~scene.good).sum() == 1


@pytest.mark.parametrize("seed", range(20))
def test_dead_bands_are_not_at_the_ends(seed):
    first, second = dead_bands(8, seed)
    assert first != second
    assert {first, second} <= {2, 3, 4, 5}


def test_dead_bands_leave_the_visible_alone():
    scene, _ = simulate_scene(8, 8, 200, 2)
    assert all(scene.wavelength.values[band] > 900 for seed in range(20) for band in dead_bands(200, seed))


@pytest.mark.parametrize("fraction", [0.0, 0.01, 0.2])
def test_nodata_covers_the_given_share_in_all_bands(fraction):
    scene, labels = simulate_scene(*SMALL, nodata_fraction=fraction)
    missing = np.isnan(scene.values)
    assert missing[0].mean() == pytest.approx(fraction, abs=1 / missing[0].size)
    assert (missing == missing[0]).all()
    assert not labels.values[missing[0]].any()


def test_labels_keep_the_contract(demo):
    _, labels, truth = demo
    assert labels.dims == truth.dims == ("y", "x")
    assert labels.dtype == truth.dtype == np.uint8
    table = labels.attrs["classes"]
    assert table.numbers == tuple(range(1, 9))
    assert table.names == tuple(material.name for material in MATERIALS[:8])
    assert truth.attrs["classes"] == table


def test_truth_is_dense(demo):
    _, _, truth = demo
    assert set(np.unique(truth)) == set(range(1, 9))


@pytest.mark.parametrize("fraction", [0.03, 0.1, 0.2])
def test_labels_cover_about_the_given_share(fraction):
    _, labels = simulate_scene(100, 100, 8, 5, label_fraction=fraction)
    assert (labels.values > 0).mean() == pytest.approx(fraction, rel=0.25)


@pytest.mark.parametrize("n_classes", range(2, 13))
def test_every_class_is_there(n_classes):
    _, labels, truth = simulate_scene_with_truth(96, 96, 8, n_classes, seed=n_classes)
    assert set(np.unique(truth)) == set(range(1, n_classes + 1))
    assert set(np.unique(labels)) == set(range(n_classes + 1))


@pytest.mark.parametrize("shape", [(16, 16, 8, 3), (8, 8, 8, 2), (8, 90, 8, 5), (24, 24, 8, 12)])
@pytest.mark.parametrize("seed", range(3))
def test_a_tiny_scene_has_labels_of_every_class(shape, seed):
    _, labels = simulate_scene(*shape, seed=seed)
    assert set(np.unique(labels)) == set(range(shape[3] + 1))


@pytest.mark.parametrize("seed", range(3))
def test_classes_have_regions_enough_to_split(seed):
    _, labels = simulate_scene(n_bands=8, seed=seed)
    sizes = []
    for number in range(1, 9):
        found, count = regions(labels, number)
        assert count >= 6
        sizes.extend(np.bincount(found.ravel())[1:])
    assert 20 <= np.median(sizes) <= 60


def test_labels_mostly_tell_the_truth_but_not_always(demo):
    _, labels, truth = demo
    labelled = labels.values > 0
    agreement = (labels.values == truth.values)[labelled].mean()
    assert 0.9 <= agreement < 1


def test_some_polygons_reach_a_border(demo):
    _, labels, truth = demo
    at_border = near_border(truth.values)[labels.values > 0].mean()
    assert 0.05 < at_border < near_border(truth.values).mean()


def test_more_noise_is_more_noise():
    quiet, loud = (simulate_scene(*SMALL, noise=noise)[0].values for noise in (0.0, 0.05))
    rough = [np.nanstd(np.diff(cube[8], axis=1)) for cube in (quiet, loud)]
    assert rough[1] > 1.2 * rough[0]


@pytest.mark.parametrize(
    "bad",
    [
        {"height": 7},
        {"width": 0},
        {"n_bands": 7},
        {"n_classes": 1},
        {"n_classes": 13},
        {"seed": -1},
        {"label_fraction": 0.0},
        {"label_fraction": 0.6},
        {"noise": -0.1},
        {"noise": float("nan")},
        {"nodata_fraction": -0.1},
        {"nodata_fraction": 0.9},
    ],
)
def test_impossible_values_are_refused_in_one_line(bad):
    with pytest.raises(ConfigError) as caught:
        simulate_scene(**bad)
    message = str(caught.value)
    assert "\n" not in message
    assert ";" in message
