"""``spectralmamba map``: going on with a map, and what is printed of it."""

import os
import re
import shutil

import numpy as np
import pytest
import rasterio
import scipy.io

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.errors import SceneError
from spectralmamba.models.predictor import ModelPredictor


@pytest.fixture
def interrupted(files, tmp_path, monkeypatch):
    """A map whose third tile failed."""
    logits, calls = ModelPredictor.logits, []

    def failing(self, window):
        calls.append(window.shape)
        if len(calls) == 3:
            raise SceneError("the disk was unplugged; plug it in")
        return logits(self, window)

    with monkeypatch.context() as patch:
        patch.setattr(ModelPredictor, "logits", failing)
        arguments = ["map", str(files.run), str(files.scene), "--out", str(tmp_path / "map.tif"), "--tile", "24"]
        assert spectralmamba(arguments) == 2
    return tmp_path / "map.tif"


def test_resume_goes_on(capsys, files, tmp_path, interrupted):
    assert "2 of 4 tiles are kept: --resume goes on" in capsys.readouterr().err
    assert spectralmamba(["map", str(files.run), str(files.scene), "--out", str(interrupted), "--resume"]) == 0
    assert "2 of 4 tiles were done before" in capsys.readouterr().err
    assert spectralmamba(["map", str(files.run), str(files.scene), "--out", str(tmp_path / "whole.tif")]) == 0
    assert interrupted.read_bytes() == (tmp_path / "whole.tif").read_bytes()


def test_an_unfinished_map_is_neither_lost_nor_mixed_up(capsys, files, interrupted, tmp_path):
    base = ["map", str(files.run), str(files.scene), "--out", str(interrupted)]
    capsys.readouterr()
    for arguments, message in [
        (base, "go on with --resume, or begin anew with --overwrite"),
        ([*base, "--resume", "--tile", "13"], "different: tile size"),
        ([*base, "--resume", "--confidence", str(tmp_path / "c.tif")], "different: outputs"),
        ([*base, "--resume", "--overwrite"], "contradict"),
    ]:
        assert spectralmamba(arguments) == 2
        line = capsys.readouterr().err
        assert message in line
        assert line.count("\n") == 1
    assert spectralmamba([*base, "--overwrite"]) == 0


def test_a_whole_map_needs_no_work_unless_its_source_changed(capsys, files, tmp_path):
    scene = shutil.copy2(files.scene, tmp_path / "scene.tif")
    base = ["map", str(files.run), str(scene), "--out", str(tmp_path / "map.tif")]
    assert spectralmamba(base) == 0
    before = (tmp_path / "map.tif").stat().st_mtime_ns
    capsys.readouterr()
    assert spectralmamba([*base, "--resume"]) == 0
    assert "whole already" in capsys.readouterr().err
    assert (tmp_path / "map.tif").stat().st_mtime_ns == before
    os.utime(scene)
    assert spectralmamba([*base, "--resume"]) == 2
    assert "not known to be made from this scene by this model" in capsys.readouterr().err


@pytest.mark.parametrize("suffix", [".tif", ".zarr"])
def test_a_whole_map_of_another_job_is_not_taken_for_this_one(capsys, files, tmp_path, suffix):
    out, other = tmp_path / f"map{suffix}", tmp_path / "other.tif"
    shutil.copy2(files.scene, other)
    assert spectralmamba(["map", str(files.run), str(files.scene), "--out", str(out)]) == 0
    for scene, options in [(files.scene, ["--sieve", "5"]), (files.scene, ["--resample"]), (other, [])]:
        capsys.readouterr()
        assert spectralmamba(["map", str(files.run), str(scene), "--out", str(out), "--resume", *options]) == 2
        line = capsys.readouterr().err
        assert "with these options; map again with --overwrite" in line
        assert line.count("\n") == 1
    assert spectralmamba(["map", str(files.run), str(files.scene), "--out", str(out), "--resume"]) == 0


def test_where_the_time_went(capsys, files, tmp_path):
    assert spectralmamba(["map", str(files.run), str(files.scene), "--out", str(tmp_path / "map.tif")]) == 0
    line = capsys.readouterr().err
    assert re.search(r"reading [\d.]+ s, inference [\d.]+ s, writing [\d.]+ s, waiting [\d.]+ s", line)


def test_a_scene_that_was_loaded_says_so(capsys, files, tmp_path):
    with rasterio.open(files.scene) as file:
        cube = file.read().transpose(1, 2, 0)
    scipy.io.savemat(tmp_path / "scene.mat", {"cube": np.nan_to_num(cube)})
    assert spectralmamba(["map", str(files.run), str(tmp_path / "scene.mat"), "--out", str(tmp_path / "map.tif")]) == 0
    assert "scene.mat was loaded whole" in capsys.readouterr().err
