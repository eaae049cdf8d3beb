"""A data set as arrays."""

import os
from dataclasses import dataclass

import xarray as xr

from spectralmamba.scenes.datasets.catalogue import find
from spectralmamba.scenes.datasets.entry import Dataset
from spectralmamba.scenes.datasets.obtain import require_there
from spectralmamba.scenes.datasets.place import folder_of
from spectralmamba.scenes.datasets.verify import open_label_file, open_scene_file

_ROLES = {"labels": "labels", "train": "labels", "test": "test_labels"}


def dataset_files(name: str, folder: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """Say where the files of a data set lie, as a run's configuration names them.

    Parameters
    ----------
    name, folder
        As for :func:`open_dataset`.

    Returns
    -------
    dict of str to str
        Paths of ``scene`` and ``labels``; of ``test_labels`` where a split was published, ``labels`` then being those
        to train on; ``variable`` where the scene's file holds several arrays; and the data set's name.

    Raises
    ------
    DatasetError
        There is no such data set, or it is not there; the message says what to run.
    """
    entry = find(name)
    target = folder_of(entry, folder)
    require_there(entry, target)
    files = {"dataset": entry.name, "scene": str(target / entry.scene.name)}
    files |= {_ROLES[labels.role]: str(target / labels.file.name) for labels in entry.labels}
    return files if entry.scene.variable is None else files | {"variable": entry.scene.variable}


@dataclass(frozen=True)
class OpenedDataset:
    """A scene and its label maps.

    Parameters
    ----------
    entry : Dataset
        What the catalogue says about it.
    scene : xarray.DataArray (band, y, x)
        As :func:`spectralmamba.scenes.open_scene` gives it.
    labels : xarray.DataArray (y, x), optional
        All labelled pixels, with the published class names. None where a split was published.
    train, test : xarray.DataArray (y, x), optional
        The published split. None where there is none.
    """

    entry: Dataset
    scene: xr.DataArray
    labels: xr.DataArray | None = None
    train: xr.DataArray | None = None
    test: xr.DataArray | None = None


def open_dataset(name: str, folder: str | os.PathLike[str] | None = None) -> OpenedDataset:
    """Open a benchmark data set that was downloaded, or put in place by hand, and verified.

    Parameters
    ----------
    name : str
        See ``spectralmamba datasets list``.
    folder : path, optional
        Where its files lie, if not in the usual place.

    Returns
    -------
    OpenedDataset

    Raises
    ------
    DatasetError
        There is no such data set, or it is not there; the message says what to run.

    Examples
    --------
    >>> botswana = open_dataset("botswana")  # doctest: +SKIP
    >>> botswana.scene.sizes["band"], botswana.labels.attrs["classes"].names[0]  # doctest: +SKIP
    (145, 'Water')
    """
    entry = find(name)
    target = folder_of(entry, folder)
    require_there(entry, target)
    paths = {file.name: target / file.name for file in entry.files}
    scene = open_scene_file(entry, paths)
    maps = {labels.role: open_label_file(entry, labels, scene, paths) for labels in entry.labels}
    return OpenedDataset(entry, scene.assign_attrs(dataset=entry.name), **maps)
