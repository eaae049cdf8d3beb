"""Time the selective scan on every backend that can run here, side by side with the reference.

    python benchmarks/scan.py              one table, of the shapes that decide
    python benchmarks/scan.py --sweep      the ratio to the reference over the whole range of shapes (an hour or less)

Operations are counted as 7 for each state and step (the exponential as one), 18 with the gradients; bytes are those
of all inputs and outputs, once. Both are given as shares of what the machine does at best: a large matrix product and
a large copy. ``pscan`` is the parallel scan of mambapy, where that is installed.
"""

import argparse
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from timing import describe_machine, on_gpu, peaks, side_by_side
from torch import Tensor

from spectralmamba.ops import selective_scan
from spectralmamba.ops.backends import BACKENDS, obstacle

# Batch, length, channels, states: the shape of the issue, the model's, small and long ones.
SHAPES = [
    (4096, 25, 64, 16),
    (1024, 25, 32, 16),
    (64, 25, 32, 16),
    (1024, 25, 20, 16),
    (16, 512, 64, 16),
    (1, 512, 256, 16),
]
FORWARD_OPERATIONS, ALL_OPERATIONS = 7, 18
SLOW = 0.3  # seconds of the reference, from which on the sweep runs a shape once and counts that run

Call = Callable[[], object]


def arguments_of(batch: int, length: int, dim: int, states: int, *, device: str, full: bool) -> dict[str, Any]:
    """Random arguments, laid out as Mamba's; with ``full`` also D, z, delta_bias and softplus, as a block has them."""
    draw = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw).to(device)

    arguments: dict[str, Any] = {
        "u": normal(batch, dim, length),
        "delta": 0.5 * normal(batch, dim, length).abs(),
        "A": -torch.arange(1.0, states + 1, device=device).repeat(dim, 1),
        "B": normal(batch, states, length),
        "C": normal(batch, states, length),
    }
    if full:
        arguments |= {"D": normal(dim), "z": normal(batch, dim, length), "delta_bias": normal(dim)}
        arguments["delta_softplus"] = True
    return arguments


def forward_of(arguments: dict[str, Any], backend: str) -> Call:
    """A forward pass without gradients."""

    def run() -> None:
        with torch.no_grad():
            selective_scan(**arguments, backend=backend)

    return run


def both_of(arguments: dict[str, Any], backend: str) -> Call:
    """A forward pass and the gradients of everything."""
    values = {k: v.clone().requires_grad_() if isinstance(v, Tensor) else v for k, v in arguments.items()}
    tensors = [value for value in values.values() if isinstance(value, Tensor)]
    gradient = torch.ones_like(values["u"])

    def run() -> None:
        torch.autograd.grad(selective_scan(**values, backend=backend), tensors, gradient)

    return run


def pscan_of(arguments: dict[str, Any]) -> Call | None:
    """The forward pass by mambapy's parallel scan, from (B, L, D) as that has it; None where it is not installed."""
    try:
        from mambapy.pscan import pscan
    except ImportError:
        return None
    u, delta, B, C = (arguments[name].transpose(1, 2).contiguous() for name in ("u", "delta", "B", "C"))

    def run() -> None:
        with torch.no_grad():
            decay = torch.exp(delta[..., None] * arguments["A"])
            drive = (delta * u)[..., None] * B[:, :, None]
            (pscan(decay, drive) @ C[..., None]).squeeze(3)

    return run


def backends(device: str) -> list[str]:
    """The backends that can run on a device, the reference first."""
    fast = {"cpu": "cpu", "cuda": "gpu"}[device]
    return [name for name in BACKENDS if name in {"reference", fast} and obstacle(name) is None]


def table(device: str, rounds: int) -> None:
    """Print the table for a device."""
    product, copy = peaks(device)
    print(f"\n{device}: a matrix product reaches {product:.0f} GFLOP/s, a copy {copy:.0f} GB/s\n")
    head = ("B", "L", "D", "N", "call", "pass", "backend", "ms", "times reference", "GFLOP/s", "share", "GB/s", "share")
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for shape in SHAPES:
        for full in (False, True):
            arguments = arguments_of(*shape, device=device, full=full)
            for name, make, operations in (
                ("forward", forward_of, FORWARD_OPERATIONS),
                ("with gradients", both_of, ALL_OPERATIONS),
            ):
                ways = {backend: make(arguments, backend) for backend in backends(device)}
                if name == "forward" and shape == SHAPES[0] and not full and device == "cpu":
                    other = pscan_of(arguments)
                    ways |= {} if other is None else {"pscan": other}
                if device == "cuda":
                    ways = {key: on_gpu(run) for key, run in ways.items()}
                seconds = side_by_side(ways, rounds)
                batch, length, dim, states = shape
                flops = operations * batch * length * dim * states / 1e9
                size = (
                    sum(v.numel() * 4 for v in arguments.values() if isinstance(v, Tensor)) + arguments["u"].numel() * 4
                )
                gigabytes = size * (1 if name == "forward" else 2) / 1e9
                for backend, time in seconds.items():
                    cells = (
                        *shape, "full" if full else "plain", name, backend, f"{1e3 * time:.2f}",
                        f"{seconds['reference'] / time:.1f}", f"{flops / time:.0f}", f"{flops / time / product:.0%}",
                        f"{gigabytes / time:.1f}", f"{gigabytes / time / copy:.0%}",
                    )  # fmt: skip
                    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def sweep(rounds: int) -> None:
    """Print the ratio to the reference at every shape of the range, and the smallest."""
    least: dict[str, tuple[float, tuple[int, ...]]] = {}
    sizes = itertools.product(
        (1, 4, 16, 64, 256, 1024, 4096, 16384),
        (4, 8, 16, 32, 64, 128, 256, 512),
        (8, 16, 32, 64, 128, 256),
        (4, 8, 16, 32, 64),
    )
    for batch, length, dim, states in sizes:
        in_and_out = 4 * (3 * batch * length * dim + 2 * batch * length * states)
        if batch * length * dim < 10_000 or in_and_out > 2 << 30:
            continue
        shape = (batch, length, dim, states)
        arguments = arguments_of(*shape, device="cpu", full=False)
        passes = {"forward": forward_of}
        # What the reference keeps for its gradients has to fit as well.
        if 5 * 4 * batch * length * dim * states <= 8 << 30:
            passes["with gradients"] = both_of
        for name, make in passes.items():
            seconds = _both(make, arguments, rounds)
            ratio = seconds["reference"] / seconds["cpu"]
            if name not in least or ratio < least[name][0]:
                least[name] = (ratio, shape)
            print(*shape, name, f"{1e3 * seconds['reference']:.3f} {1e3 * seconds['cpu']:.3f} {ratio:.2f}", flush=True)
    for name, (ratio, shape) in least.items():
        print(f"least, {name}: {ratio:.2f} times the reference at B, L, D, N = {shape}")


def _both(make: Callable[..., Call], arguments: dict[str, Any], rounds: int) -> dict[str, float]:
    """Seconds of the reference and the fast scan; where the reference is slow, of one run each, the very first."""
    ways = {backend: make(arguments, backend) for backend in ("reference", "cpu")}
    first = side_by_side(ways, 0)
    return first if first["reference"] > SLOW else side_by_side(ways, rounds, patience=1.0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sweep", action="store_true", help="the whole range of shapes, CPU only")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    print(describe_machine())
    run = partial(sweep, given.rounds) if given.sweep else None
    if run is not None:
        run()
        return
    for device in ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]:
        table(device, given.rounds)


if __name__ == "__main__":
    main()
