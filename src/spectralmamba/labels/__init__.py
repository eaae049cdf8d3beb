"""Labels: one small reader per format, the map they become on the scene's grid, and the table of classes."""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "ClassTable": "spectralmamba.labels.class_table",
    "open_labels": "spectralmamba.labels.opening",
}

__all__ = ["ClassTable", "open_labels"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _PUBLIC:
        raise AttributeError(f"module 'spectralmamba.labels' has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
