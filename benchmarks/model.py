"""Time the whole model on the fast scan and on the reference, side by side: inference and a training step.

Run ``python benchmarks/model.py``. Pixelwise on 145 bands and 14 classes. The pinned configuration (width 32, two
blocks, expansion 1, N 16, R 6, mean pooling, no position) is one that does not move with the defaults. Each is timed
twice: runs of one model alternating with runs of the other, and several of each in a row, as training makes them.
"""

import argparse
import itertools
from collections.abc import Callable

import torch
from timing import describe_machine, side_by_side
from torch.nn import functional

from spectralmamba.models import SpectralMamba, SpectralMambaConfig
from spectralmamba.training.loop import torch_threads

BANDS, CLASSES, INFERENCE, TRAINING = 145, 14, 1024, 64
IN_A_ROW = 10
CONFIGS = {
    "pinned": {
        "dim": 32, "depth": 2, "expansion": 1, "state_size": 16, "piece_size": 6, "pooling": "mean", "position": "none",
    },
    "default": {},
}  # fmt: skip


def make(options: dict[str, object], backend: str) -> SpectralMamba:
    """The same model for each backend."""
    torch.manual_seed(0)
    config = SpectralMambaConfig(n_bands=BANDS, n_classes=CLASSES, patch_size=1, **options)  # type: ignore[arg-type]
    return SpectralMamba(config, backend)


def inference_of(model: SpectralMamba) -> Callable[[], object]:
    """A forward pass over a batch."""
    x = torch.randn(INFERENCE, BANDS, generator=torch.Generator().manual_seed(1))

    def run() -> None:
        with torch.inference_mode():
            model(x)

    return run


def training_of(model: SpectralMamba) -> Callable[[], object]:
    """Forward, backward and a step of the optimiser that training uses."""
    draw = torch.Generator().manual_seed(1)
    x, y = torch.randn(TRAINING, BANDS, generator=draw), torch.randint(CLASSES, (TRAINING,), generator=draw)
    optimiser = torch.optim.AdamW(model.parameters(), fused=True)

    def run() -> None:
        optimiser.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimiser.step()

    return run


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(describe_machine() + "\n")
    head = ("configuration", "what", "threads", "runs in a row", "reference, ms", "cpu, ms", "times reference")
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for name, options in CONFIGS.items():
        for what, prepare, rounds in (
            (f"inference, batch {INFERENCE}", inference_of, 50),
            (f"training step, batch {TRAINING}", training_of, 150),
        ):
            for threads, in_a_row in itertools.product((1, torch.get_num_threads()), (1, IN_A_ROW)):
                with torch_threads(threads):
                    ways = {backend: prepare(make(options, backend)) for backend in ("reference", "cpu")}
                    seconds = side_by_side(ways, rounds // in_a_row, in_a_row=in_a_row)
                slow, fast = 1e3 * seconds["reference"], 1e3 * seconds["cpu"]
                cells = name, what, threads, in_a_row, f"{slow:.2f}", f"{fast:.2f}", f"{slow / fast:.1f}"
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
