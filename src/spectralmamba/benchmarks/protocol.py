"""A protocol: everything that decides a comparison of models, as a file that a person can read and write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from spectralmamba.errors import ConfigError

_STRICT = ConfigDict(extra="forbid")
_OWN_PLACE = {
    "patch_size": "patch_size stands beside 'model', not among its options",
    "n_bands": "n_bands follows from the data",
    "n_classes": "n_classes follows from the data",
    "seed": "seeds stand under 'seeds'",
}
"""What a reader might look for in a mapping that it is not part of, and where it comes from."""


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
            raise ConfigError("give a dataset, scene and labels, or pairs")
        if self.pairs is not None and any(value for name, value in vars(self).items() if name != "pairs"):
            raise ConfigError("pairs go alone; what is particular to a scene stands in their list")


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
        Some of the protocol's seeds, for a model that takes long.
    """

    __pydantic_config__ = _STRICT

    model: str
    label: str = ""
    patch_size: int = 3
    options: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _refuse_misplaced(self.options, f"{self.name}: options", "patch_size", "n_bands", "n_classes")
        _refuse_misplaced(self.training, f"{self.name}: training", "seed")

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
        if self.test_folds is not None and not self.test_folds:
            raise ConfigError(f"protocol {self.name} has an empty list of test folds; name one, or leave it out")
        if not self.models or not self.seeds:
            raise ConfigError(f"protocol {self.name} has no model or no seed; give at least one of each")
        names = [entry.name for entry in self.models]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigError(f"protocol {self.name} has two models called {twice!r}; give each a label of its own")
        if self.name != Path(self.name).name:
            raise ConfigError(f"{self.name!r} cannot be the name of a protocol; use one that a folder can have")
        _refuse_misplaced(self.split, f"protocol {self.name}: split", "seed")
        _refuse_misplaced(self.training, f"protocol {self.name}: training", "seed")
        self._check_seeds()

    def _check_seeds(self) -> None:
        for where, seeds in (("", self.seeds), *((f"{e.name}: ", e.seeds) for e in self.models if e.seeds is not None)):
            if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
                raise ConfigError(
                    f"protocol {self.name}: {where}seeds {list(seeds)} are not possible; name each one once, from 0"
                )

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

    def with_seeds(self, seeds: Sequence[int]) -> "Protocol":
        """Take other seeds.

        A model with seeds of its own keeps those that are among them; where none is, it gets as many as it had, the
        first ones, so that no model is left out.
        """

        def own(entry: ModelEntry) -> tuple[int, ...] | None:
            if entry.seeds is None:
                return None
            return tuple(seed for seed in entry.seeds if seed in seeds) or tuple(seeds[: len(entry.seeds)])

        models = tuple(replace(entry, seeds=own(entry)) for entry in self.models)
        return replace(self, seeds=tuple(seeds), models=models)

    def on_maps(self, train: Path | None, test: Path | None) -> "Protocol":
        """Take given maps of training and test pixels in place of the protocol's split; published figures had another.

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
        published = tuple(replace(figure, other_split=True) for figure in self.published)  # for all that is known
        return replace(self, data=data, split={}, test_folds=None, title=title, published=published)


def _refuse_misplaced(given: Mapping[str, Any], where: str, *names: str) -> None:
    """Refuse what would be overridden without a word."""
    for name in names:
        if name in given:
            raise ConfigError(f"{where}: {_OWN_PLACE[name]}; leave it out there")
