"""Outlines drawn into rasters: irregular blobs (ponds, groves, hand-drawn polygons) and rectangular buildings."""

from dataclasses import dataclass

import numpy as np

from spectralmamba.scenes.simulation.fields import Mask

HARMONICS = 5


@dataclass(frozen=True)
class Stamp:
    """A small mask and where it lies in a raster."""

    rows: slice
    columns: slice
    mask: Mask


def _window(shape: tuple[int, int], centre: tuple[float, float], reach: float) -> tuple[slice, slice]:
    low = [max(int(np.floor(c - reach)), 0) for c in centre]
    high = [min(int(np.ceil(c + reach)) + 1, n) for c, n in zip(centre, shape, strict=True)]
    return slice(low[0], high[0]), slice(low[1], high[1])


def _offsets(rows: slice, columns: slice, centre: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(rows.start, rows.stop)[:, None] - centre[0]
    x = np.arange(columns.start, columns.stop)[None, :] - centre[1]
    return y, x


def blob(shape: tuple[int, int], centre: tuple[float, float], radius: float, rng: np.random.Generator) -> Stamp:
    """Draw a star-shaped outline whose radius is a short random Fourier series of the angle, stretched one way.

    Parameters
    ----------
    shape : tuple of int
        Of the raster; the stamp is cut at its edges.
    centre : tuple of float
        Row and column.
    radius : float
        Of the circle with about the same area, in cells.
    rng : numpy.random.Generator
        Where the outline comes from.
    """
    order = np.arange(1, HARMONICS + 1)
    amplitude = 0.28 * rng.standard_normal(HARMONICS) / order
    phase = rng.uniform(0, 2 * np.pi, HARMONICS)
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(1.0, 1.45)
    rows, columns = _window(shape, centre, 2.6 * radius + 1)
    y, x = _offsets(rows, columns, centre)
    u, v = _rotate(y, x, turn)
    u, v = u * stretch, v / stretch
    wave = (amplitude * np.cos(np.arctan2(v, u)[..., None] * order + phase)).sum(axis=-1)
    return Stamp(rows, columns, np.hypot(u, v) <= radius * np.clip(1 + wave, 0.45, 1.7))


def rectangle(shape: tuple[int, int], centre: tuple[float, float], sides: tuple[float, float], turn: float) -> Stamp:
    """Draw a rectangle with the given half sides (cells), turned by an angle (radians)."""
    rows, columns = _window(shape, centre, float(np.hypot(*sides)) + 1)
    u, v = _rotate(*_offsets(rows, columns, centre), turn)
    return Stamp(rows, columns, (np.abs(u) <= sides[0]) & (np.abs(v) <= sides[1]))


def _rotate(y: np.ndarray, x: np.ndarray, turn: float) -> tuple[np.ndarray, np.ndarray]:
    return y * np.cos(turn) + x * np.sin(turn), x * np.cos(turn) - y * np.sin(turn)
