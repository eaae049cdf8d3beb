"""The simulator is no toy: SpectralMamba beats a pixelwise random forest on it, by its neighbourhood."""

import json

import pytest

from spectralmamba.cli.main import run as spectralmamba


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [0, 1])
def test_spectralmamba_beats_a_random_forest(tmp_path, seed):
    assert spectralmamba(["demo", "--out", str(tmp_path / "demo"), "--seed", str(seed)]) == 0
    metrics = json.loads((tmp_path / "demo" / "run" / "metrics.json").read_text())
    forest = metrics["references"]["random forest"]["overall_accuracy"]
    assert 0.75 < forest < 0.95
    assert metrics["test"]["overall_accuracy"] > forest + 0.01
