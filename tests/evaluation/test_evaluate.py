"""Evaluation: on pixels that were not learned from, wherever the scene comes from."""

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from rasterio.crs import CRS

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.evaluation import evaluate
from spectralmamba.evaluation.calibration import expected_calibration_error
from spectralmamba.evaluation.references import REFERENCES
from spectralmamba.evaluation.run_metrics import evaluate_run, run_metrics
from spectralmamba.evaluation.seen import seen_pixels
from spectralmamba.labels import ClassTable
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import only_where
from spectralmamba.scenes.contract import with_grid
from spectralmamba.scenes.grid import grid_of
from spectralmamba.training import LabelledScene, RunConfig, TrainingOptions, train
from tests.small import labelled, simulated


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on the regions split."""
    config = RunConfig(training=TrainingOptions(epochs=4), split=SplitOptions(recipe="regions"))
    return train(labelled(), tmp_path_factory.mktemp("run") / "run", config)


def test_its_own_scene_gives_its_own_test_pixels(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    result = evaluate(predictor, prepared.split, scene, labels)
    ours, _ = evaluate_run(predictor, prepared)
    assert np.array_equal(result.matrix.counts, ours.matrix.counts)
    assert result.matrix.total == prepared.split.total("test") > 0
    assert "own" in result.remarks[0]


def test_figures_agree_with_the_map(trained):
    """The matrix is what one counts by hand from the mapped classes."""
    from spectralmamba.mapping import predict_scene

    _, predictor, prepared = trained
    scene, labels = simulated()
    result = evaluate(predictor, prepared.split, scene, labels)
    mapped, _ = predict_scene(predictor, scene)
    test = prepared.split.scenes["small"].test.values > 0
    assert result.matrix.overall_accuracy == pytest.approx((mapped == labels.values)[test].mean())


def test_a_part_of_the_scene_is_recognised_by_its_coordinates(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    part = {"y": slice(5, 40), "x": slice(3, 48)}
    result = evaluate(predictor, prepared.split, scene.isel(part), labels.isel(part))
    assert result.matrix.total == (prepared.split.scenes["small"].test.values[5:40, 3:48] > 0).sum()


def test_without_test_pixels_the_learned_ones_and_their_surroundings_are_left_out(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    own = prepared.split.scenes["small"]
    untested = only_where(labels, own.test.values == 0)
    with pytest.raises(LabelError, match="not trained on"):
        evaluate(predictor, prepared.split, scene, only_where(labels, own.train.values > 0))
    learned = (own.train.values > 0) | (own.validation.values > 0)
    extra = untested.copy(data=np.where(~learned & (own.test.values == 0), 1, untested.values).astype(np.uint8))
    result = evaluate(predictor, prepared.split, scene, extra)
    rows, columns = np.nonzero(learned)
    buffer = prepared.split.buffer
    near = np.zeros(learned.shape, bool)
    for r, c in zip(rows, columns, strict=True):
        near[max(r - buffer, 0) : r + buffer + 1, max(c - buffer, 0) : c + buffer + 1] = True
    valid = np.isfinite(scene.values[prepared.bands]).all(axis=0)
    assert result.matrix.total == ((extra.values > 0) & ~near & valid).sum()
    assert "0 within 2r" in " ".join(result.remarks)


def test_pixels_are_found_on_another_grid():
    scene = simulated()[0]
    split_scene = labelled()
    from spectralmamba.training.prepare import prepare

    split = prepare(split_scene, RunConfig(split=SplitOptions(recipe="random"))).split
    grid = grid_of(scene)
    finer = xr.DataArray(np.zeros((1, 96, 96), np.float32), dims=("band", "y", "x"))
    finer = with_grid(finer, grid.crs, grid.transform @ Affine.scale(0.5))
    seen = seen_pixels(split, finer)
    train_map = split.scenes["small"].train.values > 0
    assert np.array_equal(seen.trained, train_map.repeat(2, axis=0).repeat(2, axis=1))  # the whole footprint
    half = with_grid(
        scene.isel(band=slice(0, 1)).drop_vars(["x", "y"]), grid.crs, grid.transform @ Affine.translation(0.5, 0)
    )
    touched = seen_pixels(split, half).trained
    assert np.array_equal(touched[:, :-1], train_map[:, :-1] | train_map[:, 1:])
    elsewhere = with_grid(finer.copy(), grid.crs, Affine.translation(5e5, 9e6) @ Affine.scale(4, -4))
    assert not seen_pixels(split, elsewhere).near.any()
    degrees = with_grid(finer.copy(), CRS.from_epsg(4326), Affine.translation(-170, 80) @ Affine.scale(0.01, -0.01))
    assert not seen_pixels(split, degrees).near.any()


def test_a_scene_without_georeferencing_of_the_same_size_counts_as_the_same(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    bare = scene.drop_vars(["x", "y", "spatial_ref"])
    own = prepared.split.scenes["small"]
    maps = [own.part(p).drop_vars(["x", "y", "spatial_ref"], errors="ignore") for p in ("train", "validation", "test")]
    split = type(prepared.split)({"small": type(own)(*maps)}, "regions", 0, 2, 4)
    result = evaluate(predictor, split, bare, labels.drop_vars(["x", "y", "spatial_ref"]))
    assert result.matrix.total == prepared.split.total("test")


def test_only_one_side_georeferenced_counts_as_the_same_scene_where_the_size_fits(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    bare = ["x", "y", "spatial_ref"]
    result = evaluate(predictor, prepared.split, scene.drop_vars(bare), labels.drop_vars(bare))
    assert result.matrix.total == prepared.split.total("test")
    part = {"y": slice(0, 40)}
    other = evaluate(predictor, prepared.split, scene.drop_vars(bare).isel(part), labels.drop_vars(bare).isel(part))
    assert "not known" in other.remarks[0]


def test_bare_scenes_of_one_size_are_told_apart_by_name():
    from spectralmamba.training.prepare import prepare

    scene, labels = simulated()
    bare = ["x", "y", "spatial_ref"]
    turned = [np.rot90(a.drop_vars(bare).values, 2, axes=(-2, -1)) for a in (scene, labels)]
    first = LabelledScene(scene.drop_vars(bare), labels.drop_vars(bare))
    second = LabelledScene(
        first.scene.copy(data=turned[0]).assign_attrs(source="turned"), first.labels.copy(data=turned[1])
    )
    split = prepare({"a": first, "b": second}, RunConfig(split=SplitOptions(recipe="random"))).split
    seen = seen_pixels(split, first.scene.rename("a"))
    assert np.array_equal(seen.tested, split.scenes["a"].test.values > 0)
    unnamed = seen_pixels(split, first.scene.rename("c"))
    for own in split.scenes.values():
        assert not (unnamed.tested & ((own.train.values > 0) | (own.validation.values > 0))).any()


def test_made_up_names_give_way_to_real_ones(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    nameless = labels.copy()
    nameless.attrs["classes"] = ClassTable.from_numbers([1, 2, 3])
    assert evaluate(predictor, prepared.split, scene, nameless).matrix.total == prepared.split.total("test")


def test_classes_the_model_does_not_know_are_left_out_and_said(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    test = prepared.split.scenes["small"].test.values > 0
    some = np.flatnonzero(test & (labels.values == 1))[:5]
    values = labels.values.copy()
    values.flat[some] = 77
    other = labels.copy(data=values)
    other.attrs.pop("classes")
    result = evaluate(predictor, prepared.split, scene, other)
    assert result.matrix.total == test.sum() - 5
    assert any("5 pixels of classes" in remark for remark in result.remarks)


def test_a_number_that_means_another_class_is_refused(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    renamed = labels.copy()
    renamed.attrs["classes"] = ClassTable.from_numbers([1, 2, 3], ["glacier", "lava", "sea"])
    with pytest.raises(LabelError, match="glacier"):
        evaluate(predictor, prepared.split, scene, renamed)


def test_scenes_and_labels_that_do_not_fit_are_refused(trained):
    _, predictor, prepared = trained
    scene, labels = simulated()
    with pytest.raises(SceneError, match="10 bands"):
        evaluate(predictor, prepared.split, scene.isel(band=slice(0, 10)), labels)
    with pytest.raises(LabelError, match="grid"):
        evaluate(predictor, prepared.split, scene, labels.isel(x=slice(0, 9)))


def test_references_see_the_same_test_pixels(trained):
    run, predictor, prepared = trained
    test, validation = evaluate_run(predictor, prepared)
    references = [make(prepared, 0) for make in REFERENCES.values()]
    for reference in references:
        assert np.array_equal(reference.matrix.support, test.matrix.support)
        assert reference.matrix.overall_accuracy > 0.5
    metrics = run_metrics(predictor, prepared, test, validation, references)
    assert set(metrics["references"]) == {"random forest", "support vector machine"}
    run.write_metrics(metrics)
    assert run.metrics() == metrics


def test_calibration_error_of_known_cases():
    assert expected_calibration_error(np.array([1.0, 1.0, 1.0, 1.0]), np.array([True, True, False, False])) == 0.5
    assert expected_calibration_error(np.array([0.5, 0.5]), np.array([True, False])) == 0
    assert np.isnan(expected_calibration_error(np.array([]), np.array([], bool)))
