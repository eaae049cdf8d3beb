"""``spectralmamba doctor``: what this installation is and what it picked."""

import platform
from importlib.metadata import version

from spectralmamba.cli.app import app

PACKAGES = ("spectralmamba", "torch", "numpy", "numba", "rasterio", "rioxarray", "xarray", "scikit-learn", "h5py")


@app.command()
def doctor() -> None:
    """Print versions, devices, threads, the selective scan's backends and the one picked, and test it."""
    import torch

    from spectralmamba.cli.console import say
    from spectralmamba.ops.selective_scan import BACKENDS, pick_backend
    from spectralmamba.ops.self_test import self_test

    say(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    say("packages: " + ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    devices = ["cpu", *(f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(torch.cuda.device_count()))]
    say("devices: " + ", ".join(devices))
    say(f"threads: {torch.get_num_threads()} for PyTorch")
    picked = pick_backend()
    say(f"selective scan: backends {', '.join(BACKENDS)}; picked {picked}, the fastest of them that can run here")
    error = self_test(picked)
    say(f"self-test of {picked}: largest relative difference from a float64 loop {error:.1e}, as it should be")
