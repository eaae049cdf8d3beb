"""``map --half``: refused on a CPU; on a GPU, or a CPU that passes for one, what it changes is printed."""

import re

import pytest
import torch

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.models import predictor
from spectralmamba.models.inference import cuda_fronts, dense_keeper

CHANGE = r"half precision gives [\d,]+ of ([\d,]+) pixels \([\d.]+ %\) in (\d+) sampled tiles? another class"


def command(*words) -> int:
    return spectralmamba([str(word) for word in words])


@pytest.fixture
def passing_for_a_gpu(monkeypatch):
    for module in (predictor, dense_keeper):
        monkeypatch.setattr(module, "device_of", lambda model: torch.device("cuda", 0))
    monkeypatch.setattr(cuda_fronts, "BLOCK", 256)
    monkeypatch.setattr(cuda_fronts.MergingFront, "block", 256)


def test_refused_on_a_cpu(capsys, files, tmp_path):
    out = tmp_path / "map.tif"
    assert command("map", files.run, files.scene, "--out", out, "--half", "--device", "cpu") == 2
    assert "half precision is for a GPU, and the model runs on 'cpu'; leave --half out" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_refused_on_a_cluster(capsys, files, tmp_path):
    assert command("map", files.run, files.scene, "--out", tmp_path / "map.tif", "--half", "--workers", 2) == 2
    assert "--half goes with one process" in capsys.readouterr().err


def test_what_it_changes_is_printed(capsys, files, tmp_path, passing_for_a_gpu):
    base = ("map", files.run, files.scene, "--device", "cpu", "--out")
    assert command(*base, tmp_path / "map.tif", "--half", "--confidence", tmp_path / "half.tif") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert re.search(CHANGE, printed), printed
    assert command(*base, tmp_path / "exact.tif", "--confidence", tmp_path / "c.tif") == 0
    assert "half precision" not in capsys.readouterr().out
    assert (tmp_path / "half.tif").read_bytes() != (tmp_path / "c.tif").read_bytes()


def test_of_each_of_several_scenes(capsys, files, tmp_path, passing_for_a_gpu):
    second = tmp_path / "second.tif"
    second.write_bytes(files.scene.read_bytes())
    words = ("map", files.run, files.scene, second, "--device", "cpu", "--out", tmp_path / "maps", "--half")
    assert command(*words) == 0
    assert len(re.findall("half precision gives", " ".join(capsys.readouterr().out.split()))) == 2


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_on_a_gpu(capsys, files, tmp_path):
    assert command("map", files.run, files.scene, "--device", "cuda", "--out", tmp_path / "map.tif", "--half") == 0
    assert re.search(CHANGE, " ".join(capsys.readouterr().out.split()))
