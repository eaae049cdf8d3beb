"""A protocol: everything that decides a comparison of models, as a file that a person can read and write."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from spectralmamba.errors import ConfigError

_STRICT = ConfigDict(extra="forbid")
_FOLDER = "{data}"


@dataclass(frozen=True)
class DataSource:
    """Where scene and labels are.

    Attributes
    ----------
    dataset : str, optional
        A data set of ``spectralmamba datasets``: its scene and labels, and its published split where the protocol has
        no other; all its labels together where it has.
    scene, labels : str, optional
        What ``open_scene`` and ``open_labels`` take; ``{data}`` stands for the data folder, and what is relative is
        so to the protocol's file. They go before those of the data set.
    test_labels, validation_labels : str, optional
        For a fixed split.
    variable, mask : str, optional
        As for ``train``.
    pairs : str, optional
        A list of several scenes and their labels in place of these, see
        :func:`spectralmamba.sampling.pairs.read_pairs`; a table of folds may name the scenes as its tiles.
    """

    __pydantic_config__ = _STRICT

    dataset: str | None = None
    scene: str | None = None
    labels: str | None = None
    test_labels: str | None = None
    validation_labels: str | None = None
    variable: str | None = None
    mask: str | None = None
    pairs: str | None = None

    def __post_init__(self) -> None:
        if self.pairs is None and self.dataset is None and (self.scene is None or self.labels is None):
            raise ConfigError("data: give a dataset, scene and labels, or pairs")
        if self.pairs is not None and any(value for name, value in vars(self).items() if name != "pairs"):
            raise ConfigError("data: pairs go alone; what is particular to a scene stands in their list")


@dataclass(frozen=True)
class ModelEntry:
    """A model of the comparison.

    Attributes
    ----------
    model : str
        Registered name.
    label : str
        Its name in tables; the registered name, with the form, where it is empty.
    patch_size : int
        P; 1 is pixelwise.
    options : mapping
        Of the model.
    training : mapping
        Fields of ``TrainingOptions`` that differ from the protocol's.
    seeds : tuple of int, optional
        Fewer seeds than the protocol's, for a model that takes long.
    """

    __pydantic_config__ = _STRICT

    model: str
    label: str = ""
    patch_size: int = 3
    options: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] | None = None

    @property
    def form(self) -> str:
        """How it looks at a pixel."""
        return "pixelwise" if self.patch_size == 1 else "patchwise"

    @property
    def name(self) -> str:
        """Its name in tables."""
        return self.label or f"{self.model}, {self.form}"


@dataclass(frozen=True)
class Published:
    """A published result, to stand beside ours.

    Attributes
    ----------
    name : str
        Of the model's entry, or of a model that is not run.
    source : str
        Where the figure is from.
    overall_accuracy, average_accuracy, kappa : float, optional
        In per cent, kappa within -1..1.
    other_split : bool
        Whether it was reached on another division than this protocol's.
    """

    __pydantic_config__ = _STRICT

    name: str
    source: str
    overall_accuracy: float | None = None
    average_accuracy: float | None = None
    kappa: float | None = None
    other_split: bool = True


@dataclass(frozen=True)
class Protocol:
    """A comparison of models on one scene, or several together.

    Attributes
    ----------
    name, title : str
        For files, and for people.
    data : DataSource
    models : tuple of ModelEntry
    split : mapping
        Fields of ``SplitOptions``; ``folds`` names a CSV table of tiles or an ``.npz`` map of pixels.
    test_folds : tuple of int, optional
        Folds to hold out in turn; all where not given.
    seeds : tuple of int
        Each for training, for the split, and, where a map of folds holds several divisions, for the choice among them.
    training : mapping
        Fields of ``TrainingOptions``, for all models.
    drop_classes : tuple of int
        Class numbers to leave out.
    published : tuple of Published
    notes : str
        What a reader of the table has to know.
    """

    __pydantic_config__ = _STRICT

    name: str
    data: DataSource
    models: tuple[ModelEntry, ...]
    title: str = ""
    split: Mapping[str, Any] = field(default_factory=dict)
    test_folds: tuple[int, ...] | None = None
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    training: Mapping[str, Any] = field(default_factory=dict)
    drop_classes: tuple[int, ...] = ()
    published: tuple[Published, ...] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        if not self.models or not self.seeds:
            raise ConfigError(f"protocol {self.name} has no model or no seed; give at least one of each")
        names = [entry.name for entry in self.models]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigError(f"protocol {self.name} has two models called {twice!r}; give each a label of its own")

    @property
    def takes_published_split(self) -> bool:
        """Whether the split is that of given maps: no other recipe is named."""
        return "folds" not in self.split and self.split.get("recipe", "fixed") == "fixed"

    def only(self, names: list[str]) -> "Protocol":
        """Keep the models with these labels or registered names.

        Raises
        ------
        ConfigError
            One of them is not there.
        """
        known = {name for entry in self.models for name in (entry.name, entry.model)}
        missing = [name for name in names if name not in known]
        if missing:
            raise ConfigError(f"protocol {self.name} has no model {missing[0]!r}; it has: {', '.join(sorted(known))}")
        kept = tuple(entry for entry in self.models if entry.name in names or entry.model in names)
        return replace(self, models=kept)

    def on_maps(self, train: Path | None, test: Path | None) -> "Protocol":
        """Take given maps of training and test pixels in place of the protocol's split.

        Raises
        ------
        ConfigError
            Only one of them is given.
        """
        if train is None and test is None:
            return self
        if train is None or test is None:
            raise ConfigError("a split by maps needs training and test pixels; give --train-labels and --test-labels")
        data = replace(self.data, labels=str(train.absolute()), test_labels=str(test.absolute()))
        title = f"{self.title or self.name}, on the maps given in place of its split"
        return replace(self, data=data, split={}, test_folds=None, title=title)


def shipped_protocols() -> dict[str, str]:
    """Names and titles of the protocols that come with the package."""
    found = {}
    for file in sorted(resources.files("spectralmamba.benchmarks").joinpath("protocols").iterdir(), key=str):
        if file.name.endswith(".yaml"):
            found[file.name.removesuffix(".yaml")] = str(yaml.safe_load(file.read_text(encoding="utf-8"))["title"])
    return found


def read_protocol(name: str, data: Path | None = None) -> Protocol:
    """Read a protocol.

    Parameters
    ----------
    name : str
        A file, or the name of a shipped protocol.
    data : Path, optional
        What ``{data}`` in it stands for.

    Raises
    ------
    ConfigError
        There is none, it cannot be read, has an unknown key or an impossible value, or needs a data folder.
    """
    text, folder = _text_of(name)
    if _FOLDER in text and data is None:
        raise ConfigError(f"protocol {name} needs a data folder; give it with --data or SPECTRALMAMBA_DATA")
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"cannot read the protocol {name} ({' '.join(str(error).split())}); write YAML") from error
    try:
        protocol = TypeAdapter(Protocol).validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise ConfigError(f"protocol {name}: {where}: {first['msg']}; correct it or leave it out") from error
    return _with_paths(protocol, folder, data)


def _text_of(name: str) -> tuple[str, Path]:
    """The text of a protocol and the folder that its paths are relative to."""
    path = Path(name)
    if not path.suffix:
        shipped = list(shipped_protocols())
        if name not in shipped:
            raise ConfigError(f"there is no protocol {name!r}; name a YAML file, or one of: {', '.join(shipped)}")
        file = resources.files("spectralmamba.benchmarks").joinpath("protocols", f"{name}.yaml")
        return file.read_text(encoding="utf-8"), Path()
    try:
        return path.read_text(encoding="utf-8"), path.absolute().parent
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the protocol {name} ({error}); name a YAML file") from error


def _with_paths(protocol: Protocol, folder: Path, data: Path | None) -> Protocol:
    """Make every path of a protocol absolute."""

    def absolute(text: str) -> str:
        return str((folder / text.replace(_FOLDER, str(data))).absolute())

    names = ("scene", "labels", "test_labels", "validation_labels", "mask", "pairs")
    paths = {name: absolute(text) for name in names if (text := getattr(protocol.data, name)) is not None}
    split = dict(protocol.split)
    if "folds" in split:
        split["folds"] = absolute(str(split["folds"]))
    return replace(protocol, data=replace(protocol.data, **paths), split=split)
