"""What the package and its places offer; their stubs, which type checkers see, are what the names are loaded by."""

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

import spectralmamba

LAZY = [
    "spectralmamba",
    "spectralmamba.labels",
    "spectralmamba.mapping",
    "spectralmamba.reporting",
    "spectralmamba.reporting.comparison",
    "spectralmamba.scenes",
    "spectralmamba.scenes.datasets",
]


@pytest.mark.parametrize("name", LAZY)
def test_every_public_name_is_there(name):
    place = import_module(name)
    assert "__getattr__" in vars(place)
    for public in place.__all__:
        assert getattr(place, public) is not None
    assert set(place.__all__) <= set(dir(place))
    assert not hasattr(place, "nothing")


def test_every_stub_is_of_a_place_above():
    root = Path(find_spec("spectralmamba").origin).parent
    stubs = {".".join(("spectralmamba", *path.parent.relative_to(root).parts)) for path in root.rglob("*.pyi")}
    assert stubs == set(LAZY)


def test_nothing_heavy_is_loaded_before_it_is_used():
    heavy = ("torch", "numba", "numpy", "xarray", "rasterio", "matplotlib", "sklearn")
    script = f"import sys; {'; '.join(f'import {n}' for n in LAZY)}; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_the_version_is_the_distributions():
    assert spectralmamba.__version__ == version("spectralmamba")
