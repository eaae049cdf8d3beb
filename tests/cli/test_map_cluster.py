"""``spectralmamba map`` on Dask."""

import re
import shutil
import sys

import pytest

pytest.importorskip("distributed")

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.errors import ClusterError
from spectralmamba.mapping import cluster as reaching
from spectralmamba.mapping.distributed import OnCluster


@pytest.fixture(autouse=True)
def loud_dask(monkeypatch):
    """Logging is left as it was."""
    monkeypatch.setattr(reaching, "quiet_dask", lambda: None)


def test_one_scene_and_many_by_workers_of_this_machine(capsys, files, tmp_path):
    """A real model goes to a process, which takes long; so both in one test."""
    run, alone, shares = str(files.run), tmp_path / "alone.tif", tmp_path / "shares.tif"
    options = ["--out", str(alone), "--probabilities", str(shares)]
    assert spectralmamba(["map", run, str(files.scene), *options]) == 0
    scenes = [tmp_path / "a" / "scene.tif", tmp_path / "bad.tif", tmp_path / "b" / "scene.tif"]
    for path in scenes[::2]:
        path.parent.mkdir()
        shutil.copy(files.scene, path)
    scenes[1].write_text("not a scene")
    out = tmp_path / "maps"
    capsys.readouterr()
    options = ["--out", str(out), "--probabilities", f"{tmp_path}/shares", "--tile", "16", "--workers", "1"]
    assert spectralmamba(["map", run, *map(str, scenes), *options]) == 2
    text = capsys.readouterr()
    assert "computed by 1 worker of Dask" in text.err
    assert "2 of 3 scenes have a map" in text.err
    for name in ("scene.tif", "b_scene.tif"):
        assert (out / name).read_bytes() == alone.read_bytes()
        assert (tmp_path / "shares" / name).read_bytes() == shares.read_bytes()


@pytest.mark.parametrize("command", [["map", "RUN", "SCENE", "--out", "OUT"], ["benchmark", "houston2013"]])
def test_both_ways_contradict_each_other(capsys, files, tmp_path, command):
    named = {"RUN": str(files.run), "SCENE": str(files.scene), "OUT": str(tmp_path / "map.tif")}
    options = ["--workers", "2", "--scheduler", "tcp://127.0.0.1:1"]
    assert spectralmamba([*(named.get(word, word) for word in command), *options]) == 2
    assert capsys.readouterr().err == ("error: --scheduler and --workers contradict each other; give one of them\n")


def test_a_wrong_address_is_one_line(capsys, files, tmp_path, monkeypatch):
    monkeypatch.setattr(reaching, "ANSWER_SECONDS", 0.3)
    out = ["--out", str(tmp_path / "map.tif")]
    assert spectralmamba(["map", str(files.run), str(files.scene), *out, "--scheduler", "127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == "error: no Dask scheduler answers at 127.0.0.1:1; check the address\n"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_extra_is_one_line(capsys, files, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    out = ["--out", str(tmp_path / "map.tif")]
    assert spectralmamba(["map", str(files.run), str(files.scene), *out, "--workers", "1"]) == 2
    assert re.fullmatch(r"error: .* pip install 'spectralmamba\[distributed\]'\n", capsys.readouterr().err)


def test_a_lost_cluster_leaves_the_other_scenes_alone(capsys, files, tmp_path, monkeypatch):
    from distributed import Client, LocalCluster

    calls = []

    def lost(self, predictor, scene, tiles, wanted):
        calls.append(scene)
        raise ClusterError("the Dask scheduler was lost; see that it runs")
        yield

    monkeypatch.setattr(OnCluster, "__call__", lost)
    scenes = [tmp_path / name for name in ("a.tif", "b.tif", "c.tif")]
    for path in scenes:
        shutil.copy(files.scene, path)
    options = {"processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(n_workers=1, **options) as cluster, Client(cluster):
        out = ["--out", str(tmp_path / "maps"), "--scheduler", cluster.scheduler_address]
        assert spectralmamba(["map", str(files.run), *map(str, scenes), *out]) == 2
    text = capsys.readouterr()
    assert len(calls) == 1
    assert text.err.count("was lost") == 1
    assert text.out.count("left out") == 2


def test_workers_stand_in_other_folders(files, tmp_path, monkeypatch):
    """The scene is named by a relative path, and the workers are in the folder where the tests were begun."""
    from spectralmamba.mapping.cluster import open_client

    with open_client(workers=1) as client:
        monkeypatch.chdir(files.scene.parent)
        out = ["--out", str(tmp_path / "map.tif"), "--scheduler", client.scheduler.address]
        assert spectralmamba(["map", "run", files.scene.name, *out]) == 0
    assert spectralmamba(["map", "run", files.scene.name, "--out", str(tmp_path / "here.tif")]) == 0
    assert (tmp_path / "map.tif").read_bytes() == (tmp_path / "here.tif").read_bytes()
