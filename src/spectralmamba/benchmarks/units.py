"""What there is to run: each model with each seed on each fold, known by configuration and data."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from spectralmamba.benchmarks.checking import made_from
from spectralmamba.benchmarks.checksum import data_checksum
from spectralmamba.benchmarks.data import NOT_FILES, Items, files_of, items_of, texts_of
from spectralmamba.benchmarks.protocol import ModelEntry, Protocol
from spectralmamba.errors import ConfigError
from spectralmamba.sampling.fold_maps import count_divisions, count_folds
from spectralmamba.sampling.options import SplitOptions, read_folds
from spectralmamba.scenes.opening import holds_spectra_alone
from spectralmamba.training import RunConfig, TrainingOptions

RESULT_FORMAT = 1


@dataclass(frozen=True)
class Unit:
    """One model trained and tested once.

    Attributes
    ----------
    name : str
        Of the model's entry.
    form : str
    seed : int
    fold : int, optional
        The fold that is tested on; None where the split has none.
    config : RunConfig
        Everything that decides it but the data's content.
    key : str
        Digest of configuration and data.
    """

    name: str
    form: str
    seed: int
    fold: int | None
    config: RunConfig
    key: str


def units_of(protocol: Protocol, seeds: Sequence[int] | None = None) -> list[Unit]:
    """List what a protocol has to run, seed by seed, so that one seed of all models is there first.

    Parameters
    ----------
    protocol : Protocol
    seeds : sequence of int, optional
        In place of the protocol's.

    Raises
    ------
    ConfigError, SplitError
        An option of the split or of a training is impossible, or a file of the data is missing.
    """
    protocol = protocol if seeds is None else protocol.with_seeds(seeds)
    data, held = items_of(protocol.data, fixed=protocol.takes_published_split)
    protocol = replace(protocol, split=held | dict(protocol.split))
    checksum = data_checksum([*files_of(data), *_fold_files(protocol)])
    _require_windows(protocol, data)
    units = []
    for seed in protocol.seeds:
        for entry in protocol.models:
            if entry.seeds is None or seed in entry.seeds:
                units += [_unit(protocol, entry, seed, fold, data, checksum) for fold in _test_folds(protocol, seed)]
    return units


def _require_windows(protocol: Protocol, data: Items) -> None:
    """A patchwise model wants the pixels about a spectrum."""
    alone = next((item["scene"] for item in data if holds_spectra_alone(item["scene"])), None)
    patchwise = next((entry for entry in protocol.models if entry.patch_size > 1), None)
    if alone is not None and patchwise is not None:
        raise ConfigError(
            f"protocol {protocol.name}: {patchwise.name} is patchwise, but {alone} holds spectra without the pixels "
            "about them; give the model patch_size: 1"
        )


def _unit(protocol: Protocol, entry: ModelEntry, seed: int, fold: int | None, data: Items, checksum: str) -> Unit:
    config = RunConfig(
        model=entry.model,
        model_options=dict(entry.options) | {"patch_size": entry.patch_size},
        training=_training(protocol, entry, seed),
        split=_split(protocol, seed, fold, fixed=any("test_labels" in item for item in data)),
        drop_classes=protocol.drop_classes,
        data=data,
    )
    document = asdict(replace(config, data=())) | {"checksum": checksum, "format": RESULT_FORMAT}
    document["split"].pop("fold_map")  # where it lies does not matter; what it holds is in the checksum
    for name in ("test_scenes", "validation_scenes"):  # results from before there were such options keep their key
        if not document["split"][name]:
            del document["split"][name]
    document |= _beside_content(protocol, data)
    key = hashlib.sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()[:20]
    return Unit(entry.name, entry.form, seed, fold, config, key)


def _beside_content(protocol: Protocol, data: Items) -> dict[str, Any]:
    """What decides a run beside options and the content of files; empty where nothing does, as in older results."""
    if protocol.data.pairs is not None:
        facts: dict[str, Any] = {"scenes": texts_of(data)}
    else:
        facts = {} if protocol.data.variable is None else {"variable": protocol.data.variable}
    roles = [[name for name in item if name not in NOT_FILES] for item in data]
    named_otherwise = any({"mask", "validation_labels"} & set(names) for names in roles)
    return facts | ({"roles": roles} if named_otherwise else {})


def _training(protocol: Protocol, entry: ModelEntry, seed: int) -> TrainingOptions:
    values = dict(protocol.training) | dict(entry.training) | {"seed": seed}
    return made_from(TrainingOptions, values, f"protocol {protocol.name}: training of {entry.name}")


def _split(protocol: Protocol, seed: int, fold: int | None, *, fixed: bool) -> SplitOptions:
    options = dict(protocol.split)
    file = options.pop("folds", None)
    if fixed:
        options = {"recipe": "fixed"} | options
    if file is not None and fold is not None:
        path = Path(file)
        options |= {"test_fold": fold} | (
            {"recipe": "folds", "fold_map": file, "fold_set": seed % count_divisions(path)}
            if path.suffix == ".npz"
            else {"recipe": "tiles", "folds": read_folds(path)}
        )
    return made_from(SplitOptions, options | {"seed": seed}, f"protocol {protocol.name}: split")


def _test_folds(protocol: Protocol, seed: int) -> Sequence[int | None]:
    file = protocol.split.get("folds")
    if file is None:
        if protocol.test_folds is not None:
            raise ConfigError(f"protocol {protocol.name} has test folds but no folds; name their file in its split")
        if protocol.split.get("recipe") == "all":
            raise ConfigError(f"protocol {protocol.name}: recipe 'all' leaves no pixel to test on; take another")
        return [None]
    if protocol.test_folds is not None:
        return protocol.test_folds
    path = Path(file)
    if path.suffix == ".npz":
        return range(count_folds(path, seed % count_divisions(path)))
    return sorted(set(read_folds(path).values()))


def _fold_files(protocol: Protocol) -> list[str]:
    return [str(protocol.split["folds"])] if "folds" in protocol.split else []
