"""Bands by wavelength: their order, choosing ranges of them, and which of them are not to be used.

Of a scene whose wavelengths are known, the order is that of the wavelengths; the coordinate ``band`` keeps the number,
from 1, that a band has in the file. Only what marks empty bands reads pixels.
"""

import logging
from contextlib import suppress

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError, SceneError
from spectralmamba.scenes.empty_bands import empty_in_sample
from spectralmamba.scenes.statistics import band_statistics

logger = logging.getLogger(__name__)

WATER_VAPOUR_NM = ((1325.0, 1435.0), (1770.0, 1965.0))
"""Where water vapour lets next to no sunlight through to the ground and back, in nm: the bands that EMIT's L2A
reflectance marks as bad (its ``good_wavelengths``; ``bbl`` in its ENVI form), rounded outwards to 5 nm."""

Range = tuple[float, float]


def in_order_of_wavelength(scene: xr.DataArray) -> xr.DataArray:
    """Sort the bands by wavelength.

    Bands of one wavelength keep the file's order. Where some wavelengths are known and others are not (NaN, or a
    placeholder that is not positive), the latter come last and are not ``good``: nobody can say what they are. Where
    none is known, nothing changes.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; stays as lazy as it is.
    """
    wavelength = np.asarray(scene.coords["wavelength"].values, np.float64)
    known = np.isfinite(wavelength) & (wavelength > 0)
    if np.isnan(wavelength).all():
        return scene
    if not known.all():
        scene = _without_placeholders(scene, known)
    if not known.any():
        return scene
    order = np.argsort(np.where(known, wavelength, np.inf), kind="stable")
    _warn_of_twins(scene, wavelength[order])
    return scene if (np.diff(order) > 0).all() else scene.isel(band=order)


def _without_placeholders(scene: xr.DataArray, known: NDArray[np.bool_]) -> xr.DataArray:
    """Call unknown what is no wavelength; where others are known, do not use such bands."""
    wavelength = scene.coords["wavelength"]
    scene = scene.assign_coords(wavelength=wavelength.copy(data=np.where(known, wavelength.values, np.nan)))
    if not known.any():
        return scene
    unknown = np.asarray(scene.coords["band"].values)[~known]
    logger.warning(
        "%s: %s without a wavelength where others have one, and left unused", scene.name, name_bands(unknown)
    )
    return mark_bad(scene, ~known)


def _warn_of_twins(scene: xr.DataArray, ordered: NDArray[np.float64]) -> None:
    twins = np.flatnonzero(np.diff(ordered) == 0)
    if twins.size:
        logger.warning(
            "%s: several bands have one wavelength (the first at %g nm); they keep the file's order",
            *(scene.name, ordered[twins[0]]),
        )


def mark_bad(scene: xr.DataArray, bad: NDArray[np.bool_]) -> xr.DataArray:
    """Take ``good`` from bands, shape (n_bands,); those that are not good already stay so."""
    good = scene.coords["good"]
    return scene.assign_coords(good=good.copy(data=np.asarray(good.values, bool) & ~bad))


def select_wavelengths(scene: xr.DataArray, ranges: str) -> xr.DataArray:
    """Keep the bands whose centres lie in some ranges of wavelengths.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; stays as lazy as it is.
    ranges : str
        In nm, both ends included, such as ``"450-900,1500-1700"``.

    Raises
    ------
    ConfigError
        The text is no list of ranges.
    SceneError
        No wavelength is known, or none lies in a range.
    """
    limits = parse_ranges(ranges)
    wavelength = np.asarray(scene.coords["wavelength"].values, np.float64)
    if not np.isfinite(wavelength).any():
        raise SceneError(
            f"scene {scene.name} does not say its wavelengths, so none can be chosen; leave the choice out, or add "
            "them to the file"
        )
    chosen = np.zeros(wavelength.size, bool)
    for low, high in limits:
        inside = (wavelength >= low) & (wavelength <= high)
        if not inside.any():
            raise SceneError(
                f"scene {scene.name} has no band within {low:g}-{high:g} nm; its bands lie within "
                f"{np.nanmin(wavelength):g}-{np.nanmax(wavelength):g} nm"
            )
        chosen |= inside
    return scene.isel(band=np.flatnonzero(chosen))


def parse_ranges(text: str) -> tuple[Range, ...]:
    """Read ``"450-900,1500-1700"`` (nm).

    Raises
    ------
    ConfigError
        It is no list of ranges, or one has its ends the wrong way round.
    """
    try:
        ranges = [tuple(float(end) for end in part.split("-")) for part in text.split(",")]
        pairs = [(low, high) for low, high in ranges]
    except ValueError as error:
        raise ConfigError(f"{text!r} is no list of wavelength ranges; write for example 450-900,1500-1700") from error
    for low, high in pairs:
        if not 0 < low <= high < np.inf:
            raise ConfigError(
                f"the wavelength range {low:g}-{high:g} is not possible; write the lower end first, in nm"
            )
    return tuple(pairs)


def in_water_vapour(wavelength: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which wavelengths (nm) lie where water vapour hides the ground; False for NaN."""
    return np.asarray(np.any([(wavelength >= low) & (wavelength <= high) for low, high in WATER_VAPOUR_NM], axis=0))


def mark_unusable_bands(scene: xr.DataArray, *, keep_water_vapour: bool = False) -> xr.DataArray:
    """Take ``good`` from the bands in :data:`WATER_VAPOUR_NM` and from empty ones, as ``open_scene`` does.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; stays as lazy as it is. A few windows are read, see
        :func:`spectralmamba.scenes.empty_bands.empty_in_sample`.
    keep_water_vapour : bool
        Leave bands that water vapour hides as they are: a radiance may be wanted whole.

    Returns
    -------
    xarray.DataArray
        As it was where no good band would be left.
    """
    good = np.asarray(scene.coords["good"].values, bool)
    bad = np.zeros(good.size, bool)
    # Damage there is for whoever needs these pixels to report: the rest can be used.
    with suppress(SceneError, OSError):
        bad |= empty_in_sample(scene, np.flatnonzero(good))
    if not keep_water_vapour:
        bad |= in_water_vapour(np.asarray(scene.coords["wavelength"].values, np.float64))
    return mark_bad(scene, bad) if (good & bad).any() and (good & ~bad).any() else scene


def mark_water_vapour(scene: xr.DataArray) -> xr.DataArray:
    """Take ``good`` from the bands in :data:`WATER_VAPOUR_NM`; of unknown wavelengths, from none."""
    return mark_bad(scene, in_water_vapour(np.asarray(scene.coords["wavelength"].values, np.float64)))


def mark_empty_bands(scene: xr.DataArray) -> xr.DataArray:
    """Take ``good`` from the bands without two different values; reads the whole scene, strip by strip.

    ``open_scene`` looks at a few windows only; training leaves out whatever is empty at the labelled pixels.
    """
    return mark_bad(scene, band_statistics(scene).empty)


def local_spacing(wavelength: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance (nm) of each band to the nearer of its neighbours in increasing order; infinite for a single band."""
    steps = np.diff(wavelength)
    steps = np.where(steps > 0, steps, np.inf)  # twins say nothing of how far apart bands are
    nearer: NDArray[np.float64] = np.minimum(np.append(steps, np.inf), np.insert(steps, 0, np.inf))
    return nearer


def name_bands(numbers: NDArray[np.integer], most: int = 3) -> str:
    """Write 'band 7', or 'bands 1, 2, 3 and 4 more'."""
    listed = ", ".join(str(n) for n in numbers[:most])
    more = f" and {numbers.size - most} more" if numbers.size > most else ""
    return f"band{'s' if numbers.size > 1 else ''} {listed}{more}"
