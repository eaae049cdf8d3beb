"""The same bits for any tile, number of threads and process: of the logits, since the largest of them hides much."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from spectralmamba.mapping.computing import read_tile
from spectralmamba.mapping.tiles import iterate_tiles
from tests.mapping.test_mapper import random_scene, spectral_mamba

HEIGHT, WIDTH, BANDS = 40, 1010, 24


def logits_in_tiles(size: int) -> np.ndarray:
    """Logits (K, height, width) of a made scene, tile by tile."""
    scene, predictor = random_scene(HEIGHT, WIDTH, bands=BANDS), spectral_mamba(BANDS)
    logits = np.empty((3, HEIGHT, WIDTH), np.float32)
    for tile in iterate_tiles(HEIGHT, WIDTH, size):
        logits[(slice(None), *tile.window)] = predictor.logits(read_tile(predictor, scene, tile)[0])
    return logits


def digest(logits: np.ndarray) -> str:
    return hashlib.sha256(logits.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def whole() -> str:
    return digest(logits_in_tiles(max(HEIGHT, WIDTH)))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [32, 256, 1000])
def test_tiles_and_threads_do_not_show(whole, size, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert digest(logits_in_tiles(size)) == whole
    finally:
        torch.set_num_threads(before)


def test_the_process_does_not_show(whole):
    code = "import sys; from tests.mapping.test_independence import *; sys.stdout.write(digest(logits_in_tiles(256)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout == whole
