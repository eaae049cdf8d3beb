"""Time a training step with one thread of PyTorch and with two.

Run ``python benchmarks/training_step.py``.
"""

import argparse
import statistics
import time

import torch

from spectralmamba import create_model

BATCH, BANDS, CLASSES, STEPS = 64, 145, 14, 60


def milliseconds(patch_size: int, threads: int) -> float:
    """Median time of forward, backward and optimiser step."""
    torch.set_num_threads(threads)
    model = create_model("spectralmamba", n_bands=BANDS, n_classes=CLASSES, patch_size=patch_size)
    optimiser = torch.optim.AdamW(model.parameters())
    size = 2 * model.radius + 1
    x = torch.randn(BATCH, BANDS, size, size) if size > 1 else torch.randn(BATCH, BANDS)
    y = torch.randint(CLASSES, (BATCH,))
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimiser.step()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    print(f"batch {BATCH}, {BANDS} bands, {CLASSES} classes, median of {STEPS} steps, ms")
    print(f"{'form':<12}{'1 thread':>10}{'2 threads':>10}")
    for name, patch_size in (("pixelwise", 1), ("patchwise", 3)):
        one, two = (milliseconds(patch_size, threads) for threads in (1, 2))
        print(f"{name:<12}{one:>10.1f}{two:>10.1f}")


if __name__ == "__main__":
    main()
