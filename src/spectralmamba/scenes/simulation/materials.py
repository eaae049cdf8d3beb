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


def _bell(nm: Floats, centre: float, sigma: float) -> Floats:
    return np.asarray(np.exp(-0.5 * ((nm - centre) / sigma) ** 2), np.float32)


def _step(nm: Floats, centre: float, width: float) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh((nm - centre) / (2 * width))), np.float32)


def _chlorophyll(nm: Floats) -> Floats:
    blue = 0.90 * _bell(nm, 430, 38) + 0.75 * _bell(nm, 485, 26)
    return blue + 0.52 * _bell(nm, 565, 42) + 0.55 * _bell(nm, 625, 24) + 0.95 * _bell(nm, 675, 23)


def _leaf_water(nm: Floats) -> Floats:
    bands = 0.06 * _bell(nm, 970, 24) + 0.17 * _bell(nm, 1190, 45) + 0.90 * _bell(nm, 1450, 60)
    wings = 0.35 * _step(nm, 1370, 35) + 0.35 * _step(nm, 1880, 20) + 1.3 * _bell(nm, 2600, 200)
    return bands + 1.70 * _bell(nm, 1940, 75) + wings


def _cellulose(nm: Floats) -> Floats:
    return 0.35 * _bell(nm, 1730, 35) + 0.9 * _bell(nm, 2100, 55) + 0.8 * _bell(nm, 2310, 45) + 0.3 * _bell(nm, 1480, 60)


def _iron_oxide(nm: Floats) -> Floats:
    return (1 - _step(nm, 565, 22)) + 0.35 * _bell(nm, 490, 40) + 0.12 * _bell(nm, 660, 35) + 0.25 * _bell(nm, 870, 75)


def _clay(nm: Floats) -> Floats:
    return 0.35 * _bell(nm, 1412, 22) + 0.4 * _bell(nm, 1915, 35) + 0.8 * _bell(nm, 2205, 24) + 0.2 * _bell(nm, 2350, 30)


def _carbonate(nm: Floats) -> Floats:
    return 0.15 * _bell(nm, 1870, 30) + 0.25 * _bell(nm, 2000, 35) + 0.9 * _bell(nm, 2338, 32)


def _hydrocarbon(nm: Floats) -> Floats:
    return 0.4 * _bell(nm, 1730, 25) + 0.8 * _bell(nm, 2310, 40)


def _organic(nm: Floats) -> Floats:
    return np.asarray(np.exp(-(nm - 400) / 380), np.float32)


def _deep_water(nm: Floats) -> Floats:
    # Pure water absorbs ten times more at 720 nm than at 600 nm, and all light beyond 1000 nm.
    return 0.8 * _step(nm, 595, 14) + 1.1 * _step(nm, 725, 16) + 0.9 * _step(nm, 930, 30)


_ABSORBERS = {
    "chlorophyll": _chlorophyll,
    "leaf_water": _leaf_water,
    "cellulose": _cellulose,
    "iron_oxide": _iron_oxide,
    "clay": _clay,
    "carbonate": _carbonate,
    "hydrocarbon": _hydrocarbon,
    "organic": _organic,
    "deep_water": _deep_water,
    # Signed traits enter with a minus sign, since absorbance is subtracted.
    "albedo": lambda nm: -np.ones_like(nm),
    "tilt": lambda nm: -(nm - np.float32(1400)) / np.float32(1000),
}


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
    fine = np.arange(300, 2600, FINE_STEP_NM, dtype=np.float32)
    sigma = np.maximum(fwhm / FWHM_PER_SIGMA, FINE_STEP_NM / 2)
    response = np.exp(-0.5 * ((fine[None, :] - wavelength[:, None]) / sigma[:, None]) ** 2)
    response /= response.sum(axis=1, keepdims=True)
    unit = np.stack([_ABSORBERS[name](fine) for name in names], axis=1)
    return np.asarray(response @ unit, np.float32)
