"""Time inference on a CPU, fused, beside the same model on the reference backend and beside its own forward.

Run ``python benchmarks/inference.py``. Pixelwise on 145 bands and 14 classes, a batch of 1024. The pinned configuration
(width 32, two blocks, expansion 1, N 16, R 6, mean pooling, no position) is one that does not move with the defaults;
without S6 it shows what the scan takes. *Fused* is a call of the model without gradients; *cpu* is the same with a hook
on a part, so that its modules are run one by one. Operations are two for each multiplication of products and
convolutions, and seven for each state and step of the scan, as in ``benchmarks/scan.py``: exponentials count as one,
and activations and norms not at all. The peak is that of PyTorch's own product, which the kernels can exceed where its
library does not make full use of the processor. Bytes are those of spectra and logits.
"""

import argparse
from collections.abc import Callable

import torch
from timing import describe_machine, peaks, side_by_side

from spectralmamba.models import SpectralMamba, SpectralMambaConfig
from spectralmamba.training.loop import torch_threads

BANDS, CLASSES, BATCH = 145, 14, 1024
IN_A_ROW, ROUNDS = 10, 12
PINNED = {
    "dim": 32, "depth": 2, "expansion": 1, "state_size": 16, "piece_size": 6, "pooling": "mean", "position": "none",
}  # fmt: skip
CONFIGS: dict[str, dict[str, object]] = {"pinned": PINNED, "pinned, S6 off": PINNED | {"s6": False}, "default": {}}
HEAD = (
    "configuration", "threads", "reference, ms", "cpu, ms", "fused, ms", "fused, pixels/s", "times reference",
    "times cpu", "GFLOP/s (of peak)", "GB/s (of peak)",
)  # fmt: skip


def make(options: dict[str, object], backend: str) -> SpectralMamba:
    """The same model for each backend."""
    torch.manual_seed(0)
    config = SpectralMambaConfig(n_bands=BANDS, n_classes=CLASSES, patch_size=1, **options)  # type: ignore[arg-type]
    return SpectralMamba(config, backend).eval()


def ways_of(options: dict[str, object]) -> dict[str, Callable[[], object]]:
    """A forward pass over a batch, in each way."""
    x = torch.randn(BATCH, BANDS, generator=torch.Generator().manual_seed(1))

    def forward_of(model: SpectralMamba) -> Callable[[], object]:
        def run() -> None:
            with torch.inference_mode():
                model(x)

        return run

    unfused = make(options, "cpu")
    unfused.pss.register_forward_hook(lambda *_: None)
    return {
        "reference": forward_of(make(options, "reference")),
        "cpu": forward_of(unfused),
        "fused": forward_of(make(options, "cpu")),
    }


def operations(options: dict[str, object]) -> int:
    """Of a pixel."""
    model = make(options, "cpu")
    config, count = model.config, model.macs()
    states = config.depth * config.length * config.dim * config.expansion * config.state_size if config.s6 else 0
    return 2 * (count.dense + count.fixed) + 7 * states


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    flops, bandwidth = peaks()
    print(describe_machine())
    print(f"large matrix product {flops:.0f} GFLOP/s, large copy {bandwidth:.0f} GB/s\n")
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for threads in sorted({1, torch.get_num_threads()}):
        with torch_threads(threads):
            top, _ = peaks()
            for name, options in CONFIGS.items():
                seconds = side_by_side(ways_of(options), ROUNDS, in_a_row=IN_A_ROW)
                fused, done = seconds["fused"], operations(options) * BATCH / 1e9
                speed, moved = done / fused, 4 * BATCH * (BANDS + CLASSES) / 1e9 / fused
                cells = (
                    name, threads, *(f"{1e3 * seconds[way]:.2f}" for way in ("reference", "cpu", "fused")),
                    f"{BATCH / fused:,.0f}", f"{seconds['reference'] / fused:.1f}", f"{seconds['cpu'] / fused:.1f}",
                    f"{speed:.0f} ({speed / top:.0%})", f"{moved:.2f} ({moved / bandwidth:.1%})",
                )  # fmt: skip
                print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
