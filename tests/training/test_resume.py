"""A run that is killed and resumed ends with the weights of one that was not."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spectralmamba.errors import RunError
from spectralmamba.training import Run, train
from spectralmamba.training.checkpoint import Checkpoint, CheckpointStore
from tests.small import config, labelled, write_files

EPOCHS = 12


def command(scene: Path, labels: Path, out: Path) -> list[str]:
    options = ["--split", "random", "--epochs", str(EPOCHS), "--batch-size", "32", "--patience", "0"]
    return [
        *(sys.executable, "-c", "from spectralmamba.cli.main import main; main()", "train"),
        *(str(scene), str(labels), "--out", str(out), *options),
    ]


def kill_when(process: subprocess.Popen, ready) -> bool:
    """Send SIGKILL once ``ready()``; say whether the process was still at work."""
    while process.poll() is None and not ready():
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return process.returncode == -signal.SIGKILL


def test_killed_and_resumed_is_the_same_run(tmp_path):
    scene, labels = write_files(tmp_path)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run(command(scene, labels, whole), check=True, capture_output=True)
    moments = [
        broken.is_dir,  # before or while the split and the configuration are written
        (broken / "checkpoints").is_dir,  # while the first checkpoint is written
        (broken / "checkpoints" / "epoch_00007").is_dir,
        lambda: any((broken / "checkpoints").glob(".epoch_0001*.partial")),  # in the middle of a checkpoint
    ]
    for ready in moments:
        process = subprocess.Popen([*command(scene, labels, broken), "--resume"], stderr=subprocess.DEVNULL)
        assert kill_when(process, ready)
        assert not (broken / "model.json").exists()
    subprocess.run([*command(scene, labels, broken), "--resume"], check=True, capture_output=True)
    for name in ("model.safetensors", "model.json", "config.yaml", "split/split.json", "split/train.tif"):
        assert (whole / name).read_bytes() == (broken / name).read_bytes(), name
    metrics = [json.loads((folder / "metrics.json").read_text()) for folder in (whole, broken)]
    assert metrics[0] == metrics[1]


class InterruptedTrainingError(Exception):
    pass


def stop_after(epoch: int):
    def on_epoch(record, left):
        if record.epoch == epoch:
            raise InterruptedTrainingError

    return on_epoch


def test_resuming_with_early_stopping_and_patches_keeps_the_best_weights(tmp_path):
    asked = config(epochs=10, patience=3)
    train(labelled(), tmp_path / "whole", asked)
    for epoch in (1, 4):
        with pytest.raises(InterruptedTrainingError):
            train(labelled(), tmp_path / "broken", asked, resume=True, on_epoch=stop_after(epoch))
    train(labelled(), tmp_path / "broken", asked, resume=True)
    for name in ("model.safetensors", "model.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "broken" / name).read_bytes()
    texts = [(tmp_path / folder / "history.csv").read_text() for folder in ("whole", "broken")]
    rows = [[line.rsplit(",", 1)[0] for line in text.splitlines()] for text in texts]
    assert rows[0] == rows[1]  # but for the seconds


def test_resuming_a_finished_run_changes_nothing(tmp_path):
    train(labelled(), tmp_path / "run", config())
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "run").rglob("*")}
    train(labelled(), tmp_path / "run", config(), resume=True)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "run").rglob("*")} == before


def test_resuming_with_other_options_is_refused(tmp_path):
    with pytest.raises(InterruptedTrainingError):
        train(labelled(), tmp_path / "run", config(), on_epoch=stop_after(1))
    with pytest.raises(RunError, match=r"begun with training"):
        train(labelled(), tmp_path / "run", config(epochs=5), resume=True)


def test_resuming_with_other_data_is_refused(tmp_path):
    with pytest.raises(InterruptedTrainingError):
        train(labelled(), tmp_path / "run", config(), on_epoch=stop_after(1))
    other = labelled()
    changed = other["small"].scene.copy(deep=True)
    changed.values[5] *= 1.5
    other["small"] = type(other["small"])(changed, other["small"].labels)
    with pytest.raises(RunError, match="other data"):
        train(other, tmp_path / "run", config(), resume=True)


def test_a_finished_run_is_not_taken_for_one_of_other_data(tmp_path):
    train(labelled(), tmp_path / "run", config(epochs=1))
    other = labelled()
    scaled = other["small"].scene.copy(data=other["small"].scene.values * 10)
    other["small"] = type(other["small"])(scaled, other["small"].labels)
    with pytest.raises(RunError, match="other data"):
        train(other, tmp_path / "run", config(epochs=1), resume=True)


def test_resume_begins_where_there_is_nothing_yet(tmp_path):
    run, _, _ = train(labelled(), tmp_path / "run", config(epochs=1), resume=True)
    assert run.trained


def state(epoch: int) -> Checkpoint:
    import torch

    return Checkpoint(epoch, {"model.w": torch.full((2,), float(epoch))}, {"identity": "x"})


def test_the_store_keeps_two_and_falls_back_on_the_older(tmp_path):
    store = CheckpointStore(tmp_path / "checkpoints")
    assert store.latest() is None
    for epoch in (1, 2, 3):
        store.save(state(epoch))
    assert sorted(p.name for p in store.folder.iterdir()) == ["epoch_00002", "epoch_00003"]
    assert store.latest().epoch == 3
    (store.folder / "epoch_00003" / "state.safetensors").write_bytes(b"cut off")
    assert store.latest().epoch == 2
    (store.folder / "epoch_00002" / "state.json").write_text("{")
    with pytest.raises(RunError, match="no checkpoint"):
        store.latest()


def test_checkpoints_hold_no_pickle(tmp_path):
    train(labelled(), tmp_path / "run", config(epochs=1))
    kinds = {p.suffix for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert kinds <= {".json", ".safetensors", ".yaml", ".csv", ".tif"}
    assert Run(tmp_path / "run").trained
