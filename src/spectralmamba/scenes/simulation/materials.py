"""Materials: what a surface is made of, and the reflectance that follows.

Log-reflectance is a continuum less the sum of concentration × absorbance (Beer–Lambert), band by band. That one formula
gives the behaviour that matters: bands saturate, and the red edge moves to longer wavelengths as chlorophyll rises
(Horler, Dockray & Barber 1983). Band positions are textbook facts: pigments, leaf water, cellulose and lignin in Curran
(1989) and Elvidge (1990); iron oxide, hydroxyl and carbonate in Hunt (1977) and Clark (1999); liquid water in Curcio &
Petty (1951); urban surfaces in Herold et al. (2004). Strengths are set by eye to give the familiar spectra.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from spectralmamba.scenes.simulation.fields import Floats

Trait = tuple[float, float]
"""Mean of a concentration, and the standard deviation of its logarithm."""

SIGNED = frozenset({"albedo", "tilt"})
"""Traits that are added, not concentrations: mean and standard deviation of log-reflectance."""

FWHM_PER_SIGMA = 2.3548
FINE_STEP_NM = 5.0


@dataclass(frozen=True)
class Matter:
    """One substance: reflectance without absorption, and its traits by name (see ``absorbance``)."""

    reflectance: float
    traits: Mapping[str, Trait]


@dataclass(frozen=True)
class Material:
    """One land-cover class.

    Attributes
    ----------
    name, colour : str
        As shown in a legend; the colour is ``#rrggbb``.
    surface : Matter
        What one sees from above.
    ground : Matter or None
        What shows through the gaps.
    cover : tuple of float
        Share of the surface as a logit: mean and standard deviation. Without ground it is unused.
    variation : tuple of float
        Shares of the traits' variance that lie between parcels, in smooth fields and from pixel to pixel.
    """

    name: str
    colour: str
    surface: Matter
    ground: Matter | None = None
    cover: Trait = (0.0, 0.0)
    variation: tuple[float, float, float] = field(default=(0.09, 0.06, 0.85))


Feature = tuple[float, float, float]
"""Absorbance of a unit of matter, position in nm, width in nm."""

_BELLS: Mapping[str, tuple[Feature, ...]] = {
    "chlorophyll": ((0.90, 430, 38), (0.75, 485, 26), (0.52, 565, 42), (0.55, 625, 24), (0.95, 675, 23)),
    "leaf_water": (
        (0.06, 970, 24), (0.17, 1190, 45), (0.90, 1450, 60), (1.70, 1940, 75), (1.30, 2600, 200),
    ),
    "cellulose": ((0.30, 1480, 60), (0.35, 1730, 35), (0.90, 2100, 55), (0.80, 2310, 45)),
    "iron_oxide": ((0.35, 490, 40), (0.12, 660, 35), (0.25, 870, 75)),
    "clay": ((0.35, 1412, 22), (0.40, 1915, 35), (0.80, 2205, 24), (0.20, 2350, 30)),
    "carbonate": ((0.15, 1870, 30), (0.25, 2000, 35), (0.90, 2338, 32)),
    "hydrocarbon": ((0.40, 1730, 25), (0.80, 2310, 40)),
}  # fmt: skip

_EDGES: Mapping[str, tuple[Feature, ...]] = {
    "leaf_water": ((0.35, 1370, 35), (0.35, 1880, 20)),
    # A negative width falls: the charge transfer of iron absorbs all that is shorter than 560 nm.
    "iron_oxide": ((1.0, 565, -22),),
    # Pure water absorbs ten times more at 720 nm than at 600 nm, and all light beyond 1000 nm.
    "deep_water": ((0.8, 595, 14), (1.1, 725, 16), (0.9, 930, 30)),
}


def _unit_absorbance(name: str, nm: np.ndarray) -> np.ndarray:
    """Give the absorbance of a unit of one trait, shape of ``nm``; signed traits are subtracted from it."""
    if name == "albedo":
        return np.full_like(nm, -1)
    if name == "tilt":
        return (1400 - nm) / 1000
    if name == "organic":
        return np.asarray(np.exp(-(nm - 400) / 380))
    total = np.zeros_like(nm)
    for height, centre, sigma in _BELLS.get(name, ()):
        total += height * np.exp(-0.5 * ((nm - centre) / sigma) ** 2)
    for height, centre, width in _EDGES.get(name, ()):
        total += height * 0.5 * (1 + np.tanh((nm - centre) / (2 * width)))
    return total


def absorbance(names: tuple[str, ...], wavelength: np.ndarray, fwhm: np.ndarray) -> Floats:
    """Average unit absorbances over the bands' Gaussian responses.

    Parameters
    ----------
    names : tuple of str
        Traits.
    wavelength, fwhm : numpy.ndarray, shape (n_bands,)
        Band centres and full widths at half maximum in nm.

    Returns
    -------
    numpy.ndarray, float32, shape (n_bands, n_traits)
    """
    fine = np.arange(300, 2600, FINE_STEP_NM)
    sigma = np.maximum(fwhm / FWHM_PER_SIGMA, FINE_STEP_NM / 2)
    response = np.exp(-0.5 * ((fine[None, :] - wavelength[:, None]) / sigma[:, None]) ** 2)
    response /= response.sum(axis=1, keepdims=True)
    unit = np.stack([_unit_absorbance(name, fine) for name in names], axis=1)
    return np.asarray(np.einsum("bf,ft->bt", response, unit), np.float32)
