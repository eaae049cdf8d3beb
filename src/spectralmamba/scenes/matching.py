"""The bands of a scene that are those a model was trained on, or another scene's, whatever their order and number."""

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.derived import Floats, Source, derive
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.resampling import band_widths
from spectralmamba.scenes.resampling import resample as resampled

logger = logging.getLogger(__name__)

SAME_WAVELENGTH_NM = 1.0  # readings of one sensor differ by its calibration, well below a band's width
TWINS_NM = 1e-3  # two bands this near to each other cannot be told apart by wavelength
LISTED = 6  # bands named in a message


@dataclass(frozen=True)
class Whose:
    """Whose bands a scene is to be given, and what else to do where it has others; for messages."""

    name: str = "the model"
    bands: str = "the model was trained on"
    advice: str = "train on this sensor"

    @classmethod
    def scene(cls, key: str) -> "Whose":
        """The bands of another scene that is learned from."""
        return cls(f"scene {key}", f"scene {key} has", "leave it out")


MODEL = Whose()


def match_bands(
    scene: xr.DataArray,
    wavelengths: ArrayLike,
    fwhm: ArrayLike | None = None,
    *,
    needed: NDArray[np.intp] | None = None,
    resample: bool = False,
    whose: Whose = MODEL,
) -> xr.DataArray:
    """Give a scene the bands that a model was trained on.

    A scene that has as many bands, none of them elsewhere by more than 1 nm, is returned as it is. Otherwise each band
    is looked up by wavelength. Where either side does not know its wavelengths, equally many bands are taken for the
    same in order, with a warning where only one of them does not.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; stays as lazy as it is.
    wavelengths : array_like of float, shape (n,)
        Band centres (nm) of the scenes that the model was trained on, NaN where unknown.
    fwhm : array_like of float, shape (n,), optional
        Their widths (nm), NaN where unknown; used for resampling.
    needed : ndarray of int, optional
        Positions of the bands that the model uses; all where not given. Others may be missing from the scene, and are
        then empty.
    resample : bool
        Where bands differ, compute those of the model, see :func:`spectralmamba.scenes.resampling.resample`.
    whose : Whose
        The model, or another scene in its place.

    Returns
    -------
    xarray.DataArray
        n bands, in the model's order.

    Raises
    ------
    SceneError
        Bands that the model uses are not there, and ``resample`` is False or cannot make them.
    """
    wanted = np.asarray(wavelengths, np.float64)
    found = np.asarray(scene.coords["wavelength"].values, np.float64)
    if _same(found, wanted):
        _warn_if_unstated(scene, found, wanted, whose)
        return scene
    needed = np.arange(wanted.size) if needed is None else needed
    _require_wavelengths(scene, found, wanted[needed], wanted.size, whose)
    places = _nearest(scene, found, wanted, needed, whose)
    missing = needed[places[needed] < 0]
    if missing.size == 0:
        return _placed(scene, places)
    if not resample:
        raise SceneError(_what_differs(found, wanted, missing, whose))
    widths = band_widths(wanted, None if fwhm is None else np.asarray(fwhm, np.float64))
    made = resampled(scene, wanted[needed], widths[needed])
    places = np.full(wanted.size, -1)
    places[needed] = np.arange(needed.size)
    return _placed(made, places)


def _same(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> bool:
    """Whether bands can be taken one for one; a wavelength that is not known does not differ."""
    return found.size == wanted.size and not (np.abs(found - wanted) > SAME_WAVELENGTH_NM).any()


def _warn_if_unstated(
    scene: xr.DataArray, found: NDArray[np.float64], wanted: NDArray[np.float64], whose: Whose
) -> None:
    if np.isnan(found).all() and np.isfinite(wanted).any():
        logger.warning(
            "%s does not say its wavelengths: its bands are taken for %s's, in the same order", scene.name, whose.name
        )


def _require_wavelengths(
    scene: xr.DataArray, found: NDArray[np.float64], wanted: NDArray[np.float64], n_bands: int, whose: Whose
) -> None:
    if np.isfinite(found).any() and np.isfinite(wanted).all():
        return
    who = f"scene {scene.name}" if not np.isfinite(found).any() else whose.name
    raise SceneError(
        f"scene has {found.size} bands but {whose.bands} {n_bands}, and {who} does not know "
        f"its wavelengths, by which they could be matched; use a scene with the same bands, or {whose.advice}"
    )


def _nearest(
    scene: xr.DataArray, found: NDArray[np.float64], wanted: NDArray[np.float64], needed: NDArray[np.intp], whose: Whose
) -> NDArray[np.intp]:
    """Position in the scene of each band, -1 where none lies within the tolerance; good bands go before others."""
    distance = np.abs(found[None, :] - wanted[:, None])
    distance = np.where(distance <= SAME_WAVELENGTH_NM, distance, np.inf)
    usable = np.where(np.asarray(scene.coords["good"].values, bool)[None, :], distance, np.inf)
    distance = np.where(np.isfinite(usable).any(axis=1, keepdims=True), usable, distance)
    least = distance.min(axis=1)
    rivals = np.isfinite(least) & ((distance <= least[:, None] + TWINS_NM).sum(axis=1) > 1)
    if rivals[needed].any():
        raise SceneError(
            f"scene {scene.name} has more than one band at {wanted[needed[rivals[needed]][0]]:g} nm, so its bands "
            f"cannot be matched to {whose.name}'s by wavelength; correct the wavelengths, or mark all but one as bad"
        )
    return np.where(np.isfinite(least), distance.argmin(axis=1), -1)


def _what_differs(
    found: NDArray[np.float64], wanted: NDArray[np.float64], missing: NDArray[np.intp], whose: Whose
) -> str:
    listed = ", ".join(f"{wanted[band]:.1f}" for band in missing[:LISTED]) + ", …" * (missing.size > LISTED)
    nearest = found[np.nanargmin(np.abs(found - wanted[missing[0]]))]
    count = (
        f", as many as {whose.bands}, but" if found.size == wanted.size else f" but {whose.bands} {wanted.size}, and"
    )
    return (
        f"scene has {found.size} bands{count} {missing.size} that it uses "
        f"have no counterpart within {SAME_WAVELENGTH_NM:g} nm ({listed} nm; the nearest to the first is at "
        f"{nearest:.1f} nm); use a scene with these bands, resample it (--resample), or {whose.advice}"
    )


def _placed(scene: xr.DataArray, places: NDArray[np.intp]) -> xr.DataArray:
    """Take bands by position, -1 being an empty one."""
    if (places >= 0).all():
        return scene.isel(band=places)
    empty = places < 0
    bands: dict[str, Any] = {}
    for name, nothing in (("band", 0), ("wavelength", np.nan), ("fwhm", np.nan), ("good", False)):
        coord = scene.coords[name]
        bands[name] = ("band", np.where(empty, nothing, coord.values[places]).astype(coord.dtype), coord.attrs)
    return derive(scene, PlacedArray(scene, places), bands)


class PlacedArray(WindowedArray):
    """Bands of a scene in another order, with empty ones among them.

    Parameters
    ----------
    scene : xarray.DataArray
    places : ndarray of int, shape (n,)
        Position of each band in the scene; -1 for an empty one.
    """

    def __init__(self, scene: xr.DataArray, places: NDArray[np.intp]) -> None:
        self.source, self.places = Source(scene), places
        super().__init__((places.size, *self.source.shape[1:]))

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        """Read bands of a window; shape (n, rows, cols), float32."""
        window = np.full((bands.size, rows.stop - rows.start, cols.stop - cols.start), np.nan, np.float32)
        there = self.places[bands] >= 0
        if there.any():
            window[there] = self.source.read(self.places[bands][there], rows, cols)
        return window
