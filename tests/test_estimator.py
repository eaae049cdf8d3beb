"""The scikit-learn face: scenes, spectra and patches."""

import numpy as np
import pytest
import xarray as xr
from sklearn.base import clone

from spectralmamba import SpectralMambaClassifier
from spectralmamba.errors import ConfigError, LabelError, RunError, SceneError
from spectralmamba.training.labelled import LabelledScene
from spectralmamba.training.prepare import prepare
from tests.small import config, labelled, simulated

QUICK = {"epochs": 12, "batch_size": 16, "noise": 0.0, "weight_decay": 0.01}


def spectra(n: int = 120, bands: int = 14, seed: int = 0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, bands)).astype(np.float32)
    return X, np.where(X[:, 3] > 0, "wet", "dry")


@pytest.fixture(scope="module")
def on_scene() -> SpectralMambaClassifier:
    return SpectralMambaClassifier(epochs=3, split="random").fit(*simulated())


def test_spectra_train_the_pixelwise_form_whatever_the_patch_size():
    X, y = spectra()
    model = SpectralMambaClassifier(patch_size=5, **QUICK).fit(X, y)
    assert (model.patch_size_, model.n_features_in_) == (1, 14)
    assert model.classes_.tolist() == ["dry", "wet"]
    fresh, truth = spectra(seed=1)
    assert model.score(fresh, truth) > 0.8
    probabilities = model.predict_proba(fresh)
    assert probabilities.shape == (120, 2)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(model.classes_[probabilities.argmax(axis=1)], model.predict(fresh))


@pytest.mark.parametrize(("border", "size"), [("halo", 5), ("zero", 3)])
def test_patches_carry_their_halo_and_may_miss_pixels(border, size):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 10, size, size)).astype(np.float32)
    X[:20, :, 0, 0] = np.nan
    y = np.where(X[:, 2, size // 2, size // 2] > 0, 30, 10)
    model = SpectralMambaClassifier(border=border, **QUICK).fit(X, y)
    assert model.patch_size_ == 3
    assert set(model.predict(X)) <= {10, 30}
    with pytest.raises(SceneError, match=f"takes {size}"):
        model.predict(np.zeros((2, 10, 9, 9)))


def test_samples_of_a_scene_and_the_scene_agree(on_scene):
    """predict_proba(scene) is what predict_proba(patches) gives for the same pixels."""
    scene = simulated()[0]
    prepared = prepare(labelled(), config())
    samples = prepared.samples
    raw = prepared.standardiser.undo(samples.batch(np.arange(50)), band_axis=1)
    full = np.full((50, scene.shape[0], 5, 5), 0.5, np.float32)
    full[:, prepared.bands] = raw
    from_scene = on_scene.predict_proba(scene).values[:, samples.rows[:50], samples.columns[:50]].T
    assert np.allclose(on_scene.predict_proba(full), from_scene, atol=2e-3)


def test_a_scene_gives_a_map_on_its_grid(on_scene):
    scene, labels = simulated()
    mapped = on_scene.predict(scene)
    assert mapped.dims == ("y", "x")
    assert mapped.rio.crs == scene.rio.crs
    assert np.array_equal(mapped.x, scene.x)
    assert np.array_equal(mapped.values == 0, ~np.isfinite(scene.values[2]))
    assert on_scene.predict_proba(scene).sizes == {"class": 3, "y": 48, "x": 48}
    assert on_scene.score(scene, labels) > 0.5
    assert on_scene.split_.total("test") > 0


def test_the_same_seed_gives_the_same_classifier():
    X, y = spectra()
    a, b = (SpectralMambaClassifier(epochs=2, seed=4).fit(X, y).predict_proba(X) for _ in range(2))
    other = SpectralMambaClassifier(epochs=2, seed=5).fit(X, y).predict_proba(X)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, other)


def test_save_and_load(tmp_path, on_scene):
    scene, _ = simulated()
    on_scene.save(tmp_path / "scene")
    assert np.array_equal(SpectralMambaClassifier.load(tmp_path / "scene").predict(scene), on_scene.predict(scene))
    X, y = spectra()
    model = SpectralMambaClassifier(**QUICK).fit(X, y)
    model.save(tmp_path / "spectra")
    again = SpectralMambaClassifier.load(tmp_path / "spectra")
    assert np.array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.predict(X).tolist() == model.predict(X).tolist()
    assert again.get_params() == model.get_params()
    assert {p.suffix for p in tmp_path.rglob("*.*")} == {".json", ".safetensors"}


def test_clone_and_parameters_follow_scikit_learn():
    model = SpectralMambaClassifier(dim=8, epochs=1)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(dim=16).dim == 16


def test_empty_and_constant_bands_are_dropped():
    X, y = spectra()
    X = np.concatenate([X, np.full((120, 1), 7.0), np.full((120, 1), np.nan)], axis=1)
    model = SpectralMambaClassifier(**QUICK).fit(X, y)
    assert model.predictor_.bands.tolist() == list(range(14))
    assert model.n_features_in_ == 16
    assert len(model.predict(X)) == 120


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        (lambda X, y: (X, y[:-1]), LabelError, "one class label a sample"),
        (lambda X, y: (X[:, :, None], y), SceneError, "spectra"),
        (lambda X, y: (X[:0], y[:0]), SceneError, "0 sample"),
        (lambda X, y: (X, np.full(len(y), "dry")), LabelError, "only one class"),
        (lambda X, y: (np.where(np.arange(len(X))[:, None] == 5, np.nan, X), y), SceneError, "missing"),
        (lambda X, y: (np.zeros_like(X), y), SceneError, "varying"),
    ],
)
def test_samples_that_cannot_be_used_are_refused(change, error, match):
    with pytest.raises(error, match=match):
        SpectralMambaClassifier(**QUICK).fit(*change(*spectra()))


def test_a_scene_may_have_its_dimensions_in_any_order(on_scene):
    scene, _ = simulated()
    turned = on_scene.predict(scene.transpose("y", "x", "band"))
    np.testing.assert_array_equal(turned.values, on_scene.predict(scene).values)


def test_an_array_that_is_no_scene_is_refused(on_scene):
    scene, labels = simulated()
    bare = xr.DataArray(scene.values, dims=scene.dims)
    for call in (on_scene.predict, on_scene.predict_proba, lambda X: SpectralMambaClassifier().fit(X, labels)):
        with pytest.raises(SceneError, match="no coordinate 'wavelength' and is no scene; open its file by open_scene"):
            call(bare)


def test_labels_of_another_place_are_refused():
    scene, labels = simulated()
    with pytest.raises(LabelError, match="lie elsewhere than the scene; open them with like=scene"):
        SpectralMambaClassifier().fit(scene.isel(y=slice(0, 24)), labels.isel(y=slice(24, 48)))


def test_labels_without_a_crs_are_told_by_their_coordinates():
    scene, labels = simulated()
    scene = scene.rio.write_crs("EPSG:32633")
    scene = scene.assign_coords(x=500_000 + 4.0 * np.arange(scene.sizes["x"]), y=-4.0 * np.arange(scene.sizes["y"]))
    numbered = {axis: np.arange(scene.sizes[axis]) for axis in ("y", "x")}
    for coords in ({}, {axis: scene[axis].values for axis in ("y", "x")}, numbered):
        LabelledScene(scene, xr.DataArray(labels.values, dims=("y", "x"), coords=coords, attrs=labels.attrs))
    moved = {"y": scene.y.values, "x": scene.x.values + 4}
    with pytest.raises(LabelError, match="lie elsewhere"):
        LabelledScene(scene, xr.DataArray(labels.values, dims=("y", "x"), coords=moved, attrs=labels.attrs))


def test_other_misuse_is_refused(tmp_path, on_scene):
    X, y = spectra()
    scene, labels = simulated()
    with pytest.raises(ConfigError, match="patch size 4"):
        SpectralMambaClassifier(patch_size=4).fit(scene, labels)
    with pytest.raises(LabelError, match="label map"):
        SpectralMambaClassifier().fit(scene, y)
    with pytest.raises(ConfigError, match="split"):
        SpectralMambaClassifier().fit(X, y, split=on_scene.split_)
    with pytest.raises(SceneError, match="14 features"):
        on_scene.predict(X)
    with pytest.raises(RunError, match="no saved classifier"):
        SpectralMambaClassifier.load(tmp_path)
