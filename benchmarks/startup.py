"""Time how long it takes until the first scan: imports, compilation in an empty cache, and later processes.

Run ``python benchmarks/startup.py``; each figure is that of a process of its own, the median of some.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

IMPORTS = ("import torch", "import spectralmamba", "from spectralmamba import selective_scan")
FORWARD = "from spectralmamba import selective_scan; import torch; x = torch.ones(2, 4, 8)"
FIRST_CALL = "selective_scan(x, x, -torch.ones(4, 4), x[:, :4], x[:, :4])"
FIRST_GRADIENT = "x.requires_grad_(); selective_scan(x, x, -torch.ones(4, 4), x.detach(), x.detach()).sum().backward()"
TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


def seconds(program: str, cache: str) -> float:
    """What a program prints, run with a cache folder of Numba's."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def main() -> None:
    """Print the figures."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as cache:
        times = {name: [seconds(TIMED.format(name), cache) for _ in range(7)] for name in IMPORTS}
        for name, values in times.items():
            ratio = statistics.median(values) / statistics.median(times[IMPORTS[0]])
            print(f"{name}: {statistics.median(values):.2f} s, {ratio:.2f} times that of torch")
    for call, what in ((FIRST_CALL, "first scan"), (FIRST_GRADIENT, "first scan and gradients")):
        with tempfile.TemporaryDirectory() as cache:
            program = f"{FORWARD}\n{TIMED.format(call)}"
            print(f"{what}, nothing compiled yet: {seconds(program, cache):.1f} s")
            later = statistics.median(seconds(program, cache) for _ in range(5))
            print(f"{what}, in a later process: {later:.2f} s")


if __name__ == "__main__":
    main()
