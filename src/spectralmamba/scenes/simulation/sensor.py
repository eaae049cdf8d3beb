"""What an imaging spectrometer adds to reflectance: light, noise, and a swath that ends."""

from dataclasses import dataclass

import numpy as np

from spectralmamba.scenes.simulation.fields import Floats, Mask, smooth_field, stream

BAND_BLOCK = 8
FIRST_NM, LAST_NM = 400.0, 2450.0

DETECTOR_SHARE = 0.3
"""Part of the noise variance, at the reference reflectance, that does not depend on the signal."""

REFERENCE_REFLECTANCE = 0.3


def band_centres(n_bands: int) -> tuple[np.ndarray, np.ndarray]:
    """Give wavelengths and full widths at half maximum in nm, evenly from 400 to 2450 nm."""
    wavelength = np.linspace(FIRST_NM, LAST_NM, n_bands)
    return wavelength, np.full(n_bands, 1.1 * (LAST_NM - FIRST_NM) / (n_bands - 1))


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
    for band in range(len(cube)):
        draw = stream(seed, f"noise {first_band + band}").standard_normal(cube.shape[1:], dtype=np.float32)
        spread = np.sqrt(DETECTOR_SHARE + (1 - DETECTOR_SHARE) / REFERENCE_REFLECTANCE * np.maximum(cube[band], 0))
        cube[band] += np.float32(noise * level[band]) * spread * draw


def swath_gap(shape: tuple[int, int], fraction: float, seed: int) -> Mask:
    """Mark the pixels beyond a slanted swath edge, of the given share."""
    turn = stream(seed, "swath").uniform(0, 2 * np.pi)
    y = np.arange(shape[0])[:, None] / shape[0]
    x = np.arange(shape[1])[None, :] / shape[1]
    along = (np.cos(turn) * y + np.sin(turn) * x).ravel()
    gap = np.zeros(along.size, bool)
    gap[np.argsort(along, kind="stable")[along.size - round(fraction * along.size) :]] = True
    return gap.reshape(shape)
