"""Benchmark data on demand: what is known of each data set, and how it comes onto this machine.

Nothing is distributed with this package: files come from their owners' addresses, or are put in place by hand.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "CATALOGUE": "spectralmamba.scenes.datasets.catalogue",
    "Dataset": "spectralmamba.scenes.datasets.entry",
    "OpenedDataset": "spectralmamba.scenes.datasets.opening",
    "dataset_files": "spectralmamba.scenes.datasets.opening",
    "download_dataset": "spectralmamba.scenes.datasets.obtain",
    "open_dataset": "spectralmamba.scenes.datasets.opening",
    "verify_dataset": "spectralmamba.scenes.datasets.obtain",
}

__all__ = list(_PUBLIC)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.scenes.datasets' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
