"""``spectralmamba doctor``: what this installation is and what it picked."""

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from spectralmamba.cli.app import app

PACKAGES = ("spectralmamba", "torch", "numpy", "numba", "rasterio", "rioxarray", "xarray", "scikit-learn", "h5py")
OPTIONAL_PACKAGES = ("triton",)


@app.command()
def doctor() -> None:
    """Print versions, devices, threads, the selective scan's backends and the one picked, and test it."""
    import torch

    from spectralmamba.cli.console import say

    say(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    say("packages: " + ", ".join(_versions()))
    devices = ["cpu", *(f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count()))]
    say("devices: " + ", ".join(devices))
    say(f"threads: {os.cpu_count()} processors; {torch.get_num_threads()} for PyTorch")
    _say_backends()


def _versions() -> Iterator[str]:
    """Name and version of each package; of those that one can do without only where they are installed."""
    for name in (*PACKAGES, *OPTIONAL_PACKAGES):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            if name in PACKAGES:
                yield f"{name} not installed"


def _say_backends() -> None:
    """Print which backends can run, which is picked for which device, and a test of each that is."""
    import torch

    from spectralmamba.cli.console import say
    from spectralmamba.ops.backends import BACKENDS, obstacle, pick_backend
    from spectralmamba.ops.self_test import self_test

    for name in BACKENDS:
        reason = obstacle(name)
        say(f"selective scan, backend {name}: {_describe(name) if reason is None else f'not here: {reason}'}")
    for device in ("cpu", "cuda")[: 2 if torch.cuda.is_available() else 1]:
        picked = pick_backend(device=device)
        why = "the fastest that can run" if picked != "reference" else "the only one that can run"
        say(f"picked for float32 on {device}: {picked}, {why}")
        test = self_test(picked)
        say(
            f"self-test of {picked}: {test.cases} random scans and their gradients against the reference in float64, "
            f"largest relative difference {test.error:.1e}, as it should be"
        )


def _describe(name: str) -> str:
    """Say how a backend computes."""
    if name == "reference":
        return "plain PyTorch, step by step, on any device, in float64 too"
    if name == "gpu":
        return "Triton"
    from spectralmamba.ops.cpu.pool import describe

    return f"Numba, on {describe()}"
