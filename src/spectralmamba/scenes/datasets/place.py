"""Where a data set lies on this machine."""

import os
from pathlib import Path

from spectralmamba.scenes.datasets.entry import Dataset

VARIABLE = "SPECTRALMAMBA_DATASETS"
"""Environment variable with the folder that holds a folder for each data set."""


def folder_of(entry: Dataset, folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a data set's files.

    Parameters
    ----------
    entry : Dataset
    folder : path, optional
        The folder itself. Where not given, a folder with the data set's name, inside the one that the environment
        variable ``SPECTRALMAMBA_DATASETS`` names, else inside the user's cache.
    """
    return root_folder() / entry.name if folder is None else Path(folder).expanduser().absolute()


def root_folder() -> Path:
    """Return the folder that holds a folder for each data set, where none is named."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named).expanduser().absolute()
    import pooch  # noqa: PLC0415 - it brings in a good deal that a folder given needs not

    return Path(pooch.os_cache("spectralmamba")) / "datasets"
