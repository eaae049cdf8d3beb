"""Every registered model through the same ``train``, ``evaluate`` and ``map``, as a user types them."""

import json

import numpy as np
import pytest
import rasterio

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.models import model_names
from spectralmamba.models.saved import load_predictor
from tests.cli.conftest import QUICK


def succeeds(*arguments: object) -> None:
    assert spectralmamba([str(a) for a in arguments]) == 0


@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("name", model_names())
def test_it_is_trained_evaluated_and_mapped(name, patch_size, files, tmp_path, capsys):
    run, tif = tmp_path / "run", tmp_path / "map.tif"
    model = ("--model", name, "--patch-size", patch_size)
    succeeds("train", files.scene, files.labels, "--out", run, *model, *QUICK)
    assert load_predictor(run).model.config.patch_size == patch_size
    capsys.readouterr()
    succeeds("evaluate", run, files.scene, files.labels, "--json")
    found = json.loads(capsys.readouterr().out)
    metrics = json.loads((run / "metrics.json").read_text())
    assert found["confusion_matrix"] == metrics["test"]["confusion_matrix"]
    succeeds("map", run, files.scene, "--out", tif)
    with rasterio.open(tif) as file, rasterio.open(files.scene) as scene:
        assert np.array_equal(file.read(1) > 0, np.isfinite(scene.read(2)))


@pytest.mark.slow
@pytest.mark.parametrize("patch_size", [1, 3])
@pytest.mark.parametrize("name", model_names())
def test_it_learns_the_small_problem(name, patch_size, files, tmp_path):
    run = tmp_path / "run"
    model = ("--model", name, "--patch-size", patch_size)
    recipe = ("--split", "random", "--epochs", 20, "--batch-size", 32)
    succeeds("train", files.scene, files.labels, "--out", run, *model, *recipe)
    assert json.loads((run / "metrics.json").read_text())["test"]["overall_accuracy"] > 0.9
