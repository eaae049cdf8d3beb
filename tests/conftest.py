"""What tests of several places share."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

if not torch.cuda.is_available():
    os.environ.setdefault("TRITON_INTERPRET", "1")  # read when a kernel of Triton is first imported


def pytest_configure(config: pytest.Config) -> None:
    # affine 3 announces that ``*`` will go; rasterio and rioxarray still use it inside.
    config.addinivalue_line("filterwarnings", "ignore:Use `@` matmul:PendingDeprecationWarning")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real scenes; the test is skipped where it is absent."""
    beside_checkout = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SPECTRALMAMBA_DATA", beside_checkout))
    if not folder.is_dir():
        pytest.skip(f"real data are absent: {folder} is no folder (set SPECTRALMAMBA_DATA)")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="Triton is not installed: pip install '.[triton]'")
    # The interpreter computes with NumPy, which warns of what is meant to overflow.
    overflow = pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")
    for item in items:
        if item.get_closest_marker("triton") is not None:
            item.add_marker(skip if find_spec("triton") is None else overflow)
