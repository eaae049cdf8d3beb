"""The public face of the simulator: a scene, its sparse labels and, on request, the full truth."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import rioxarray  # noqa: F401 - registers the accessor
import xarray as xr
from affine import Affine

from spectralmamba.errors import ConfigError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.simulation.catalogue import MATERIALS
from spectralmamba.scenes.simulation.fields import Classes, Floats, Mask, stream
from spectralmamba.scenes.simulation.landscape import make_landscape
from spectralmamba.scenes.simulation.polygons import draw_labels
from spectralmamba.scenes.simulation.reflectance import Grid, Reflectance, sample
from spectralmamba.scenes.simulation.sensor import (
    BAND_BLOCK,
    add_noise,
    band_centres,
    illuminate,
    noise_level,
    swath_gap,
)

DEAD_BEYOND_NM = 950.0

LEAST_SIDE, LEAST_BANDS, LEAST_CLASSES = 8, 8, 2
CRS = "EPSG:32633"
WEST, NORTH = 399_960.0, 5_500_020.0
"""Upper left corner in metres, somewhere in Bohemia."""

PIXEL_METRES = 4.0
"""Ground sampling distance of an airborne spectrometer: fields, buildings and roads all show."""


def simulate_scene(
    height: int = 200,
    width: int = 200,
    n_bands: int = 120,
    n_classes: int = 8,
    seed: int = 0,
    *,
    label_fraction: float = 0.1,
    noise: float = 0.025,
    nodata_fraction: float = 0.01,
) -> tuple[xr.DataArray, xr.DataArray]:
    """Simulate a hyperspectral scene of a landscape, with sparse labels in polygons.

    Parameters
    ----------
    height, width : int
        Size in pixels, at least 8.
    n_bands : int
        Number of bands, at least 8, evenly from 400 to 2450 nm.
    n_classes : int
        Number of materials, 2 to 12, in the order of ``catalogue.MATERIALS``.
    seed : int
        Not negative. Same arguments, same scene, to the bit.
    label_fraction : float
        Share of the pixels inside label polygons, in (0, 0.5], as far as there is room.
    noise : float
        Standard deviation of the sensor's noise in a clear band at reflectance 0.3.
    nodata_fraction : float
        Share of the pixels beyond the swath's edge, in [0, 0.5]: NaN in all bands.

    Returns
    -------
    scene : xarray.DataArray, float32, dims (band, y, x)
        Reflectance in 0..1. Two bands are dead (0 throughout); ``good`` is False for the first of them only.
    labels : xarray.DataArray, uint8, dims (y, x)
        Class numbers 1..n_classes, 0 where unlabelled; the class table is in ``attrs["classes"]``.

    Raises
    ------
    ConfigError
        If a value is impossible.
    """
    scene, labels, _ = simulate_scene_with_truth(
        height,
        width,
        n_bands,
        n_classes,
        seed,
        label_fraction=label_fraction,
        noise=noise,
        nodata_fraction=nodata_fraction,
    )
    return scene, labels


def simulate_scene_with_truth(
    height: int = 200,
    width: int = 200,
    n_bands: int = 120,
    n_classes: int = 8,
    seed: int = 0,
    *,
    label_fraction: float = 0.1,
    noise: float = 0.025,
    nodata_fraction: float = 0.01,
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Simulate as ``simulate_scene`` does, and give the truth too.

    Returns
    -------
    scene, labels : xarray.DataArray
        As from ``simulate_scene``.
    truth : xarray.DataArray, uint8, dims (y, x)
        The material that covers most of each pixel, beyond the swath's edge too.
    """
    _check_size(height, width, n_bands, n_classes, seed)
    _check_shares(label_fraction, noise, nodata_fraction)
    grid = sample(make_landscape(height, width, n_classes, seed))
    gap = swath_gap((height, width), nodata_fraction, seed)
    truth = grid.truth
    scene = _scene(_record(grid, n_bands, noise, gap), seed)
    labels = draw_labels(truth, ~gap, n_classes, label_fraction, seed)
    return scene, _label_map(labels, scene, n_classes, "labels"), _label_map(truth, scene, n_classes, "truth")


def _check_size(height: int, width: int, n_bands: int, n_classes: int, seed: int) -> None:
    if min(height, width) < LEAST_SIDE:
        raise ConfigError(f"a scene of {height} × {width} pixels is too small; take at least 8 × 8")
    if n_bands < LEAST_BANDS:
        raise ConfigError(f"n_bands is {n_bands}; take at least {LEAST_BANDS}")
    if not LEAST_CLASSES <= n_classes <= len(MATERIALS):
        raise ConfigError(f"n_classes is {n_classes}; take {LEAST_CLASSES} to {len(MATERIALS)}")
    if seed < 0:
        raise ConfigError(f"seed is {seed}; take a number that is not negative")


def _check_shares(label_fraction: float, noise: float, nodata_fraction: float) -> None:
    # Written so that NaN fails too.
    if not 0 < label_fraction <= 0.5:
        raise ConfigError(f"label_fraction is {label_fraction}; take a number above 0 and up to 0.5")
    if not 0 <= noise <= 1:
        raise ConfigError(f"noise is {noise}; take a standard deviation of reflectance between 0 and 1")
    if not 0 <= nodata_fraction <= 0.5:
        raise ConfigError(f"nodata_fraction is {nodata_fraction}; take a number between 0 and 0.5")


def dead_bands(n_bands: int, seed: int) -> tuple[int, int]:
    """Pick two bands, away from the ends: the product marks the first as bad, and says nothing of the second.

    They lie in the short-wave infrared, whose detectors fail more often, so that colour previews stay whole.
    """
    wavelength, _ = band_centres(n_bands)
    candidates = np.flatnonzero(wavelength > DEAD_BEYOND_NM)[:-2]
    first, second = stream(seed, "dead bands").choice(candidates, 2, replace=False)
    return int(first), int(second)


def _record(grid: Grid, n_bands: int, noise: float, gap: Mask) -> Floats:
    """Make the cube, a block of bands at a time, so that nothing but the result is of its size."""
    wavelength, fwhm = band_centres(n_bands)
    level, reflectance = noise_level(wavelength), Reflectance(grid)
    light = illuminate(grid.shape, grid.seed)
    cube = np.empty((n_bands, *gap.shape), np.float32)
    for start in range(0, n_bands, BAND_BLOCK):
        block = slice(start, start + BAND_BLOCK)
        part = reflectance.bands(wavelength[block], fwhm[block])
        light.apply(part, wavelength[block])
        add_noise(part, level[block], noise, start, grid.seed)
        cube[block] = np.clip(part, 0, 1)
    cube[list(dead_bands(n_bands, grid.seed))] = 0
    cube[:, gap] = np.nan
    return cube


def _scene(cube: Floats, seed: int) -> xr.DataArray:
    n_bands, height, width = cube.shape
    wavelength, fwhm = band_centres(n_bands)
    good = np.ones(n_bands, bool)
    good[dead_bands(n_bands, seed)[0]] = False
    scene = make_scene(
        cube,
        name="simulated",
        source=f"simulate_scene(seed={seed})",
        wavelength=wavelength,
        fwhm=fwhm,
        good=good,
        coords=_ground(height, width),
        attrs={"units": "reflectance"},
    )
    return _georeference(scene, np.nan)


def _ground(height: int, width: int) -> dict[Hashable, Any]:
    """Give pixel centres in metres."""
    return {
        "y": NORTH - PIXEL_METRES * (np.arange(height) + 0.5),
        "x": WEST + PIXEL_METRES * (np.arange(width) + 0.5),
    }


def _georeference(array: xr.DataArray, nodata: float) -> xr.DataArray:
    array = array.rio.write_crs(CRS)
    array = array.rio.write_transform(Affine(PIXEL_METRES, 0, WEST, 0, -PIXEL_METRES, NORTH))
    georeferenced: xr.DataArray = array.rio.write_nodata(nodata)
    return georeferenced


def _label_map(numbers: Classes, scene: xr.DataArray, n_classes: int, name: str) -> xr.DataArray:
    # Labels stand to the right of scenes; only the simulator, which makes both, needs the class table here.
    from spectralmamba.labels import ClassTable  # noqa: PLC0415

    materials = MATERIALS[:n_classes]
    table = ClassTable.from_numbers(
        range(1, n_classes + 1), names=[m.name for m in materials], colours=[m.colour for m in materials]
    )
    coords = {axis: scene.coords[axis] for axis in ("y", "x", "spatial_ref")}
    array = xr.DataArray(numbers, dims=("y", "x"), coords=coords, name=name, attrs={"classes": table})
    return _georeference(array, 0)
