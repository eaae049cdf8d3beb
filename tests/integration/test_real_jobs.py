"""The two jobs of the README on real scenes, through the command line, with few epochs."""

import json

import numpy as np
import pytest
import rasterio

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.scenes import open_scene

pytestmark = pytest.mark.real_data


def command(*arguments: object) -> None:
    assert spectralmamba([str(a) for a in arguments]) == 0


def near(rows: np.ndarray, columns: np.ndarray, others: np.ndarray, distance: int) -> int:
    """Count pixels within ``distance`` (Chebyshev) of any other, one by one."""
    other_rows, other_columns = np.nonzero(others)
    return sum(
        bool((np.maximum(abs(other_rows - r), abs(other_columns - c)) <= distance).any())
        for r, c in zip(rows, columns, strict=True)
    )


def test_enmap_tiles_by_fold(tmp_path, data_folder):
    tiles = data_folder / "enmap_potsdam"
    run = tmp_path / "run"
    folds = ["--folds", tiles / "folds.csv", "--test-fold", 0]
    command("train", tiles / "images", tiles / "labels", *folds, "--epochs", 3, "--out", run)
    model = json.loads((run / "model.json").read_text())
    assert len(model["bands"]["kept"]) == 215  # 130–135 are empty, 164–166 hidden by water vapour
    assert not {*range(129, 135), *range(163, 166)} & set(model["bands"]["kept"])
    assert [c["number"] for c in model["classes"]] == [1, 2, 3, 4, 5, 6]
    parts = {}
    for part in ("train", "validation", "test"):
        with rasterio.open(run / "split" / f"{part}.tif") as file:
            assert file.crs.to_epsg() == 32633
            parts[part] = file.read(1)
    assert (parts["test"] > 0).sum() == 1413  # the labelled pixels of the four tiles of fold 0, counted by hand
    learned = (parts["train"] > 0) | (parts["validation"] > 0)
    assert near(*np.nonzero(parts["test"]), learned, 4) == 0
    assert near(*np.nonzero(parts["test"]), learned, 5) > 0
    command("map", run, tiles / "images", "--out", tmp_path / "map.tif", "--tile", 50)
    with rasterio.open(tmp_path / "map.tif") as file:
        classes, transform = file.read(1), file.transform
    assert classes.shape == (192, 160)
    assert (transform.c, transform.f, transform.a) == (364095, 5809965, 30)
    assert (classes > 0).sum() == 18 * 32 * 32
    metrics = json.loads((run / "metrics.json").read_text())
    test = parts["test"] > 0
    assert metrics["test"]["overall_accuracy"] == pytest.approx((classes == parts["test"])[test].mean())


def test_salinas_a_from_two_mat_files(tmp_path, data_folder):
    folder = data_folder / "salinas_a"
    scene, labels = folder / "SalinasA_corrected.mat", folder / "SalinasA_gt.mat"
    command("train", scene, labels, "--epochs", 5, "--out", tmp_path / "run")
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert metrics["split"].startswith("blocks with a buffer of 4 pixels")
    assert metrics["test"]["overall_accuracy"] > 0.9
    command("map", tmp_path / "run", scene, "--out", tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        classes = file.read(1)
        assert file.crs is None
    assert set(np.unique(classes)) == {1, 10, 11, 12, 13, 14}
    assert classes.shape == open_scene(scene).shape[1:]
