"""Bad input: one line that says what is wrong and what to do, exit code 2, nothing written."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import rasterio
import scipy.io
import xarray as xr

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.labels import open_labels
from spectralmamba.sampling.label_files import write_label_map
from spectralmamba.sampling.split import only_where
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.export import write_scene
from tests.cli.conftest import QUICK


@pytest.fixture
def refused(capsys, tmp_path):
    """Run a command that must be refused, and give its line."""

    def check(*arguments: object, code: int = 2) -> str:
        before = sorted(tmp_path.rglob("*"))
        assert spectralmamba([str(a) for a in arguments]) == code
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("error: ")
        assert captured.err.count("\n") == 1, captured.err
        assert "Traceback" not in captured.err
        assert sorted(tmp_path.rglob("*")) == before, "something was written"
        return captured.err

    return check


def some_labels(files, tmp_path, change):
    """Write the labels after ``change(values)``."""
    labels = open_labels(files.labels, like=open_scene(files.scene))
    values = labels.values.copy()
    change(values)
    path = tmp_path / "changed.tif"
    write_label_map(labels.copy(data=values), path)
    return path


@pytest.mark.parametrize("place", ["scene", "labels"])
def test_a_missing_file(refused, files, tmp_path, place):
    paths = {"scene": files.scene, "labels": files.labels} | {place: tmp_path / "nowhere.tif"}
    line = refused("train", paths["scene"], paths["labels"], "--out", tmp_path / "run")
    assert "nowhere.tif" in line


@pytest.mark.parametrize("command", ["info", "train", "map", "evaluate"])
def test_not_a_scene(refused, files, tmp_path, command):
    (tmp_path / "notes.txt").write_text("not a scene")
    text = tmp_path / "notes.txt"
    arguments = {
        "info": [text],
        "train": [text, files.labels, "--out", tmp_path / "run"],
        "map": [files.run, text, "--out", tmp_path / "map.tif"],
        "evaluate": [files.run, text, files.labels],
    }
    assert "notes.txt" in refused(command, *arguments[command])


def test_a_truncated_geotiff(refused, files, tmp_path):
    content = files.scene.read_bytes()
    (tmp_path / "cut.tif").write_bytes(content[: len(content) // 2])
    assert "cut.tif" in refused("train", tmp_path / "cut.tif", files.labels, "--out", tmp_path / "run")
    assert "cut.tif" in refused("map", files.run, tmp_path / "cut.tif", "--out", tmp_path / "map.tif")


def test_a_broken_mat(refused, files, tmp_path):
    scipy.io.savemat(tmp_path / "whole.mat", {"cube": np.random.default_rng(0).normal(size=(9, 9, 9))})
    content = (tmp_path / "whole.mat").read_bytes()
    (tmp_path / "broken.mat").write_bytes(content[: len(content) // 2])
    assert "broken.mat" in refused("info", tmp_path / "broken.mat")


def test_a_mat_with_two_cubes_asks_for_a_variable(refused, tmp_path, files):
    cube = np.random.default_rng(0).normal(size=(9, 9, 9))
    scipy.io.savemat(tmp_path / "two.mat", {"first": cube, "second": cube})
    line = refused("train", tmp_path / "two.mat", files.labels, "--out", tmp_path / "run")
    assert "variable" in line
    assert "first" in line


def test_labels_of_another_size(refused, files, tmp_path):
    np.save(tmp_path / "small.npy", np.ones((40, 48), np.uint8))
    line = refused("train", files.scene, tmp_path / "small.npy", "--out", tmp_path / "run")
    assert "40" in line
    assert "48" in line


def test_no_labelled_pixel(refused, files, tmp_path):
    np.save(tmp_path / "empty.npy", np.zeros((48, 48), np.uint8))
    assert "no labelled pixel" in refused("train", files.scene, tmp_path / "empty.npy", "--out", tmp_path / "run")


@pytest.mark.parametrize("split", ["random", "regions", "blocks", "auto"])
def test_a_class_with_one_pixel(refused, files, tmp_path, split):
    def leave_one(values):
        values.flat[np.flatnonzero(values == 3)[1:]] = 0

    path = some_labels(files, tmp_path, leave_one)
    line = refused("train", files.scene, path, "--out", tmp_path / "run", "--split", split)
    assert "class 3" in line
    assert "--drop-class 3" in line


@pytest.mark.parametrize("size", [0, 2, 4, 17, -3])
def test_an_impossible_patch_size(refused, files, tmp_path, size):
    arguments = ["train", files.scene, files.labels, "--out", tmp_path / "run", "--patch-size", size]
    assert f"patch size {size}" in refused(*arguments)
    assert f"patch size {size}" in refused("count", "spectralmamba", "--bands", 9, "--classes", 3, "--patch-size", size)


def test_a_patch_over_the_scenes_smaller_side(refused, files, tmp_path):
    scene = open_scene(files.scene)
    labels = open_labels(files.labels, like=scene)
    write_scene(scene.isel(y=slice(20, 26)), tmp_path / "strip.tif")
    write_label_map(labels.isel(y=slice(20, 26)), tmp_path / "strip_labels.tif")
    arguments = ["train", tmp_path / "strip.tif", tmp_path / "strip_labels.tif", "--out", tmp_path / "run"]
    assert "6 pixels" in refused(*arguments, "--patch-size", 7)


def test_a_scene_with_other_bands_than_the_models(refused, files, tmp_path):
    write_scene(open_scene(files.scene).isel(band=slice(0, 20)), tmp_path / "fewer.tif")
    for command in (
        ["map", files.run, tmp_path / "fewer.tif", "--out", tmp_path / "map.tif"],
        ["evaluate", files.run, tmp_path / "fewer.tif", files.labels],
    ):
        line = refused(*command)
        assert "20 bands" in line
        assert "24" in line


def test_an_all_nan_scene(refused, files, tmp_path):
    scene = open_scene(files.scene)
    write_scene(scene.copy(data=np.full(scene.shape, np.nan, np.float32)), tmp_path / "empty.tif")
    refused("train", tmp_path / "empty.tif", files.labels, "--out", tmp_path / "run")
    refused("map", files.run, tmp_path / "empty.tif", "--out", tmp_path / "map.tif", "--confidence", tmp_path / "c.tif")
    refused("evaluate", files.run, tmp_path / "empty.tif", files.labels)


def test_an_output_folder_that_cannot_be_written(refused, files, tmp_path):
    (tmp_path / "file").write_text("")
    for arguments in (
        ["train", files.scene, files.labels, "--out", tmp_path / "file" / "run"],
        ["train", files.scene, files.labels, "--out", tmp_path / "file"],
        ["map", files.run, files.scene, "--out", tmp_path / "file" / "map.tif"],
        ["demo", "--out", tmp_path / "file" / "demo"],
    ):
        assert "file" in refused(*arguments)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_folder_without_permission(refused, files, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o555)
    refused("train", files.scene, files.labels, "--out", tmp_path / "locked" / "run")


def test_a_run_that_is_in_the_way(refused, files, tmp_path):
    shutil.copytree(files.run, tmp_path / "run")
    line = refused("train", files.scene, files.labels, "--out", tmp_path / "run")
    assert "--resume" in line
    assert "--overwrite" in line


def test_a_folder_that_is_no_run_is_never_replaced(refused, files, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_text("")
    for flag in ([], ["--resume"], ["--overwrite"]):
        assert "no run" in refused("train", files.scene, files.labels, "--out", tmp_path / "photos", *flag)
    assert "no demo" in refused("demo", "--out", tmp_path / "photos")


def test_a_map_that_is_in_the_way(refused, files, tmp_path):
    (tmp_path / "map.tif").write_text("mine")
    assert "--overwrite" in refused("map", files.run, files.scene, "--out", tmp_path / "map.tif")
    assert (tmp_path / "map.tif").read_text() == "mine"


def test_resume_and_overwrite_at_once(refused, files, tmp_path):
    line = refused("train", files.scene, files.labels, "--out", tmp_path / "run", "--resume", "--overwrite")
    assert "contradict" in line


def test_a_run_that_is_none(refused, files, tmp_path):
    refused("map", tmp_path, files.scene, "--out", tmp_path / "map.tif")
    refused("evaluate", tmp_path / "nowhere", files.scene, files.labels)


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_damaged_run(refused, files, tmp_path, name):
    shutil.copytree(files.run, tmp_path / "run")
    (tmp_path / "run" / name).write_bytes(b"{")
    assert "damaged" in refused("map", tmp_path / "run", files.scene, "--out", tmp_path / "map.tif")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--epochs", "0"],
        ["--learning-rate", "-1"],
        ["--split", "alphabetical"],
        ["--model", "resnet"],
        ["--option", "piece_size"],
        ["--option", "colour=red"],
        ["--option", "layout=diagonal"],
        ["--option", "position=wavelength", "--option", "dim=0"],
        ["--train-fraction", "1.5"],
        ["--train-count", "5", "--split", "blocks"],
        ["--block-size", "0", "--split", "blocks"],
        ["--buffer", "-1"],
        ["--seed", "-1"],
        ["--device", "abacus"],
        ["--class-weights", "heavy"],
        ["--split", "tiles"],
        ["--folds", "nowhere.csv"],
        ["--config", "nowhere.yaml"],
        ["--mask", "nowhere.tif"],
        ["--test-labels", "nowhere.tif"],
        ["--pair", "nowhere.tif"],
        ["--drop-class", "1", "--drop-class", "2"],
        ["--drop-class", "77"],
        ["--option", "n_bands=3"],
        ["--option", "wavelengths=1"],
        ["--block-size", "8", "--split", "random"],
        ["--test-fold", "1"],
        ["--split", "fixed"],
    ],
)
def test_an_impossible_option(refused, files, tmp_path, arguments):
    refused("train", files.scene, files.labels, "--out", tmp_path / "run", *arguments)


def test_a_figure_that_cannot_be_drawn(refused, files, tmp_path):
    refused("map", files.run, files.scene, "--out", tmp_path / "map.tif", "--figure", tmp_path / "map.xyz")


@pytest.mark.parametrize("place", ["scene", "run", "labels", "not a tif"])
def test_outputs_that_would_replace_an_input(refused, files, tmp_path, place):
    target = {
        "scene": files.scene,
        "run": files.run / "model.json",
        "labels": files.labels,
        "not a tif": tmp_path / "map.png",
    }[place]
    before = target.read_bytes() if target.exists() else None
    drawing = ["--labels", files.labels, "--figure", tmp_path / "f.png"]
    assert "cannot write" in refused("map", files.run, files.scene, "--out", target, "--overwrite", *drawing)
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_tile_of_the_mosaic_is_not_replaced(refused, files, tmp_path):
    (tmp_path / "tiles").mkdir()
    shutil.copy(files.scene, tmp_path / "tiles" / "a.tif")
    refused("map", files.run, tmp_path / "tiles", "--out", tmp_path / "tiles" / "map.tif")


def test_resuming_with_other_labels(refused, files, tmp_path):
    shutil.copytree(files.run, tmp_path / "run")

    def swap(values):
        values[values == 1], values[values == 2] = 9, 1

    path = some_labels(files, tmp_path, swap)
    assert "other data" in refused("train", files.scene, path, "--out", tmp_path / "run", "--resume")


def test_a_damaged_checkpoint_is_one_line(refused, files, tmp_path):
    shutil.copytree(files.run, tmp_path / "run")
    (tmp_path / "run" / "model.json").unlink()
    for state in (tmp_path / "run" / "checkpoints").glob("*/state.json"):
        state.write_text('{"a": 1}')
    assert "damaged" in refused("train", files.scene, files.labels, "--out", tmp_path / "run", "--resume")


def test_more_training_pixels_than_there_are(refused, files, tmp_path):
    count = ["--split", "random", "--train-count", 5000]
    assert "--train-count" in refused("train", files.scene, files.labels, "--out", tmp_path / "run", *count)


def test_the_same_scene_twice(refused, files, tmp_path):
    pair = ["--pair", files.scene, files.labels]
    assert "same place" in refused("train", files.scene, files.labels, *pair, "--out", tmp_path / "run")


def test_unknown_commands_and_options(refused):
    assert "frobnicate" in refused("frobnicate")
    assert "--frobnicate" in refused("train", "--frobnicate")
    refused("train")


def test_a_config_with_a_misspelt_key(refused, files, tmp_path):
    (tmp_path / "config.yaml").write_text("training:\n  epochz: 3\n")
    line = refused("train", files.scene, files.labels, "--out", tmp_path / "run", "--config", tmp_path / "config.yaml")
    assert "epochz" in line


def test_labels_that_were_learned_from(refused, files, tmp_path):
    train = xr.DataArray(rasterio.open(files.run / "split" / "train.tif").read(1), dims=("y", "x"))
    labels = open_labels(files.labels, like=open_scene(files.scene))
    write_label_map(only_where(labels, train.values > 0), tmp_path / "learned.tif")
    assert "trained on" in refused("evaluate", files.run, files.scene, tmp_path / "learned.tif")


def test_resuming_with_other_options(refused, files, tmp_path):
    shutil.copytree(files.run, tmp_path / "run")
    arguments = ["train", files.scene, files.labels, "--out", tmp_path / "run", "--resume", *QUICK]
    assert "begun with" in refused(*arguments, "--seed", 5)


def test_debug_shows_the_traceback_before_the_line(capfd, tmp_path):
    assert spectralmamba(["--debug", "info", str(tmp_path / "nowhere.tif")]) == 2
    shown = capfd.readouterr().err
    assert "Traceback" in shown
    assert "nowhere.tif" in shown.splitlines()[-1]


def test_debug_leaves_out_what_other_libraries_tell():
    told = "logging.getLogger('numba.core').isEnabledFor(10), logging.getLogger('spectralmamba.ops').isEnabledFor(10)"
    script = f"import logging; from spectralmamba.cli.main import run; run(['--debug']); print({told})"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "False True"


def test_a_defect_is_one_line_and_another_code(refused, monkeypatch, files):
    def broken(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("spectralmamba.scenes.options.open_scene", broken)
    assert "please report" in refused("info", files.scene, code=1)
