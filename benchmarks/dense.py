"""Time a predictor on a window: dense evaluation, its parts, the same model patch by patch, and SpectralFormer.

Run ``python benchmarks/dense.py``. Random weights and a random window of Houston2013's 144 bands, 15 classes, patch 3;
SpectralFormer as its authors released it, 7×7 patches. The slow ones are timed on a few rows of the window. All in
turn, medians.
"""

import argparse
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from timing import describe_machine, side_by_side

from spectralmamba.labels import ClassTable
from spectralmamba.models import create_model
from spectralmamba.models.inference.dense import Box, DenseEvaluation, _inside, dense_evaluation
from spectralmamba.models.inference.patches import patch_logits
from spectralmamba.models.predictor import ModelPredictor, compute_in_blocks
from spectralmamba.sampling.standardise import Standardiser

BANDS, CLASSES, HEIGHT, WIDTH = 144, 15, 349, 600
FEW_WIDTH, FEW_ROWS = 512, {"patch by patch": 16, "spectralformer": 4}  # in whole blocks, the same for all threads
ROUNDS = 5

Floats = NDArray[np.float32]


def make_predictor(name: str, **options: object) -> ModelPredictor:
    """An untrained model, standardising logarithms."""
    torch.manual_seed(0)
    model = create_model(name, n_bands=BANDS, n_classes=CLASSES, **options).eval()
    scaling = Standardiser(np.full(BANDS, -1.2, np.float32), np.full(BANDS, 0.7, np.float32), 1e-3)
    classes = ClassTable.from_numbers(range(1, CLASSES + 1))
    return ModelPredictor(model, scaling, np.arange(BANDS), np.linspace(380, 1050, BANDS), classes)


def window_of(predictor: ModelPredictor, rows: int, columns: int) -> Floats:
    """A random window with what surrounds it."""
    border = 2 * predictor.radius
    return np.random.default_rng(0).uniform(0.05, 0.8, (BANDS, rows + border, columns + border)).astype(np.float32)


def patchwise(predictor: ModelPredictor, window: Floats) -> Callable[[], object]:
    """The same model, patch by patch."""
    model = predictor.model

    def compute(take: Callable[[slice], Floats], n: int) -> Floats:
        return compute_in_blocks(model, take, n)

    return lambda: patch_logits(window, predictor.standardiser, predictor.radius, CLASSES, compute)


def parts(dense: DenseEvaluation, window: Floats) -> dict[str, Callable[[], object]]:
    """What a thread does with a box of 32×128 pixels."""
    box, block = window[:, : 32 + 2 * dense.radius, : 128 + 2 * dense.radius], dense.path.block
    room = dense._room(box[0].size, box.shape[2])  # noqa: SLF001 - to look inside
    valid = room.read(box)
    wanted, gated = _inside(valid, dense.radius), _inside(valid, 1)
    target = np.empty((CLASSES, 32, 128), np.float32)

    def in_blocks(run: Callable[[NDArray[np.int64]], object]) -> Callable[[], None]:
        return lambda: [run(wanted[i : i + block]) for i in range(0, len(wanted), block)] and None

    return {
        "standardise": lambda: room.read(box),
        "gate": lambda: room.gate(gated),
        "merge": in_blocks(room.merge),
        "spectrum path": in_blocks(lambda _: dense.path(room.merged)),
        "whole box": lambda: dense._evaluate(window, Box(0, 32, 0, 128), target),  # noqa: SLF001
    }


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(describe_machine() + "\n")
    ours = make_predictor("spectralmamba")
    other = make_predictor("spectralformer", patch_size=7, configuration="released")
    window = window_of(ours, HEIGHT, WIDTH)
    few, fewer = (window_of(p, rows, FEW_WIDTH) for p, rows in zip((ours, other), FEW_ROWS.values(), strict=True))
    ways: dict[str, Callable[[], object]] = {
        "dense": lambda: ours.logits(window),
        "patch by patch": patchwise(ours, few),
        "spectralformer": lambda: other.logits(fewer),
    }
    seconds = side_by_side(ways, ROUNDS)
    pixels = {"dense": HEIGHT * WIDTH} | {name: rows * FEW_WIDTH for name, rows in FEW_ROWS.items()}
    speeds = {name: pixels[name] / seconds[name] for name in ways}
    print("| predictor | pixels a second | times SpectralFormer |\n|---|---|---|")
    for name, speed in speeds.items():
        print(f"| {name} | {speed:,.0f} | {speed / speeds['spectralformer']:.0f} |")
    dense = dense_evaluation(ours.model, ours.standardiser)
    assert dense is not None  # noqa: S101 - there is one on a CPU
    torch.set_num_threads(1)
    print("\n| part, one thread | µs a pixel |\n|---|---|")
    for name, took in side_by_side(parts(dense, window), 4 * ROUNDS).items():
        print(f"| {name} | {1e6 * took / (32 * 128):.3f} |")


if __name__ == "__main__":
    main()
