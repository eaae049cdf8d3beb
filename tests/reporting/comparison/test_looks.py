"""Colours, markers and names."""

from itertools import combinations

import numpy as np
import pytest

from spectralmamba.benchmarks.protocol import ModelEntry
from spectralmamba.models import model_names
from spectralmamba.reporting.comparison.looks import COLOURS, EXTRA, TITLES, looks_of

from .made import both_forms

# Machado, Oliveira, Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# severity 1.0, on linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(colour: str, sight: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    rgb = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array(XYZ) @ np.clip(np.array(sight) @ linear, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
def test_colours_are_told_apart_by_everybody(sight):
    seen = [lab(colour, SIGHT[sight]) for colour in (*COLOURS.values(), EXTRA)]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 15
    assert max(colour[0] for colour in seen) < 80  # not lost on white paper


def test_every_registered_model_has_a_colour_and_a_title():
    assert set(COLOURS) == set(TITLES) == set(model_names())


def test_a_model_looks_the_same_in_every_benchmark():
    every = looks_of(both_forms())
    for name in ("spectralmamba", "cnn"):
        for alone in looks_of([ModelEntry(name)]).values():
            assert alone == every[f"{name}, patchwise"]
    assert every["cnn, patchwise"].colour == every["cnn, pixelwise"].colour
    assert every["cnn, patchwise"].marker != every["cnn, pixelwise"].marker
    assert every["spectralmamba, pixelwise"].name == "SpectralMamba, pixelwise"


def test_entries_of_one_model_are_told_apart():
    entries = [ModelEntry("spectralmamba", label=f"R = {i}", options={"piece_size": i}) for i in range(1, 31)]
    looks = looks_of([*entries, ModelEntry("cnn"), ModelEntry("somebody's own")])
    assert len({(look.colour, look.marker) for look in looks.values()}) == 32
    assert looks["R = 1"].colour == COLOURS["spectralmamba"]
    assert looks["R = 3"].name == looks["R = 3"].title == "R = 3"
    assert looks["cnn, patchwise"].colour == COLOURS["cnn"]
    assert "s" not in {look.marker for look in looks.values()}  # none is pixelwise
    assert len(looks_of([ModelEntry("cnn", label=str(i)) for i in range(200)])) == 200


def test_pixelwise_variants_are_squares():
    entries = [ModelEntry("spectralmamba", label=f"{size} {i}", patch_size=size) for size in (3, 1) for i in range(4)]
    markers = [look.marker for look in looks_of(entries).values()]
    assert markers == ["o"] * 4 + ["s"] * 4
