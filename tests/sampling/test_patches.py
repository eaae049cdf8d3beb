import numpy as np
import pytest

from spectralmamba.sampling import PatchSampler, Standardiser
from spectralmamba.sampling.patches import turn
from spectralmamba.sampling.windows import read_window

from .lazy import lazy_scene, random_cube, scene_of


def targets_for(shape: tuple[int, int], share: float = 0.3, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < share, rng.integers(0, 4, shape), -1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (2, 2), (3, 9), (12, 10), (70, 5)])
@pytest.mark.parametrize("radius", [0, 1, 3])
def test_windows_are_those_of_read_window(shape, radius):
    cube = random_cube(4, *shape)
    cube[:, 0, -1] = np.nan
    scene, targets = scene_of(cube), targets_for(shape, 0.9)
    sampler = PatchSampler.from_scene(scene, targets, radius)
    assert sampler.radius == radius
    np.testing.assert_array_equal(np.stack([sampler.rows, sampler.columns], 1), np.argwhere(targets >= 0))
    np.testing.assert_array_equal(sampler.targets, targets[targets >= 0])
    batch = sampler.batch(np.arange(len(sampler)))
    for got, row, column in zip(batch, sampler.rows, sampler.columns, strict=True):
        window = read_window(scene, (row, row + 1), (column, column + 1), radius)
        np.testing.assert_array_equal(got, window if radius else window[:, 0, 0])
    np.testing.assert_array_equal(sampler.spectra, cube[:, sampler.rows, sampler.columns].T)


def test_batches_follow_the_indices():
    sampler = PatchSampler.from_scene(scene_of(random_cube(4, 9, 9)), targets_for((9, 9)), 1)
    whole = sampler.batch(np.arange(len(sampler)))
    chosen = np.array([3, 0, 3])
    np.testing.assert_array_equal(sampler.batch(chosen), whole[chosen])
    assert sampler.batch(chosen).dtype == np.float32
    assert sampler.batch(chosen).flags.c_contiguous


def test_no_label():
    sampler = PatchSampler.from_scene(scene_of(random_cube(4, 9, 9)), np.full((9, 9), -1), 2)
    assert len(sampler) == 0
    assert sampler.spectra.shape == (0, 4)


def test_the_table_holds_each_pixel_once():
    targets = np.full((60, 50), -1)
    targets[10:40, 5:45] = 1
    sampler = PatchSampler.from_scene(scene_of(random_cube(2, 60, 50)), targets, 3)
    assert len(sampler.table) == 36 * 46  # windows of 49 pixels for each of 1200 samples
    np.testing.assert_array_equal(np.unique(sampler.windows), np.arange(len(sampler.table)))


def test_lazy_scenes_are_read_in_strips_around_the_labels():
    targets = np.full((500, 300), -1)
    targets[100, 20], targets[110, 30], targets[400, 250] = 0, 1, 0
    cube = random_cube(2, 500, 300)
    scene, array = lazy_scene(cube)
    sampler = PatchSampler.from_scene(scene, targets, 2)
    assert sum((r.stop - r.start) * (c.stop - c.start) for r, c in array.reads) < 500
    assert not scene.variable._in_memory
    eager = PatchSampler.from_scene(scene_of(cube), targets, 2)
    np.testing.assert_array_equal(sampler.batch(np.arange(3)), eager.batch(np.arange(3)))


def test_scenes_are_joined_in_order():
    scenes = [scene_of(random_cube(3, *shape, seed=i)) for i, shape in enumerate([(8, 9), (4, 20)])]
    parts = [PatchSampler.from_scene(s, targets_for(s.shape[1:]), 2) for s in scenes]
    joined = PatchSampler.concatenate(parts)
    assert len(joined) == len(parts[0]) + len(parts[1])
    np.testing.assert_array_equal(
        joined.batch(np.arange(len(joined))), np.concatenate([p.batch(np.arange(len(p))) for p in parts])
    )
    for name in ("rows", "columns", "targets", "spectra"):
        np.testing.assert_array_equal(getattr(joined, name), np.concatenate([getattr(p, name) for p in parts]))
    np.testing.assert_array_equal(joined.scene_index, np.repeat([0, 1], [len(p) for p in parts]))


def test_keeping_bands():
    cube = random_cube(4, 6, 6)
    cube[1, 2, 2], cube[3, 4, 4] = np.nan, np.nan
    scene, bands = scene_of(cube), np.array([0, 3])
    sampler = PatchSampler.from_scene(scene, targets_for((6, 6), 1.0), 1)
    kept = sampler.keep_bands(bands)
    for got, row, column in zip(kept.batch(np.arange(36)), kept.rows, kept.columns, strict=True):
        np.testing.assert_array_equal(got, read_window(scene, (row, row + 1), (column, column + 1), 1, bands))
    assert np.isfinite(sampler.table).sum() == 36 * 4 - 2  # the first sampler is as it was


def test_selecting_shares_the_table():
    sampler = PatchSampler.from_scene(scene_of(random_cube(3, 9, 9)), targets_for((9, 9)), 1)
    keep = sampler.targets == 2
    chosen = sampler.select(keep)
    assert chosen.table is sampler.table
    np.testing.assert_array_equal(chosen.batch(np.arange(len(chosen))), sampler.batch(np.flatnonzero(keep)))
    assert (chosen.targets == 2).all()


def test_standardising():
    sampler = PatchSampler.from_scene(scene_of(random_cube(3, 9, 9)), targets_for((9, 9)), 1)
    standard = sampler.standardised(Standardiser.fit(sampler.spectra))
    np.testing.assert_allclose(standard.spectra.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(standard.spectra.std(axis=0), 1, atol=1e-5)


def test_orientations_are_the_symmetries_of_the_square():
    window = np.arange(9).reshape(1, 3, 3)
    turned = turn(np.repeat(window, 8, axis=0), np.arange(8))
    quarter = [np.rot90(window[0], k) for k in range(4)]
    symmetries = {(w if not flip else w[::-1]).tobytes() for w in quarter for flip in (False, True)}
    assert len(symmetries) == 8
    assert {w.astype(window.dtype).tobytes() for w in turned} == symmetries
    assert (turned[:, 1, 1] == 4).all()
    np.testing.assert_array_equal(turned[0], window[0])


def test_batches_are_turned_sample_by_sample():
    sampler = PatchSampler.from_scene(scene_of(random_cube(3, 9, 9)), targets_for((9, 9)), 2)
    indices, orientation = np.arange(8), np.arange(8)[::-1]
    plain, turned = sampler.batch(indices), sampler.batch(indices, orientation)
    expected = turn(plain.transpose(0, 2, 3, 1), orientation).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(turned, expected)
    np.testing.assert_array_equal(turned[:, :, 2, 2], plain[:, :, 2, 2])


def test_pixelwise_batches_have_nothing_to_turn():
    sampler = PatchSampler.from_scene(scene_of(random_cube(3, 9, 9)), targets_for((9, 9)), 0)
    np.testing.assert_array_equal(sampler.batch(np.arange(4), np.array([1, 2, 3, 4])), sampler.spectra[:4])
