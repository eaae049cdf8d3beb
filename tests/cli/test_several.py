"""Several scenes through the commands: lists of them, splits by scene, runs that are repeated and gone on with."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import yaml
from affine import Affine

from spectralmamba.cli.main import run as spectralmamba
from tests.small import write_files

QUICK = ["--epochs", "2", "--batch-size", "64"]


def output(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def refused(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1].startswith("error: ")
    return captured.err


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three scenes that lie apart, each in a folder of its own under the same name, and a list of them."""
    place = tmp_path_factory.mktemp("several")
    for i, name in enumerate(("a", "b", "c")):
        (place / name).mkdir()
        for path in write_files(place / name, seed=i):
            with rasterio.open(path, "r+") as file:
                file.transform = Affine.translation(5000 * i, 0) @ file.transform
    rows = [f"{name}/scene.tif,{name}/labels.tif,{name}" for name in ("a", "b", "c")]
    (place / "scenes.csv").write_text("\n".join(["scene,labels,name", *rows]) + "\n")
    return place


@pytest.fixture(scope="module")
def run(folder) -> Path:
    """A run that was tested on the third scene."""
    arguments = ["train", "--pairs", folder / "scenes.csv", "--out", folder / "run", "--test-scene", "c", *QUICK]
    assert spectralmamba([str(a) for a in arguments]) == 0
    return folder / "run"


def config_of(run: Path) -> dict:
    return yaml.safe_load((run / "config.yaml").read_text())


def test_a_list_and_a_scene_to_test_on(run, folder):
    config = config_of(run)
    assert [item["name"] for item in config["data"]] == ["a", "b", "c"]
    assert config["data"][1]["labels"] == str(folder / "b" / "labels.tif")
    assert config["split"]["recipe"] == "scenes"
    assert config["split"]["test_scenes"] == ["c"]
    split = json.loads((run / "split" / "split.json").read_text())
    assert list(split["scenes"]) == ["a", "b", "c"]
    assert split["leakage"]["within_twice_radius"] == 0
    with rasterio.open(run / "split" / "003_train.tif") as train, rasterio.open(run / "split" / "001_test.tif") as test:
        assert not train.read(1).any()
        assert not test.read(1).any()


def test_a_run_is_gone_on_with_and_repeated_without_naming_its_scenes(capsys, run, folder, tmp_path):
    weights = (run / "model.safetensors").read_bytes()
    output(capsys, "train", "--out", run, "--resume")
    assert (run / "model.safetensors").read_bytes() == weights
    output(capsys, "train", "--out", tmp_path / "again", "--config", run / "config.yaml")
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == weights
    line = refused(capsys, "train", "--out", run, "--resume", "--test-scene", "b")
    assert "begun with split.test_scenes = ['c'], not ['b']" in line


def test_pairs_of_one_stem_are_told_apart_by_path(capsys, folder, tmp_path):
    paths = [folder / name / file for name in ("a", "b") for file in ("scene.tif", "labels.tif")]
    arguments = ["train", *paths[:2], "--pair", *paths[2:], "--out", tmp_path / "run", *QUICK]
    output(capsys, *arguments, "--test-scene", folder / "b" / "scene.tif")
    assert config_of(tmp_path / "run")["split"]["test_scenes"] == ["scene_2"]
    line = refused(capsys, *arguments, "--test-scene", "scene", "--overwrite")
    assert "several scenes are called 'scene'; give the path" in line


def test_a_list_may_say_what_each_scene_is_for(capsys, folder, tmp_path):
    rows = (folder / "scenes.csv").read_text().splitlines()
    parts = ["part", "validation", "train", "test"]
    (folder / "parts.csv").write_text("\n".join(f"{row},{part}" for row, part in zip(rows, parts, strict=True)))
    text = output(capsys, "train", "--pairs", folder / "parts.csv", "--out", tmp_path / "run", *QUICK)
    assert "scenes (tested on c; selected with a) with a buffer" in text
    (folder / "parts.csv").write_text(
        "\n".join(f"{row},{part}" for row, part in zip(rows, ["part", "", "train", ""], strict=True))
    )
    line = refused(capsys, "train", "--pairs", folder / "parts.csv", "--out", tmp_path / "other")
    assert "test for none" in line


def test_a_mask_of_one_scene_of_a_list(capsys, folder, tmp_path):
    with rasterio.open(folder / "a" / "labels.tif") as file:
        profile = file.profile | {"photometric": None}
        mask = np.zeros(file.shape, np.uint8)
    mask[:20] = 1
    with rasterio.open(folder / "clouds.tif", "w", **profile) as file:
        file.write(mask, 1)
    text = "scene,labels,name,mask\na/scene.tif,a/labels.tif,a,clouds.tif\nb/scene.tif,b/labels.tif,b,\n"
    (folder / "masked.csv").write_text(text)
    output(capsys, "train", "--pairs", folder / "masked.csv", "--out", tmp_path / "run", "--test-scene", "b", *QUICK)
    with (
        rasterio.open(tmp_path / "run" / "split" / "001_train.tif") as one,
        rasterio.open(tmp_path / "run" / "split" / "002_test.tif") as other,
    ):
        assert not one.read(1)[:20].any()
        assert other.read(1)[:20].any()


def test_scenes_of_other_bands_are_refused_or_resampled(capsys, folder, tmp_path):
    from spectralmamba.scenes import open_scene
    from spectralmamba.scenes.export import write_scene

    scene = open_scene(folder / "b" / "scene.tif").load()
    write_scene(scene.assign_coords(wavelength=scene.wavelength + 4), tmp_path / "other.tif")
    pair = ["--pair", tmp_path / "other.tif", folder / "b" / "labels.tif"]
    base = ["train", folder / "a" / "scene.tif", folder / "a" / "labels.tif", *pair, "--out", tmp_path / "run", *QUICK]
    line = refused(capsys, *base)
    assert "other: scene has 24 bands, as many as scene scene has, but 20 that it uses have no counterpart" in line
    assert "--resample" in line
    ranges = ["--wavelengths", "500-1700"]
    output(capsys, *base, *ranges, "--resample", "--test-scene", "other")
    assert [item["resample"] for item in config_of(tmp_path / "run")["data"]] == ["yes", "yes"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "there is no scene to work on"),
        (["a/scene.tif"], "has no labels"),
        (["--pairs", "nowhere.csv"], "cannot read the list of scenes"),
        (["--pairs", "scenes.csv", "--test-scene", "z"], "no scene 'z' to hold out; the scenes are a, b, c"),
        (["--pairs", "scenes.csv", "--test-scene", "a", "--split", "blocks"], "go with --split scenes"),
        (["--pairs", "scenes.csv", "--test-labels", "a/labels.tif"], "name those of several in a --pairs list"),
        (["a/scene.tif", "a/labels.tif", "--split", "scenes"], "one scene with labels"),
        (["a/scene.tif", "a/labels.tif", "--pairs", "scenes.csv"], "have labels in the same place"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys, folder, tmp_path, monkeypatch, arguments, reason):
    monkeypatch.chdir(folder)
    assert reason in refused(capsys, "train", *arguments, "--out", tmp_path / "run")
    assert not (tmp_path / "run" / "config.yaml").exists()


def test_evaluate_pools_scenes_and_gives_a_row_each(capsys, run, folder):
    text = output(capsys, "evaluate", run, "--pairs", folder / "scenes.csv")
    assert "accuracy on 3 scenes together" in text
    rows = {key: next(line for line in text.splitlines() if line.startswith(f"│ {key} ")) for key in "abc"}
    assert "– │ – │ –" in " ".join(rows["a"].split())
    found = json.loads(output(capsys, "evaluate", run, "--pairs", folder / "scenes.csv", "--json"))
    kept = json.loads((run / "metrics.json").read_text())["test"]
    assert found["confusion_matrix"] == kept["confusion_matrix"] == found["scenes"]["c"]["confusion_matrix"]
    assert [found["scenes"][key]["n_pixels"] for key in "abc"] == [0, 0, kept["n_pixels"]]
    pair = [folder / "c" / "scene.tif", folder / "c" / "labels.tif"]
    alone = json.loads(output(capsys, "evaluate", run, *pair, "--json"))
    assert alone["confusion_matrix"] == kept["confusion_matrix"]
    assert "scenes" not in alone


def test_evaluate_refuses_what_makes_no_sense(capsys, run, folder):
    a, c = ([folder / name / file for file in ("scene.tif", "labels.tif")] for name in ("a", "c"))
    assert "no scene to work on" in refused(capsys, "evaluate", run)
    assert "no labelled pixel is left" in refused(capsys, "evaluate", run, *a)
    assert "--exclude goes with one scene" in refused(capsys, "evaluate", run, *a, "--pair", *c, "--exclude", a[1])


def test_info_of_a_list_of_scenes(capsys, folder):
    found = json.loads(output(capsys, "info", "--pairs", folder / "scenes.csv", "--json"))
    assert list(found["scenes"]) == list(found["labels"]["scenes"]) == ["a", "b", "c"]
    places = {tuple(scene["footprint"]["corners"][0]) for scene in found["scenes"].values()}
    assert len(places) == 3
    for key, scene in found["labels"]["scenes"].items():
        with rasterio.open(folder / key / "labels.tif") as file:
            assert scene["labelled"] == (file.read(1) > 0).sum()
    text = output(capsys, "info", "--pairs", folder / "scenes.csv")
    assert "3 scenes" in text
    assert all(f"{key}: 48 × 48 pixels" in text for key in "abc")
    assert "has no labels" not in output(capsys, "info", folder / "a" / "scene.tif")
    assert "no scene to work on" in refused(capsys, "info")
