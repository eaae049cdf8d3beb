"""Memory: a taller scene takes no more of it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

BANDS, WIDTH = 32, 600

MEASURE = """
import sys
from pathlib import Path
from spectralmamba.mapping import map_scene
from spectralmamba.scenes import open_scene
from tests.mapping.fakes import Neighbourhood

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024

scene, out = Path(sys.argv[1]), Path(sys.argv[2])
predictor = Neighbourhood(n_bands=32, wavelengths=(float("nan"),) * 32)
map_scene(predictor, open_scene(scene.with_name("first.tif")), out)
Path("/proc/self/clear_refs").write_text("5")
before = memory("VmRSS")
map_scene(predictor, open_scene(scene), out, confidence=out.with_name("confidence.tif"))
print(memory("VmHWM") - before)
"""


def write(path: Path, height: int) -> None:
    values = np.random.default_rng(0).integers(0, 9, (height, WIDTH)).astype(np.int16)
    profile = {"driver": "GTiff", "dtype": "int16", "count": BANDS, "height": height, "width": WIDTH}
    with rasterio.open(path, "w", **profile, transform=rasterio.Affine(1, 0, 0, 0, -1, 0)) as file:
        for band in range(1, BANDS + 1):
            file.write(values + band, band)


def peak(scene: Path) -> float:
    """MiB above what a first small map left."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(scene), str(scene.with_name("map.tif"))],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
def test_a_scene_several_times_as_tall_takes_no_more(tmp_path):
    for name, height in (("first.tif", 16), ("low.tif", 512), ("tall.tif", 3072)):
        write(tmp_path / name, height)
    low, tall = peak(tmp_path / "low.tif"), peak(tmp_path / "tall.tif")
    whole = 4 * BANDS * WIDTH * 3072 / 2**20
    assert low < 300
    assert tall < low + 0.2 * whole, f"{tall:.0f} MiB against {low:.0f}; the scene has {whole:.0f}"
