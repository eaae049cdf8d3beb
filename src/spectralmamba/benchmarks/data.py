"""What the runs of a protocol open: one scene, a data set, or the scenes of a list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from spectralmamba.benchmarks.protocol import DataSource
from spectralmamba.sampling.pairs import Pair, distinct_key, held_out, read_pairs
from spectralmamba.scenes.datasets import dataset_files

Items = tuple[dict[str, str], ...]
NOT_FILES = ("variable", "dataset", "attribute", "layer", "name")


def items_of(source: DataSource, *, fixed: bool) -> tuple[Items, dict[str, Any]]:
    """Say what a run is to open, as ``RunConfig.data`` has it, and which of its scenes are held out.

    Parameters
    ----------
    source : DataSource
    fixed : bool
        Whether a data set's published split is wanted.

    Returns
    -------
    items : tuple of dict of str to str
        One for each scene; those of a list have names, so that a split can tell them before they are opened.
    split : dict
        Fields of ``SplitOptions`` that follow from a list's column ``part``.

    Raises
    ------
    ConfigError, DatasetError
        The list cannot be read, or the data set is not there.
    """
    if source.pairs is None:
        return (_single(source, fixed=fixed),), {}
    pairs = read_pairs(Path(source.pairs))
    names: list[str] = []
    for pair in pairs:
        names.append(distinct_key(pair.name or pair.scene.stem, names))
    held = held_out(pairs, names)
    items = tuple(_listed(pair, name) for pair, name in zip(pairs, names, strict=True))
    return items, ({"recipe": "scenes"} if held else {}) | held


def files_of(items: Sequence[Mapping[str, str]]) -> Iterator[str]:
    """Give every file that is named."""
    for item in items:
        yield from (value for name, value in item.items() if name not in NOT_FILES)


def texts_of(items: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Give what decides a run of listed scenes beside the content of their files."""
    return [{name: value for name, value in item.items() if name in NOT_FILES} for item in items]


def _listed(pair: Pair, name: str) -> dict[str, str]:
    return {"scene": str(pair.scene), "labels": str(pair.labels), "name": name} | dict(pair.options)


def _single(source: DataSource, *, fixed: bool) -> dict[str, str]:
    named = {name: value for name, value in asdict(source).items() if value is not None}
    if source.dataset is None:
        return named
    files: dict[str, str] = dataset_files(named.pop("dataset"))
    if "labels" in named:
        files.pop("test_labels", None)
    elif "test_labels" in files and not fixed:
        files["more_labels"] = files.pop("test_labels")
    return files | named
