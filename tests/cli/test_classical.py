"""Models of scikit-learn through the commands, as a user types them."""

import json
import re

import numpy as np
import pytest
import rasterio
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from spectralmamba.cli.main import run as spectralmamba

MODELS = {
    "svm": ["--option", "penalty=[1,10]", "--option", "gamma=scale"],
    "randomforest": ["--option", "n_trees=20", "--option", "max_features=sqrt"],
}
each_form = pytest.mark.parametrize("patch_size", [1, 3])


def output(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def error(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    return message


@pytest.fixture(scope="module", params=[(name, size) for name in MODELS for size in (1, 3)], ids=str)
def trained(request, files, tmp_path_factory):
    """Name, patch size and folder of a run of each model in each form."""
    name, patch_size = request.param
    run = tmp_path_factory.mktemp(name) / "run"
    arguments = ["train", files.scene, files.labels, "--out", run, "--model", name, "--patch-size", patch_size]
    assert spectralmamba([str(a) for a in [*arguments, "--split", "regions", *MODELS[name]]]) == 0
    return name, patch_size, run


def test_the_run_holds_what_a_run_holds(trained):
    name, patch_size, run = trained
    names = {str(p.relative_to(run)) for p in run.rglob("*") if p.is_file()}
    assert {"config.yaml", "model.skops", "model.json", "history.csv", "metrics.json", "report.html"} <= names
    assert not any(n.startswith("checkpoints/") or n.endswith(("training.png", ".safetensors")) for n in names)
    assert (run / "history.csv").read_text().splitlines() == [
        "epoch,learning_rate,train_loss,validation_loss,validation_accuracy,seconds"
    ]
    model, metrics = (json.loads((run / file).read_text()) for file in ("model.json", "metrics.json"))
    assert model["model"]["name"] == name
    assert model["model"]["options"]["patch_size"] == patch_size
    assert model["radius"] == patch_size // 2
    assert 0.05 <= model["calibration"]["temperature"] <= 20
    assert set(model["training"]) == {
        *("selected_on", "chosen", "trials", "calibrated_on", "learned_validation", "split", "identity")
    }
    assert metrics["test"]["overall_accuracy"] > 0.7
    assert metrics["costs"]["parameters"] > 0


def test_validation_pixels_that_were_learned_from_are_no_figure(trained):
    _, _, run = trained
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["validation"] is None
    assert any("learned from the validation pixels" in remark for remark in metrics["test"]["remarks"])


def test_the_report_says_how_it_was_fitted(trained):
    _, _, run = trained
    text = re.sub(r"\s+", " ", (run / "report.html").read_text(encoding="utf-8"))
    chosen = json.loads((run / "model.json").read_text())["training"]["chosen"]
    for key, value in chosen.items():
        assert f"{key} = {value}" in text
    assert "fitted at once to training and validation pixels" in text
    assert "cross-validation in 3 folds" in text
    assert "epoch" not in text.split("To repeat this run")[0].split("</style>")[1]


def test_evaluate_repeats_its_figure(trained, files, capsys):
    _, _, run = trained
    found = json.loads(output(capsys, "evaluate", run, files.scene, files.labels, "--json"))
    kept = json.loads((run / "metrics.json").read_text())["test"]
    assert found["confusion_matrix"] == kept["confusion_matrix"]
    assert found["expected_calibration_error"] == pytest.approx(kept["expected_calibration_error"])


def test_the_map_is_the_same_to_the_last_bit_for_any_tiles(trained, files, tmp_path, capsys):
    _, _, run = trained
    for tile in (64, 17):
        outputs = ["--out", tmp_path / f"map{tile}.tif", "--confidence", tmp_path / f"confidence{tile}.tif"]
        output(capsys, "map", run, files.scene, *outputs, "--tile", tile)
    for kind in ("map", "confidence"):
        assert (tmp_path / f"{kind}64.tif").read_bytes() == (tmp_path / f"{kind}17.tif").read_bytes()
    with rasterio.open(tmp_path / "map64.tif") as file, rasterio.open(files.scene) as scene:
        classes = file.read(1)
        assert np.array_equal(classes > 0, np.isfinite(scene.read(2)))
    with rasterio.open(run / "split" / "train.tif") as file:
        own = file.read(1)
    assert (classes == own)[own > 0].mean() > 0.9
    with rasterio.open(tmp_path / "confidence64.tif") as file:
        confidence = file.read(1)[classes > 0]
    assert confidence.min() > 1 / 3 - 1e-6
    assert confidence.max() <= 1
    assert confidence.std() > 0.01


def test_resume(trained, files, capsys):
    name, _, run = trained
    base = ["train", files.scene, files.labels, "--out", run, "--resume"]
    before = {p: p.stat().st_mtime_ns for p in (run / "model.skops", run / "model.json", run / "history.csv")}
    metrics = (run / "metrics.json").read_text()
    output(capsys, *base)  # it has ended: nothing is fitted
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert (run / "metrics.json").read_text() == metrics
    description = (run / "model.json").read_text()
    (run / "model.json").unlink()  # as where the process was killed
    output(capsys, *base)
    assert (run / "model.json").read_text() == description
    assert (run / "metrics.json").read_text() == metrics
    assert "begun with" in error(capsys, *base, "--option", "n_trees=21" if name == "randomforest" else "gamma=1.0")


@pytest.mark.parametrize("name", MODELS)
def test_a_network_and_a_classical_model_take_each_others_place(name, files, capsys, tmp_path):
    run, quick = tmp_path / "run", ["--split", "random", "--epochs", 1, "--overwrite"]
    base = ["train", files.scene, files.labels, "--out", run]
    output(capsys, *base, "--model", name, *MODELS[name], *quick)
    output(capsys, *base, *quick)
    assert not (run / "model.skops").exists()
    output(capsys, *base, "--model", name, *MODELS[name], *quick)
    assert not (run / "model.safetensors").exists()
    assert not (run / "checkpoints").exists()


def test_a_run_with_types_that_are_not_trusted_is_refused_in_one_line(files, capsys, tmp_path):
    run = tmp_path / "run"
    output(capsys, "train", files.scene, files.labels, "--out", run, "--model", "svm", *MODELS["svm"])
    pipeline = make_pipeline(FunctionTransformer(np.linalg.norm), LogisticRegression())
    (run / "model.skops").write_bytes(skops.io.dumps(pipeline))
    assert "not trusted" in error(capsys, "map", run, files.scene, "--out", tmp_path / "map.tif")
    assert not (tmp_path / "map.tif").exists()
    assert "not trusted" in error(capsys, "evaluate", run, files.scene, files.labels)


@each_form
@pytest.mark.parametrize("name", MODELS)
def test_count_says_that_the_size_is_known_after_training_only(name, patch_size, capsys):
    arguments = ["count", name, "--bands", 24, "--classes", 3, "--patch-size", patch_size]
    found = json.loads(output(capsys, *arguments, "--json"))
    assert found["parameters"] is found["macs"] is found["macs_dense"] is None
    assert spectralmamba([str(a) for a in arguments]) == 0
    assert f"the size of {name} is known after training only" in capsys.readouterr().err


def test_an_impossible_option_is_one_line(files, capsys, tmp_path):
    base = ["train", files.scene, files.labels, "--out", tmp_path / "run", "--model"]
    assert "penalty" in error(capsys, *base, "svm", "--option", "penalty=-3")
    assert "no option 'dim'" in error(capsys, *base, "randomforest", "--option", "dim=3")
    assert not (tmp_path / "run").exists()


def test_references_are_these_models(files, capsys, tmp_path):
    text = output(
        *(capsys, "train", files.scene, files.labels, "--out", tmp_path / "run", "--split", "random"),
        *("--epochs", 1, "--references"),
    )
    assert "random forest" in text
    assert "support vector machine" in text
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    svm = ["--model", "svm", "--patch-size", 1, "--config", tmp_path / "run" / "config.yaml"]
    output(capsys, "train", files.scene, files.labels, "--out", tmp_path / "svm", *svm)
    own = json.loads((tmp_path / "svm" / "metrics.json").read_text())["test"]
    assert set(metrics["references"]) == {"random forest", "support vector machine"}
    reference = metrics["references"]["support vector machine"]
    assert own["confusion_matrix"] == reference["confusion_matrix"]
