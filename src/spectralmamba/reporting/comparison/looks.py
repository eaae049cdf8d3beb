"""How a model looks in every figure: its name, colour and marker, the same wherever it appears."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from spectralmamba.benchmarks.protocol import ModelEntry

COLOURS = {
    "spectralmamba": "#0072b2",
    "mamba": "#56b4e9",
    "casrnn": "#009e73",
    "spectralformer": "#d55e00",
    "cnn": "#e69f00",
    "mlp": "#cc79a7",
    "svm": "#222222",
    "randomforest": "#7a4b1e",
}
"""The first seven after Okabe & Ito, "Color Universal Design" (2008); all can be told apart in each of the three common
kinds of colour blindness, which the tests compute."""

EXTRA = "#332288"
TITLES = {
    "spectralmamba": "SpectralMamba",
    "mamba": "Mamba",
    "casrnn": "CasRNN",
    "spectralformer": "SpectralFormer",
    "cnn": "CNN",
    "mlp": "MLP",
    "svm": "SVM",
    "randomforest": "Random forest",
}
FORMS = {"patchwise": "o", "pixelwise": "s"}
"""Marker of each form: a circle and a square."""

_VARIANTS = ("o", "s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class Look:
    """A model's look.

    Attributes
    ----------
    title : str
        The entry's label; where it has none, the model's name as its authors write it.
    name : str
        The same with the form, where the title does not say it.
    form, colour, marker : str
    """

    title: str
    name: str
    form: str
    colour: str
    marker: str


def model_title(model: str) -> str:
    """Write a registered name as its authors do."""
    return TITLES.get(model, model)


def looks_of(entries: Sequence[ModelEntry]) -> dict[str, Look]:
    """Give each entry of a protocol its look, by the entry's name.

    The first entry of a model and form has the model's own colour, and a marker by form. Further ones, which differ in
    options, take colours that no model of the protocol has, then any, with markers of their own.
    """
    taken = {entry.model for entry in entries}
    free = [EXTRA, *(colour for model, colour in COLOURS.items() if model not in taken)]
    every = [*free, *(colour for colour in COLOURS.values() if colour not in free)]
    own = {(COLOURS[entry.model], FORMS[entry.form]) for entry in entries if entry.model in COLOURS}
    further = cycle([pair for pair in ((c, m) for m in _VARIANTS for c in every) if pair not in own])
    looks: dict[str, Look] = {}
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        key = (entry.model, entry.form)
        first = key not in seen and entry.model in COLOURS
        colour, marker = (COLOURS[entry.model], FORMS[entry.form]) if first else next(further)
        seen.add(key)
        title = entry.label or model_title(entry.model)
        looks[entry.name] = Look(title, entry.label or f"{title}, {entry.form}", entry.form, colour, marker)
    return looks
