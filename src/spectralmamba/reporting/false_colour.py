"""A scene as a picture: which three bands, how they are read without loading the scene, how they are stretched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.sampling.windows import read_box

TARGETS_NM = (860.0, 650.0, 550.0)  # near infrared, red, green: vegetation comes out red
FAR_NM = 60.0  # a scene without a band this near to a target gets spread bands instead
SPREAD = (0.75, 0.45, 0.15)  # of the way through the good bands
PERCENTILES = (2.0, 98.0)
LARGEST_SIDE = 1500  # pixels; larger scenes are decimated
TINY = 1e-30  # keeps constant bands from dividing by zero
STRIP = 256  # rows read at a time, about


@dataclass(frozen=True, eq=False)
class FalseColour:
    """A picture of a scene.

    Attributes
    ----------
    rgb : ndarray of float32, shape (h, w, 3)
        0..1; 0 where there is no data.
    valid : ndarray of bool, shape (h, w)
        Pixels with data in all three bands.
    step : int
        Every ``step``-th row and column of the scene is in the picture.
    bands : str
        Which bands these are.
    """

    rgb: NDArray[np.float32]
    valid: NDArray[np.bool_]
    step: int
    bands: str


def false_colour(scene: xr.DataArray) -> FalseColour:
    """Make a near-infrared, red, green picture where the wavelengths are known, else one of three spread bands.

    Parameters
    ----------
    scene : DataArray (band, y, x)
        As :func:`spectralmamba.open_scene` returns it. Three bands are read, or a few more where one is dead, strip by
        strip; of a side above 1500 pixels only every n-th row or column is kept.
    """
    step = -(-max(scene.shape[1:]) // LARGEST_SIDE)
    bands, planes = [], []
    for candidates in _candidates(scene):
        band, plane = _first_varying(scene, candidates, step)
        bands.append(band)
        planes.append(stretch(plane))
    cube = np.stack(planes, axis=-1)
    valid = np.asarray(np.isfinite(cube).all(axis=-1))
    return FalseColour(np.where(valid[..., None], cube, 0), valid, step, _bands(scene, bands))


def read_band(scene: xr.DataArray, band: int, step: int) -> NDArray[np.float32]:
    """Read every ``step``-th pixel of a band, (h, w), NaN where missing, never more than a strip at once."""
    one = scene.isel(band=[band])
    _, height, width = scene.shape
    rows = max(STRIP // step, 1) * step  # a multiple, so that the strips fall in step
    strips = (read_box(one, (top, min(top + rows, height)), (0, width)) for top in range(0, height, rows))
    return np.concatenate([strip[0, ::step, ::step] for strip in strips])


def stretch(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring values to 0..1 between their 2nd and 98th percentile; NaN stays."""
    finite = plane[np.isfinite(plane)]
    if finite.size == 0:
        return plane
    low, high = np.percentile(finite, PERCENTILES)
    shares: NDArray[np.float32] = np.clip((plane - low) / max(high - low, TINY), 0, 1).astype(np.float32)
    return shares


def _candidates(scene: xr.DataArray) -> Iterator[NDArray[np.intp]]:
    """For red, green and blue, the good bands in the order in which to try them."""
    good = np.flatnonzero(scene.coords["good"].values)
    good = good if good.size else np.arange(scene.shape[0])
    wavelength = scene.coords["wavelength"].values[good]
    if np.isfinite(wavelength).all() and all(np.abs(wavelength - target).min() <= FAR_NM for target in TARGETS_NM):
        for target in TARGETS_NM:
            yield good[np.argsort(np.abs(wavelength - target), kind="stable")]
    else:
        for share in SPREAD:
            yield good[np.argsort(np.abs(np.arange(good.size) - round(share * (good.size - 1))), kind="stable")]


def _first_varying(scene: xr.DataArray, bands: Iterable[int], step: int) -> tuple[int, NDArray[np.float32]]:
    """Read the first band that is neither empty nor constant; the first of all where each is."""
    first: tuple[int, NDArray[np.float32]] | None = None
    for band in bands:
        plane = read_band(scene, band, step)
        first = first or (int(band), plane)
        finite = plane[np.isfinite(plane)]
        if finite.size and finite.min() < finite.max():
            return int(band), plane
    assert first is not None  # noqa: S101 - a scene has bands
    return first


def _bands(scene: xr.DataArray, bands: list[int]) -> str:
    wavelength = scene.coords["wavelength"].values[bands]
    if np.isfinite(wavelength).all():
        return "{:.0f}, {:.0f}, {:.0f} nm".format(*wavelength)
    return "bands {}, {}, {}".format(*(band + 1 for band in bands))
