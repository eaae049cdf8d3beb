"""Timing several ways of doing the same thing side by side, and what the machine can do at best."""

import statistics
import time
from collections.abc import Callable, Mapping

import torch


def side_by_side(
    ways: Mapping[str, Callable[[], object]], rounds: int, *, in_a_row: int = 1, patience: float = 60.0
) -> dict[str, float]:
    """Median seconds of each way, run in turn, so that what disturbs the machine disturbs all.

    Parameters
    ----------
    ways : mapping of str to callable
    rounds : int
        Turns of each way; a first one is not counted. With 0 that one alone is run, and counted.
    in_a_row : int
        Runs of a turn, the first of which is not counted where there are more. With one, each way finds the caches as
        the others left them; with several, as it leaves them itself, like a loop of training does.
    patience : float
        Seconds after which no further round is begun, once one was counted.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    start = time.perf_counter()
    for i in range(rounds + 1):
        for name, run in ways.items():
            for j in range(in_a_row):
                begun = time.perf_counter()
                run()
                if (i > 0 or rounds == 0) and (j > 0 or in_a_row == 1):
                    times[name].append(time.perf_counter() - begun)
        if i > 0 and time.perf_counter() - start > patience:
            break
    return {name: statistics.median(values) for name, values in times.items()}


def on_gpu(run: Callable[[], object]) -> Callable[[], object]:
    """Wait for the GPU after a run."""

    def waited() -> None:
        run()
        torch.cuda.synchronize()

    return waited


def peaks(device: str = "cpu") -> tuple[float, float]:
    """GFLOP/s of a large matrix product in float32, and GB/s (read and written) of a large copy."""
    x = torch.randn(2048, 2048, device=device)
    source = torch.ones(1 << 26, device=device)
    target = torch.empty_like(source)
    ways: dict[str, Callable[[], object]] = {"product": lambda: x @ x, "copy": lambda: target.copy_(source)}
    if device == "cuda":
        ways = {name: on_gpu(run) for name, run in ways.items()}
    seconds = side_by_side(ways, 7)
    return 2 * 2048**3 / seconds["product"] / 1e9, 8 * source.numel() / seconds["copy"] / 1e9


def describe_machine() -> str:
    """Say what the figures were measured on."""
    processor = next((line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), "unknown")
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ", no GPU"
    return f"{processor}, {torch.get_num_threads()} threads of PyTorch {torch.__version__}{gpu}"


def _cpuinfo() -> list[str]:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - a pseudo file
            return file.read().splitlines()
    except OSError:
        return []
