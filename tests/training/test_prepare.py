"""From scenes and labels to samples: what is read from which pixels."""

from dataclasses import replace

import numpy as np
import pytest

from spectralmamba.errors import ConfigError, LabelError, SceneError, SplitError
from spectralmamba.labels import open_labels
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import SceneSplit, Split, only_where
from spectralmamba.scenes import open_scene
from spectralmamba.training import LabelledScene, RunConfig, TrainingOptions, train
from spectralmamba.training.prepare import prepare
from tests.small import config, labelled, simulated


def moved(item: LabelledScene, columns: int) -> LabelledScene:
    """The same scene, some pixels further east."""

    def shift(array):
        step = float(array.x[1] - array.x[0])
        return array.assign_coords(x=array.x + columns * step)

    scene = shift(item.scene)
    return LabelledScene(scene.assign_attrs(source=f"moved by {columns}"), shift(item.labels))


def test_dead_and_bad_bands_are_dropped():
    scene, _ = simulated()
    prepared = prepare(labelled(), config())
    spread = np.nanmax(scene.values, axis=(1, 2)) > np.nanmin(scene.values, axis=(1, 2))
    expected = np.flatnonzero(spread & scene.good.values)
    assert prepared.bands.tolist() == expected.tolist()
    assert len(expected) == 22


def test_standardisation_is_of_training_pixels_only():
    prepared = prepare(labelled(), config())
    inside = prepared.select("train").spectra
    assert np.allclose(inside.mean(0), 0, atol=1e-4)
    assert np.allclose(inside.std(0), 1, atol=1e-4)
    train_map = prepared.split.scenes["small"].train.values > 0
    raw = simulated()[0].values[prepared.bands][:, train_map]
    assert np.allclose(
        prepared.standardiser.mean, np.log(np.maximum(raw, prepared.standardiser.floor)).mean(1), rtol=1e-4
    )
    plain = prepare(labelled(), replace(config(), model_options={"logarithm": False}))
    assert np.allclose(plain.standardiser.mean, raw.mean(1), rtol=1e-5)


def test_test_pixels_do_not_influence_training(tmp_path):
    """The same run with spectra and labels of the test pixels changed ends with the same weights."""
    scene, labels = simulated()
    pixelwise = RunConfig(
        model_options={"patch_size": 1}, training=TrainingOptions(epochs=3), split=SplitOptions(recipe="random")
    )
    split = prepare(labelled(), pixelwise).split
    test = split.scenes["small"].test.values > 0
    assert test.sum() > 50
    changed = scene.copy(deep=True)
    changed.values[:, test] = changed.values[:, test][:, ::-1] * 1.7
    own = split.scenes["small"]
    shuffled = own.test.copy(data=np.where(test, own.test.values % 3 + 1, 0).astype(own.test.dtype))
    other = Split({"small": SceneSplit(own.train, own.validation, shuffled)}, "random", 0, 0, 0)
    train(labelled(), tmp_path / "a", pixelwise, split=split)
    train({"small": LabelledScene(changed, labels)}, tmp_path / "b", pixelwise, split=other)
    assert (tmp_path / "a" / "model.safetensors").read_bytes() == (tmp_path / "b" / "model.safetensors").read_bytes()


def test_labelled_pixels_without_data_are_left_out_and_counted():
    scene, labels = simulated()
    holes = scene.copy(deep=True)
    rows, columns = np.nonzero(labels.values)
    holes.values[3, rows[:7], columns[:7]] = np.nan
    prepared = prepare({"small": LabelledScene(holes, labels)}, config())
    assert prepared.invalid_pixels == 7
    assert np.isfinite(prepared.samples.spectra).all()
    total = sum(prepared.split.total(part) for part in ("train", "validation", "test"))
    assert total == (labels.values > 0).sum() - 7


def test_class_numbers_with_gaps_keep_their_order():
    scene, labels = simulated()
    gaps = labels.copy(data=np.array([0, 7, 40, 200], np.uint8)[labels.values])
    gaps.attrs.pop("classes")
    prepared = prepare({"small": LabelledScene(scene, gaps)}, config())
    assert prepared.classes.numbers == (7, 40, 200)
    assert set(prepared.samples.targets) == {0, 1, 2}


def test_dropped_classes_are_gone():
    asked = RunConfig(drop_classes=(2,), split=SplitOptions(recipe="random"))
    prepared = prepare(labelled(), asked)
    assert prepared.classes.numbers == (1, 3)
    assert not (prepared.split.scenes["small"].test.values == 2).any()


def test_two_scenes_are_keyed_apart():
    both = {"a": labelled(0)["small"], "b": moved(labelled(0)["small"], 1000)}
    prepared = prepare(both, config())
    assert set(prepared.split.scenes) == {"a", "b"}
    assert set(prepared.samples.scene_index) == {0, 1}


@pytest.mark.parametrize("shift", [0, 3, 20])
def test_scenes_that_lie_over_each_other_are_refused(shift):
    """A pixel that trains in one scene and tests in the other would be a leak that no map of the split shows."""
    both = {"a": labelled(0)["small"], "b": moved(labelled(0)["small"], shift)}
    with pytest.raises(SplitError, match="same place"):
        prepare(both, config())


def test_bands_are_judged_where_there_is_data():
    """Pixels outside the data, or masked, say nothing of a band."""
    scene, labels = simulated()
    holes = scene.copy(deep=True)
    holes.values[:, :, :30] = np.nan
    prepared = prepare({"small": LabelledScene(holes, labels)}, config())
    assert prepared.bands.tolist() == prepare(labelled(), config()).bands.tolist()


def test_an_impossible_wavelength_matters_only_where_it_is_used():
    scene, labels = simulated()
    wavelength = scene.wavelength.values.copy()
    wavelength[1] = 0
    item = LabelledScene(scene.assign_coords(wavelength=("band", wavelength)), labels)
    assert len(prepare({"small": item}, config()).bands) == 22


def test_labels_of_another_size_are_refused():
    scene, labels = simulated()
    with pytest.raises(LabelError, match=r"40×48.*48×48"):
        LabelledScene(scene, labels.isel(y=slice(0, 40)))


def test_no_label_one_class_or_no_data_are_refused():
    scene, labels = simulated()
    none = only_where(labels, np.zeros(labels.shape, bool))
    one = only_where(labels, labels.values == 2)
    empty = scene.copy(data=np.full(scene.shape, np.nan, np.float32))
    for item, error, match in (
        (LabelledScene(scene, none), LabelError, "no labelled pixel"),
        (LabelledScene(scene, one), LabelError, "one class"),
        (LabelledScene(empty, labels), SceneError, "no labelled pixel has data"),
    ):
        with pytest.raises(error, match=match):
            prepare({"small": item}, config())


def test_a_patch_wider_than_the_scene_is_refused():
    scene, labels = simulated()
    strip = LabelledScene(scene.isel(y=slice(0, 4)), labels.isel(y=slice(0, 4)))
    with pytest.raises(ConfigError, match="4 pixels"):
        prepare({"small": strip}, RunConfig(model_options={"patch_size": 5}))


def test_a_split_of_other_scenes_is_refused():
    split = prepare(labelled(), config()).split
    with pytest.raises(SplitError, match="other"):
        prepare({"other": labelled()["small"]}, config(), split)


@pytest.mark.parametrize(("patch_size", "warned"), [(3, True), (1, False)])
def test_patches_of_spectra_without_their_scene_are_warned_of(tmp_path, caplog, patch_size, warned):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "pixels.npz", X=rng.normal(size=(40, 6)), y=np.repeat([1, 2], 20))
    scene = open_scene(tmp_path / "pixels.npz")
    item = LabelledScene(scene, open_labels(tmp_path / "pixels.npz", like=scene))
    prepare({"pixels": item}, replace(config(), model_options={"patch_size": patch_size}))
    assert ("--patch-size 1" in caplog.text) == warned
