"""Several scenes learned from together: one set of bands, labels apart, cross-validation by scene."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from spectralmamba.errors import LabelError, SceneError, SplitError
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import only_where
from spectralmamba.training import LabelledScene, RunConfig, TrainingOptions, train
from spectralmamba.training.bands import on_first_bands
from spectralmamba.training.groups import learned_groups
from spectralmamba.training.prepare import prepare
from tests.small import simulated


def moved(i: int, columns: int = 1000) -> LabelledScene:
    """One of several simulated scenes, each so many pixels further east than the one before."""
    scene, labels = simulated(i)

    def shift(array: xr.DataArray) -> xr.DataArray:
        return array.assign_coords(x=array.x + i * columns * float(array.x[1] - array.x[0]))

    return LabelledScene(shift(scene).assign_attrs(source=f"scene {i}"), shift(labels))


def several(n: int) -> dict[str, LabelledScene]:
    return {f"s{i}": moved(i) for i in range(n)}


def by_scene(**options: object) -> RunConfig:
    return RunConfig(training=TrainingOptions(epochs=2, batch_size=64), split=SplitOptions(recipe="scenes", **options))


def test_bands_in_another_order_and_number_are_the_first_ones():
    first, second = moved(0), moved(1)
    order = np.random.default_rng(0).permutation(24)
    more = xr.concat([second.scene.isel(band=order), second.scene.isel(band=[3]) + 1], "band")
    wavelength = np.append(second.scene.wavelength.values[order], 3000.0)
    turned = more.assign_coords(wavelength=("band", wavelength)).assign_attrs(second.scene.attrs)
    found = on_first_bands({"a": first, "b": LabelledScene(turned, second.labels)})["b"]
    np.testing.assert_array_equal(found.scene.values, second.scene.values)
    assert found.scene.attrs["source"] == "scene 1"
    plain = prepare({"a": first, "b": second}, by_scene())
    matched = prepare({"a": first, "b": replace(second, scene=turned)}, by_scene())
    np.testing.assert_array_equal(plain.samples.table, matched.samples.table)
    np.testing.assert_array_equal(plain.wavelengths, matched.wavelengths)


def test_a_band_that_the_first_scene_marks_as_bad_may_be_missing():
    first, second = moved(0), moved(1)
    bad = np.flatnonzero(~first.scene.good.values)
    assert bad.size == 1
    fewer = replace(second, scene=second.scene.isel(band=np.flatnonzero(first.scene.good.values)))
    prepared = prepare({"a": first, "b": fewer}, by_scene())
    assert prepared.bands.tolist() == prepare({"a": first, "b": second}, by_scene()).bands.tolist()


def test_other_bands_are_refused_by_the_names_of_the_scenes_or_resampled():
    first, second = moved(0), moved(1)
    fewer = replace(second, scene=second.scene.isel(band=slice(0, 20)))
    with pytest.raises(SceneError, match=r"b: scene has 20 bands but scene a has 24, .* or leave it out"):
        prepare({"a": first, "b": fewer}, by_scene())
    shifted = second.scene.assign_coords(wavelength=second.scene.wavelength + 3)
    between = replace(second, scene=shifted)
    with pytest.raises(SceneError, match="no counterpart within 1 nm"):
        on_first_bands({"a": first, "b": between})
    inner = replace(first, scene=first.scene.isel(band=slice(2, 10)))
    found = on_first_bands({"a": inner, "b": between}, resample={"b"})["b"].scene
    np.testing.assert_allclose(found.wavelength, inner.scene.wavelength, atol=1e-6)


def test_labels_that_meet_are_found_among_many_scenes_and_across_projections():
    scenes = several(4)
    prepare(scenes, by_scene())
    near = replace(moved(3), scene=moved(3, 15).scene, labels=moved(3, 15).labels)  # 45 pixels east of the first
    with pytest.raises(SplitError, match="s0 and s3 have labels in the same place"):
        prepare(scenes | {"s3": near}, by_scene())
    item = moved(0)
    other = item.scene.rio.reproject("EPSG:32634").assign_attrs(source="again")
    labels = item.labels.rio.reproject("EPSG:32634").assign_attrs(item.labels.attrs)
    with pytest.raises(SplitError, match="s0 and turned"):
        prepare({"s0": item, "turned": LabelledScene(other, labels)}, by_scene())


def test_cross_validation_holds_out_scenes_where_three_are_learned_from():
    prepared = prepare(several(4), by_scene(test_scenes=("s1",), validation_fraction=0.0))
    groups = learned_groups(prepared)
    scenes = prepared.select("train").scene_index
    assert len(groups) == len(scenes)
    assert all(len(np.unique(groups[scenes == i])) == 1 for i in (0, 2, 3))
    assert len(np.unique(groups)) == 3
    few = prepare(several(3), by_scene(test_scenes=("s1",), validation_fraction=0.0))
    assert len(np.unique(learned_groups(few))) > 3


def test_a_class_that_only_a_test_scene_has_is_refused_by_name():
    scenes = several(2)
    poor = scenes["s0"]
    scenes["s0"] = replace(poor, labels=only_where(poor.labels, poor.labels.values != 2))
    name = scenes["s1"].labels.attrs["classes"].name_of(2)
    with pytest.raises(SplitError, match=f"2 {name}; held out are s1.*--drop-class 2"):
        prepare(scenes, by_scene(test_scenes=("s1",)))
    dropped = prepare(scenes, replace(by_scene(test_scenes=("s1",)), drop_classes=(2,)))
    assert dropped.classes.numbers == (1, 3)
    with pytest.raises(LabelError, match="no class 8"):
        prepare(scenes, replace(by_scene(), drop_classes=(8,)))


def test_a_run_by_scene_is_kept_and_gone_on_with(tmp_path):
    config = by_scene(test_scenes=("s2",))
    run, _, prepared = train(several(3), tmp_path / "run", config)
    assert run.config().split.test_scenes == ("s2",)
    assert run.split().details["test_scenes"] == ["s2"]
    assert "tested on s2" in run.split().describe()
    again, _, _ = train(several(3), tmp_path / "run", run.config(), resume=True)
    weights = (again.path / "model.safetensors").read_bytes()
    train(several(3), tmp_path / "other", run.config())
    assert (tmp_path / "other" / "model.safetensors").read_bytes() == weights
    assert not prepared.part["test"][prepared.samples.scene_index < 2].any()
