"""What tests of several places share."""

import os
from pathlib import Path

import pytest


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
