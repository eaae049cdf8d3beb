"""Whether files hold what was published: size and bands of the scene, kind of its values, pixels of every class."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from spectralmamba.errors import DatasetError, LabelError, SceneError
from spectralmamba.scenes.datasets.entry import Dataset, LabelFile
from spectralmamba.scenes.opening import open_scene

if TYPE_CHECKING:
    from spectralmamba.labels.class_table import ClassTable

_ROWS = 128
"""Rows of the scene that are looked at together, so that memory stays bounded where a file is read lazily."""


class NotAsPublished(DatasetError):  # noqa: N818 - a DatasetError that knows its file
    """A file does not hold what the catalogue says.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    message : str
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


def verify_structure(entry: Dataset, paths: Mapping[str, Path]) -> None:
    """Compare files with the catalogue.

    Parameters
    ----------
    entry : Dataset
    paths : mapping from the name of each file of the entry to where it lies

    Raises
    ------
    NotAsPublished
        Something is not as published.
    """
    scene = open_scene_file(entry, paths)
    _check_values(entry, scene, paths[entry.scene.name])
    for labels in entry.labels:
        _check_counts(entry, labels, open_label_file(entry, labels, scene, paths), paths[labels.file.name])


def open_scene_file(entry: Dataset, paths: Mapping[str, Path]) -> xr.DataArray:
    """Open the scene; NotAsPublished where it cannot be opened, or has another size."""
    path = paths[entry.scene.name]
    try:
        scene = open_scene(path, entry.scene.variable)
    except SceneError as error:
        raise NotAsPublished(path, _unreadable(entry, path, "the scene", error)) from error
    found = scene.sizes["y"], scene.sizes["x"], scene.sizes["band"]
    published = entry.height, entry.width, entry.bands
    if found != published:
        raise NotAsPublished(
            path,
            f"{path} holds {_size(found)} bands but the scene of {entry.title} has {_size(published)}; it is another "
            f"version, so fetch the one of {entry.page}",
        )
    return scene


def open_label_file(entry: Dataset, labels: LabelFile, scene: xr.DataArray, paths: Mapping[str, Path]) -> xr.DataArray:
    """Open a label map on the scene's grid, with the published names; NotAsPublished where it cannot be opened."""
    # Labels come after scenes in the order of the package; only benchmark data bring both.
    from spectralmamba.labels.opening import open_labels  # noqa: PLC0415

    path = paths[labels.file.name]
    try:
        label_map = open_labels(path, like=scene, variable=labels.file.variable)
    except LabelError as error:
        raise NotAsPublished(path, _unreadable(entry, path, "a label map", error)) from error
    return label_map.assign_attrs(classes=published_classes(entry, label_map))


def _unreadable(entry: Dataset, path: Path, role: str, error: Exception) -> str:
    """Say that a file is something else; what to do is not the reader's advice, who knows of no data set."""
    fact = str(error).partition(";")[0]
    return (
        f"{path} is not {role} of {entry.title}, or it is damaged ({fact}); get {path.name} from {entry.page}, put it "
        "into the data set's folder, and run the download again"
    )


def published_classes(entry: Dataset, label_map: xr.DataArray) -> "ClassTable":
    """Make the table of all published classes, and of those that the map has besides."""
    from spectralmamba.labels.class_table import ClassTable  # noqa: PLC0415 - see open_label_file

    names = dict(entry.classes)
    return ClassTable.from_numbers(sorted(names.keys() | set(label_map.attrs["classes"].numbers)), names)


def _check_values(entry: Dataset, scene: xr.DataArray, path: Path) -> None:
    """Look at every value once: not all missing or the same, and whole where the data set has whole numbers."""
    low, high = np.inf, -np.inf
    for top in range(0, scene.sizes["y"], _ROWS):
        rows = scene.isel(y=slice(top, top + _ROWS)).values
        values = rows[np.isfinite(rows)]
        if entry.integers and (np.trunc(values) != values).any():
            raise NotAsPublished(
                path,
                f"{path} holds fractions but {entry.title} whole numbers; it was scaled, so fetch it from {entry.page}",
            )
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if low >= high:
        raise NotAsPublished(path, f"{path} holds no two different values; fetch it again")


def _check_counts(entry: Dataset, labels: LabelFile, label_map: xr.DataArray, path: Path) -> None:
    """Compare the number of pixels of every class."""
    numbers, counts = np.unique(label_map.values, return_counts=True)
    found = {int(number): int(count) for number, count in zip(numbers, counts, strict=True) if number > 0}
    published = {number: count for (number, _), count in zip(entry.classes, labels.counts, strict=True)}
    names = dict(entry.classes)
    for number in sorted(found.keys() | published.keys()):
        have, wanted = found.get(number, 0), published.get(number, 0)
        if have != wanted:
            called = f" ({names[number]})" if number in names else ""
            raise NotAsPublished(
                path,
                f"{path} has {have:,} pixels of class {number}{called} but {wanted:,} were published for "
                f"{entry.title}; it is another version, so fetch the one of {entry.page}",
            )


def _size(size: tuple[int, int, int]) -> str:
    return f"{size[0]} × {size[1]} pixels and {size[2]}"
