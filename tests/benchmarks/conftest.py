"""A small protocol: labelled spectra of two easy classes and one hard one, in four folds."""

import numpy as np
import pytest

PROTOCOL = """
name: small
title: A small comparison
data: {scene: pixels.npz, labels: pixels.npz}
split: {folds: pixels.npz, validation_fraction: 0.0}
test_folds: [0, 1]
seeds: [0, 1]
training: {epochs: 2, batch_size: 32}
models:
  - {model: spectralmamba, patch_size: 1, options: {dim: 8, state_size: 4}}
  - {model: spectralmamba, patch_size: 1, label: no scan, options: {dim: 8, s6: false}, seeds: [0]}
published:
  - {name: "spectralmamba, pixelwise", source: a paper, overall_accuracy: 91.88, average_accuracy: 92.7}
"""


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    y = np.repeat([1, 2, 5], 24)
    X = rng.normal(0, 1, (72, 12)) + 2 * (y[:, None] == 2) + rng.normal(0, 2, 12)
    place = np.arange(72)
    np.savez(
        tmp_path / "pixels.npz",
        X=X.astype(np.float32),
        y=y,
        row=2 * (place // 9),
        col=2 * (place % 9),
        folds=np.stack([place % 4, (place // 2) % 4]).astype(np.int8),
    )
    (tmp_path / "small.yaml").write_text(PROTOCOL)
    return tmp_path
