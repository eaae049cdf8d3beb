"""How a model looks in every figure: its name, colour and marker, the same wherever it appears."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

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

_FURTHER = ("^", "D", "v", "P", "X")  # where a form has more variants than there are colours


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
    options, take colours that no model of the protocol has, then any that is left, then other markers.
    """
    taken = {entry.model for entry in entries}
    free = [EXTRA, *(colour for model, colour in COLOURS.items() if model not in taken)]
    every = [*free, *(colour for colour in COLOURS.values() if colour not in free)]
    used = {(COLOURS[entry.model], FORMS[entry.form]) for entry in entries if entry.model in COLOURS}
    looks: dict[str, Look] = {}
    seen: set[tuple[str, str]] = set()
    for entry in entries:
        first = (entry.model, entry.form) not in seen and entry.model in COLOURS
        seen.add((entry.model, entry.form))
        colour, marker = (COLOURS[entry.model], FORMS[entry.form]) if first else _unused(entry.form, every, used)
        used.add((colour, marker))
        title = entry.label or model_title(entry.model)
        looks[entry.name] = Look(title, entry.label or f"{title}, {entry.form}", entry.form, colour, marker)
    return looks


def _unused(form: str, colours: Sequence[str], used: Collection[tuple[str, str]]) -> tuple[str, str]:
    """Give the first colour and marker that nobody has; the first of all where none is left."""
    pairs = ((colour, marker) for marker in (FORMS[form], *_FURTHER) for colour in colours)
    return next((pair for pair in pairs if pair not in used), (colours[0], FORMS[form]))
