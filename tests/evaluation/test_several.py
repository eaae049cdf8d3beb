"""Evaluation on several scenes."""

import json

import numpy as np
import pytest

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.evaluation import evaluate, evaluate_scenes
from spectralmamba.evaluation.run_metrics import evaluate_run, evaluate_test_scenes, run_metrics
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import only_where
from spectralmamba.training import LabelledScene, RunConfig, TrainingOptions, train
from spectralmamba.training.prepare import prepare
from tests.training.test_several import several


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on three scenes, the last of which was held out."""
    options = SplitOptions(recipe="scenes", test_scenes=("s2",), validation_fraction=0.0)
    config = RunConfig(training=TrainingOptions(epochs=2, batch_size=64), split=options)
    return train(several(3), tmp_path_factory.mktemp("run") / "run", config)


def bare(item: LabelledScene) -> LabelledScene:
    """The same without a place, under a name that all share."""
    here = ["x", "y", "spatial_ref"]
    return LabelledScene(item.scene.drop_vars(here).rename("scene"), item.labels.drop_vars(here, errors="ignore"))


def test_pixels_are_pooled_and_each_scene_has_its_figures(trained):
    _, predictor, prepared = trained
    scenes = several(5)
    chosen = {key: scenes[key] for key in ("s2", "s3", "s4")}
    result = evaluate_scenes(predictor, prepared.split, chosen)
    alone = {key: evaluate(predictor, prepared.split, item.scene, item.labels) for key, item in chosen.items()}
    for key, one in alone.items():
        assert np.array_equal(result.by_scene[key].matrix.counts, one.matrix.counts)
        assert result.by_scene[key].calibration_error == pytest.approx(one.calibration_error)
    assert np.array_equal(result.pooled.matrix.counts, sum(one.matrix.counts for one in alone.values()))
    assert f"s2: the run's own {prepared.split.total('test')} test pixels (scenes split)" in result.pooled.remarks
    assert any(remark.startswith("s3: ") and "none of them learned from" in remark for remark in result.pooled.remarks)


def test_scenes_that_were_learned_from_have_no_pixel(trained):
    _, predictor, prepared = trained
    result = evaluate_scenes(predictor, prepared.split, several(3))
    assert [one.matrix.total for one in result.by_scene.values()] == [0, 0, prepared.split.total("test")]
    document = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert document["n_pixels"] == prepared.split.total("test")
    assert document["scenes"]["s0"]["n_pixels"] == 0
    assert document["scenes"]["s0"]["expected_calibration_error"] is None
    with pytest.raises(LabelError, match="no labelled pixel is left in any scene"):
        evaluate_scenes(predictor, prepared.split, several(2))


def test_scenes_without_a_place_are_known_by_their_key(trained):
    _, predictor, prepared = trained
    scenes = {key: bare(item) for key, item in several(3).items()}
    split = type(prepared.split)(
        {
            key: type(own)(*(own.part(p).drop_vars(["x", "y", "spatial_ref"]) for p in ("train", "validation", "test")))
            for key, own in prepared.split.scenes.items()
        },
        "scenes",
        0,
        prepared.split.radius,
        prepared.split.buffer,
    )
    result = evaluate_scenes(predictor, split, scenes)
    assert [one.matrix.total for one in result.by_scene.values()] == [0, 0, prepared.split.total("test")]


def test_a_bad_scene_is_refused(trained):
    _, predictor, prepared = trained
    scenes = several(4)
    fewer = LabelledScene(scenes["s3"].scene.isel(band=slice(0, 9)), scenes["s3"].labels)
    with pytest.raises(SceneError, match="9 bands"):
        evaluate_scenes(predictor, prepared.split, {"s2": scenes["s2"], "s3": fewer})
    none = LabelledScene(scenes["s3"].scene, only_where(scenes["s3"].labels, np.zeros(scenes["s3"].labels.shape, bool)))
    assert evaluate_scenes(predictor, prepared.split, {"s2": scenes["s2"], "s3": none}).by_scene["s3"].matrix.total == 0


def test_a_run_of_several_scenes_tells_the_accuracy_on_each(tmp_path):
    config = RunConfig(training=TrainingOptions(epochs=1, batch_size=64), split=SplitOptions(recipe="random"))
    _, predictor, prepared = train(several(2), tmp_path / "run", config)
    test, validation = evaluate_run(predictor, prepared)
    found = evaluate_test_scenes(predictor, prepared)
    assert list(found) == ["s0", "s1"]
    assert np.array_equal(sum(one.matrix.counts for one in found.values()), test.matrix.counts)
    document = run_metrics(predictor, prepared, test, validation, by_scene=found)
    total = (prepared.split.scenes["s1"].test.values > 0).sum()
    assert document["test_scenes"]["s1"]["n_pixels"] == total
    assert evaluate_test_scenes(predictor, prepare(several(1), config)) == {}
