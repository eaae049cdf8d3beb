"""``spectralmamba figure``: one command a kind, and what it refuses."""

import numpy as np
import pytest

from spectralmamba.benchmarks import runner
from spectralmamba.cli.main import run

PROTOCOL = """
name: small
title: A small comparison
data: {scene: pixels.npz, labels: pixels.npz}
split: {folds: pixels.npz, validation_fraction: 0.0}
test_folds: [0]
seeds: [0, 1]
training: {epochs: 1, batch_size: 32}
models:
  - {model: spectralmamba, patch_size: 1, options: {dim: 4, state_size: 2, piece_size: 2}}
  - {model: spectralmamba, patch_size: 1, label: no scan, options: {dim: 4, state_size: 2, piece_size: 2, s6: false}}
  - {model: spectralmamba, patch_size: 1, label: R = 4, options: {dim: 4, state_size: 2, piece_size: 4}}
  - {model: mlp, patch_size: 1}
"""
KINDS = ("radar", "panel", "accuracy-macs", "ablation", "sweep", "classes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished benchmark whose runs were kept, made by the command."""
    place = tmp_path_factory.mktemp("figure")
    rng = np.random.default_rng(0)
    y = np.repeat([1, 2, 5], 24)
    i = np.arange(72)
    np.savez(
        place / "pixels.npz",
        X=(rng.normal(0, 1, (72, 12)) + 2 * (y[:, None] == 2)).astype(np.float32),
        y=y,
        row=2 * (i // 9),
        col=2 * (i % 9),
        folds=(i % 4)[None].astype(np.int8),
    )
    (place / "small.yaml").write_text(PROTOCOL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "SPEED_SECONDS", 0.0)
        assert run(["benchmark", str(place / "small.yaml"), "--out", str(place / "out"), "--keep-runs"]) == 0
    return place / "out"


@pytest.fixture
def refused(capsys):
    """Run a command that has to fail, and give its one line."""

    def call(*arguments):
        capsys.readouterr()
        assert run([str(a) for a in arguments]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        (line,) = said.err.strip().splitlines()
        return line

    return call


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_one_command(kind, folder, tmp_path, capsys):
    out = tmp_path / "new" / "f.png"
    assert run(["figure", kind, str(folder), "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")
    assert f"wrote {out}" in capsys.readouterr().err
    assert [path.name for path in out.parent.iterdir()] == ["f.png"]


def test_the_ablation_as_a_table_too(folder, tmp_path):
    out, table = tmp_path / "f.pdf", tmp_path / "t.csv"
    assert run(["figure", "ablation", str(folder), "--out", str(out), "--table", str(table)]) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert table.read_text(encoding="utf-8").splitlines()[1].startswith("no scan,–,✓,–,")


def test_several_folders_and_chosen_models(folder, tmp_path):
    arguments = ["figure", "radar", str(folder), str(folder), "--models", "mlp", "--out", str(tmp_path / "f.svg")]
    assert run(arguments) == 0
    assert b"<svg" in (tmp_path / "f.svg").read_bytes()[:1000]


def test_an_existing_file_is_replaced_on_request_only(folder, tmp_path, refused):
    out = tmp_path / "f.png"
    out.write_text("mine")
    assert "--overwrite" in refused("figure", "radar", folder, "--out", out)
    assert out.read_text() == "mine"
    assert run(["figure", "radar", str(folder), "--out", str(out), "--overwrite"]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["portrait", "{folder}"], "No such command 'portrait'"),
        (["radar"], "Missing argument"),
        (["radar", "nowhere"], "holds no benchmark"),
        (["radar", "{folder}", "nowhere"], "holds no benchmark"),
        (["radar", "{folder}", "--models", "vit"], "no model 'vit'"),
        (["panel", "{folder}", "{folder}"], "unexpected extra argument"),
        (["sweep", "{folder}", "--models", "mlp"], "has no sweep"),
        (["ablation", "{folder}", "--models", "mlp"], "has no ablation"),
        (["ablation", "{folder}", "--table", "t.txt"], ".md or .csv"),
    ],
)
def test_bad_input_is_one_line(arguments, message, folder, tmp_path, refused, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = refused("figure", *(a.format(folder=folder) for a in arguments), "--out", "f.png")
    assert message in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("f.jpg", ".png, .pdf or .svg"),
        ("f", ".png, .pdf or .svg"),
        ("file/f.png", "is a file"),
        ("folder.png", "a folder"),
    ],
)
def test_places_for_no_figure(out, message, folder, tmp_path, refused):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.png").mkdir()
    assert message in refused("figure", "radar", folder, "--out", tmp_path / out)


def test_an_unfinished_benchmark_and_runs_that_were_not_kept(folder, tmp_path, refused):
    part = tmp_path / "part"
    (part / "results").mkdir(parents=True)
    (part / "protocol.json").write_bytes((folder / "protocol.json").read_bytes())
    first, *others = sorted((folder / "results").iterdir())
    (part / "results" / first.name).write_bytes(first.read_bytes())
    assert "unfinished benchmark (1 of 8 runs)" in refused("figure", "radar", part, "--out", tmp_path / "f.png")
    for file in others:
        (part / "results" / file.name).write_bytes(file.read_bytes())
    assert "--keep-runs" in refused("figure", "panel", part, "--out", tmp_path / "f.png")
    (part / "results" / first.name).write_text("{")
    assert first.name in refused("figure", "radar", part, "--out", tmp_path / "f.png")
