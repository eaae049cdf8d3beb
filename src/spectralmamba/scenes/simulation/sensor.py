"""From a landscape to what an imaging spectrometer records: mixing, light, noise and dead bands."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from spectralmamba.scenes.simulation.catalogue import MATERIALS
from spectralmamba.scenes.simulation.fields import Classes, Floats, Integers, Mask, smooth_field, stream
from spectralmamba.scenes.simulation.landscape import OVERSAMPLING, Landscape
from spectralmamba.scenes.simulation.materials import SIGNED, Matter, Trait, absorbance

POINT_SPREAD_PIXELS = 0.55
"""Standard deviation of the sensor's Gaussian point spread beyond the pixel's own square."""

LEAST_ABUNDANCE = 0.005
BAND_BLOCK = 8
FIRST_NM, LAST_NM = 400.0, 2450.0


@dataclass(frozen=True)
class Grid:
    """What the sensor's pixels see: abundances (n_classes, height, width), summing to 1, and the parcel below each."""

    abundance: Floats
    parcel: Integers
    n_parcels: int
    seed: int

    @property
    def truth(self) -> Classes:
        """Class with the largest abundance, 1..K."""
        return (self.abundance.argmax(axis=0) + 1).astype(np.uint8)


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


def band_centres(n_bands: int) -> tuple[np.ndarray, np.ndarray]:
    """Give wavelengths and full widths at half maximum in nm, evenly from 400 to 2450 nm."""
    wavelength = np.linspace(FIRST_NM, LAST_NM, n_bands)
    return wavelength, np.full(n_bands, 1.1 * (LAST_NM - FIRST_NM) / (n_bands - 1))


def reflect(grid: Grid) -> "_Reflectance":
    """Prepare the reflectance of every pixel; ``bands`` then gives it."""
    return _Reflectance(grid)


class _Reflectance:
    """Traits of all materials in all pixels that show them; spectra are made from these, a block of bands at a time."""

    def __init__(self, grid: Grid) -> None:
        self.shape = grid.parcel.shape
        self._layers = [
            layer for number in range(1, len(grid.abundance) + 1) for layer in _material_layers(grid, number)
        ]

    def bands(self, wavelength: np.ndarray, fwhm: np.ndarray) -> Floats:
        """Give reflectance, shape (len(wavelength), height, width): a sum over materials weighted by abundance."""
        cube = np.zeros((len(wavelength), int(np.prod(self.shape))), np.float32)
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


def _material_layers(grid: Grid, number: int) -> list[_Layer]:
    material = MATERIALS[number - 1]
    share = grid.abundance[number - 1].ravel()
    pixels = np.flatnonzero(share > LEAST_ABUNDANCE)
    share = share[pixels]
    if material.ground is None:
        return [_layer(grid, number, "surface", material.surface, pixels, share)]
    logit = material.cover[0] + material.cover[1] * _deviation(grid, number, "cover", pixels)
    cover = 1 / (1 + np.exp(-logit))
    return [
        _layer(grid, number, "surface", material.surface, pixels, share * cover),
        _layer(grid, number, "ground", material.ground, pixels, share * (1 - cover)),
    ]


def _layer(grid: Grid, number: int, role: str, matter: Matter, pixels: np.ndarray, share: Floats) -> _Layer:
    traits = [
        _trait(name, trait, _deviation(grid, number, f"{role} {name}", pixels)) for name, trait in matter.traits.items()
    ]
    return _Layer(matter, pixels, share * np.float32(matter.reflectance), np.stack(traits))


def _trait(name: str, trait: Trait, deviation: Floats) -> Floats:
    mean, spread = (np.float32(value) for value in trait)
    return mean + spread * deviation if name in SIGNED else mean * np.exp(spread * deviation)


def _deviation(grid: Grid, number: int, purpose: str, pixels: np.ndarray) -> Floats:
    """Draw a standard normal deviate a pixel: partly its parcel's, partly a smooth field's, partly its own."""
    material = MATERIALS[number - 1]
    between, smooth, own = np.sqrt(np.float32(material.variation))
    rng = stream(grid.seed, f"{material.name} {purpose}")
    parcel = rng.standard_normal(grid.n_parcels, dtype=np.float32)[grid.parcel.ravel()[pixels]]
    field = smooth_field((grid.parcel.shape[0], grid.parcel.shape[1]), 40.0, rng).ravel()[pixels]
    return np.asarray(between * parcel + smooth * field + own * rng.standard_normal(len(pixels), dtype=np.float32))


@dataclass(frozen=True)
class Light:
    """Illumination: a factor for all bands, a cloud's shadow (0..1), and a trend across the track."""

    factor: Floats
    shadow: Floats
    track: Floats

    def apply(self, cube: Floats, wavelength: np.ndarray) -> None:
        """Shine on a block of bands in place."""
        for band, nm in enumerate(wavelength):
            # Skylight fills shadows with blue; the trend across the track is bidirectional reflectance, least in SWIR.
            depth = np.float32(0.20 + 0.25 * (1 - np.exp(-(nm - FIRST_NM) / 400)))
            slope = np.float32(0.06 * np.exp(-(nm - FIRST_NM) / 1500))
            cube[band] *= self.factor * (1 - depth * self.shadow) * (1 + slope * self.track)


def illuminate(shape: tuple[int, int], seed: int) -> Light:
    """Draw the light on a scene: hills, cloud shadow, across-track trend, and roughness below the pixel."""
    terrain = smooth_field(shape, 60.0, stream(seed, "terrain"), 4.0)
    slope = np.gradient(terrain)[0] - np.gradient(terrain)[1] if min(shape) > 1 else np.zeros_like(terrain)
    shading = 0.07 * slope / max(float(np.std(slope)), 1e-6)
    jitter = 0.07 * stream(seed, "jitter").standard_normal(shape, dtype=np.float32)
    cloud = smooth_field(shape, 90.0, stream(seed, "cloud"), 4.0)
    shadow = 1 / (1 + np.exp(-(cloud - 1.5) / 0.12))
    track = np.broadcast_to(np.linspace(-1, 1, shape[1], dtype=np.float32), shape)
    factor = np.clip(1 + shading + jitter, 0.4, 1.6)
    return Light(factor.astype(np.float32), shadow.astype(np.float32), track)


def noise_level(wavelength: np.ndarray) -> Floats:
    """Give each band's noise relative to the best ones: high in the water-vapour windows and at the ends."""
    window = 4.0 * np.exp(-0.5 * ((wavelength - 1390) / 35) ** 2) + 6.0 * np.exp(-0.5 * ((wavelength - 1880) / 45) ** 2)
    minor = 0.5 * np.exp(-0.5 * ((wavelength - 940) / 25) ** 2) + 0.5 * np.exp(-0.5 * ((wavelength - 1130) / 25) ** 2)
    ends = 1.5 * np.exp(-(wavelength - FIRST_NM) / 50) + 1.8 * np.exp(-(LAST_NM - wavelength) / 90)
    return np.asarray(1 + window + minor + ends, np.float32)


def add_noise(cube: Floats, level: Floats, noise: float, first_band: int, seed: int) -> None:
    """Add sensor noise in place: a part of the detector's own, and shot noise that grows with the root of the signal.

    ``noise`` is the standard deviation at reflectance 0.3 where ``level`` is 1.
    """
    for band, values in enumerate(cube):
        draw = stream(seed, f"noise {first_band + band}").standard_normal(values.shape, dtype=np.float32)
        spread = np.sqrt(0.3 + (0.7 / 0.3) * np.maximum(values, 0))
        values += np.float32(noise * level[band]) * spread * draw


def swath_gap(shape: tuple[int, int], fraction: float, seed: int) -> Mask:
    """Mark the pixels beyond a slanted swath edge, of the given share."""
    turn = stream(seed, "swath").uniform(0, 2 * np.pi)
    y = np.arange(shape[0])[:, None] / shape[0]
    x = np.arange(shape[1])[None, :] / shape[1]
    along = (np.cos(turn) * y + np.sin(turn) * x).ravel()
    gap = np.zeros(along.size, bool)
    gap[np.argsort(along, kind="stable")[along.size - round(fraction * along.size) :]] = True
    return gap.reshape(shape)
