"""What the sensor's pixels reflect: shares of materials, traits that vary over the scene, linear mixing."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from spectralmamba.scenes.simulation.catalogue import MATERIALS
from spectralmamba.scenes.simulation.fields import Classes, Floats, Integers, smooth_field, stream
from spectralmamba.scenes.simulation.landscape import OVERSAMPLING, Landscape
from spectralmamba.scenes.simulation.materials import SIGNED, Matter, Trait, absorbance

POINT_SPREAD_PIXELS = 0.55
"""Standard deviation of the sensor's Gaussian point spread beyond the pixel's own square."""

LEAST_ABUNDANCE = 0.005
"""Smaller shares are below the noise and not worth a spectrum."""

TRAIT_PIXELS = 40.0
"""Scale of the smooth part of the traits' variation."""


@dataclass(frozen=True)
class Grid:
    """What the sensor's pixels see: abundances (n_classes, height, width), summing to 1, and the parcel below each."""

    abundance: Floats
    parcel: Integers
    n_parcels: int
    seed: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.parcel.shape[0], self.parcel.shape[1]

    @property
    def truth(self) -> Classes:
        """Class with the largest abundance, 1..K."""
        return np.asarray(self.abundance.argmax(axis=0) + 1, np.uint8)


def sample(land: Landscape) -> Grid:
    """Average the landscape over pixels, blurred by the point spread."""
    height, width = (n // OVERSAMPLING for n in land.shape)
    abundance = np.empty((land.n_classes, height, width), np.float32)
    for index in range(land.n_classes):
        cells = (land.cover == index + 1).astype(np.float32)
        share = cells.reshape(height, OVERSAMPLING, width, OVERSAMPLING).mean(axis=(1, 3))
        abundance[index] = ndimage.gaussian_filter(share, POINT_SPREAD_PIXELS, mode="nearest")
    abundance /= abundance.sum(axis=0)
    middle = slice(OVERSAMPLING // 2, None, OVERSAMPLING)
    return Grid(abundance, land.parcel[middle, middle], land.n_parcels, land.seed)


class Reflectance:
    """Traits of all materials in all pixels that show them; spectra are made from these, a block of bands at a time."""

    def __init__(self, grid: Grid) -> None:
        self.shape = grid.shape
        self._layers = [layer for number in range(1, len(grid.abundance) + 1) for layer in _layers(grid, number)]

    def bands(self, wavelength: np.ndarray, fwhm: np.ndarray) -> Floats:
        """Give reflectance, shape (len(wavelength), height, width): a sum over materials weighted by abundance."""
        cube = np.zeros((len(wavelength), self.shape[0] * self.shape[1]), np.float32)
        for layer in self._layers:
            depth = absorbance(tuple(layer.matter.traits), wavelength, fwhm)
            for band in range(len(wavelength)):
                # einsum, not a BLAS product, whose rounding may depend on the number of threads.
                spectrum = np.exp(-np.einsum("t,tp->p", depth[band], layer.traits))
                cube[band, layer.pixels] += layer.weight * spectrum
        return cube.reshape(len(wavelength), *self.shape)


@dataclass(frozen=True)
class _Layer:
    """One substance in the pixels that show it: flat indices, weight (share × reflectance), traits (n_traits, n)."""

    matter: Matter
    pixels: np.ndarray
    weight: Floats
    traits: Floats


@dataclass(frozen=True)
class _Site:
    """One material and the pixels (flat indices) that show it."""

    grid: Grid
    number: int
    pixels: np.ndarray

    def deviation(self, purpose: str) -> Floats:
        """Draw a standard normal deviate a pixel: partly its parcel's, partly a smooth field's, partly its own."""
        material, grid = MATERIALS[self.number - 1], self.grid
        between, smooth, own = (np.float32(np.sqrt(share)) for share in material.variation)
        rng = stream(grid.seed, f"{material.name} {purpose}")
        parcel = rng.standard_normal(grid.n_parcels, dtype=np.float32)[grid.parcel.ravel()[self.pixels]]
        field = smooth_field(grid.shape, TRAIT_PIXELS, rng).ravel()[self.pixels]
        grain = rng.standard_normal(len(self.pixels), dtype=np.float32)
        return np.asarray(between * parcel + smooth * field + own * grain, np.float32)

    def layer(self, role: str, matter: Matter, share: Floats) -> _Layer:
        """Draw the traits of one substance."""
        traits = [_trait(name, trait, self.deviation(f"{role} {name}")) for name, trait in matter.traits.items()]
        return _Layer(matter, self.pixels, share * np.float32(matter.reflectance), np.stack(traits))


def _layers(grid: Grid, number: int) -> list[_Layer]:
    """Give a material's surface, and the ground that shows through it, if any."""
    material = MATERIALS[number - 1]
    share = grid.abundance[number - 1].ravel()
    site = _Site(grid, number, np.flatnonzero(share > LEAST_ABUNDANCE))
    share = share[site.pixels]
    if material.ground is None:
        return [site.layer("surface", material.surface, share)]
    mean, spread = (np.float32(value) for value in material.cover)
    cover = 1 / (1 + np.exp(-(mean + spread * site.deviation("cover"))))
    return [
        site.layer("surface", material.surface, share * cover),
        site.layer("ground", material.ground, share * (1 - cover)),
    ]


def _trait(name: str, trait: Trait, deviation: Floats) -> Floats:
    mean, spread = (np.float32(value) for value in trait)
    return np.asarray(mean + spread * deviation if name in SIGNED else mean * np.exp(spread * deviation), np.float32)
