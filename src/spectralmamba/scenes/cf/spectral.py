"""What a store says of the bands of its cube."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.cf.cube import Cube, is_wavelength_like
from spectralmamba.scenes.cf.store import Store
from spectralmamba.scenes.units import nm_per_unit, stated_nm_per_unit

_STANDARD = ("radiation_wavelength", "sensor_band_central_radiation_wavelength")
_FWHM = ("fwhm", "fwhms", "bandwidth", "full_width_half_maximum", "full_width_half_max")
_GOOD = ("good", "good_wavelengths", "good_bands", "bbl")
_REMEDY = "set the attribute units of its wavelengths to 'nm' or 'um'"


def band_coordinates(store: Store, cube: Cube) -> dict[Hashable, Any]:
    """Collect the coordinates of the bands: ``wavelength`` and ``fwhm`` (nm), ``good``, and whatever else there is.

    Raises
    ------
    SceneError
        The unit of the wavelengths is not known.
    """
    along = dict(reversed(list(store.along(cube.place, cube.band, cube.shape[0]))))  # the nearest group's counts
    wavelength, fwhm, good = _wavelength(along), _named(along, _FWHM), _named(along, _GOOD)
    coords: dict[Hashable, Any] = {}
    if wavelength is not None:
        values = np.asarray(wavelength.values, np.float64)
        factor = nm_per_unit(wavelength.attrs.get("units"), values, str(store.path), _REMEDY)
        coords["wavelength"] = ("band", values * factor, {"units": "nm"})
        if fwhm is not None:
            widths = np.asarray(fwhm.values, np.float64)
            own = stated_nm_per_unit(fwhm.attrs.get("units"), str(store.path), _REMEDY)
            coords["fwhm"] = ("band", widths * (factor if own is None else own), {"units": "nm"})
    if good is not None:
        coords["good"] = ("band", _is_set(good))
    used = {id(one) for one in (wavelength, fwhm, good) if one is not None}
    others = {name: one for name, one in along.items() if id(one) not in used and name not in coords}
    coords |= {name: ("band", one.values) for name, one in others.items() if name != cube.band}
    numbers = along.get("band")
    if numbers is not None and numbers.dtype.kind in "iu" and cube.band == "band":
        coords["band"] = np.asarray(numbers.values)
    return coords


def _wavelength(along: dict[str, xr.Variable]) -> xr.Variable | None:
    standard = [one for one in along.values() if one.attrs.get("standard_name") in _STANDARD]
    named = [one for name, one in along.items() if is_wavelength_like(name) or name.lower() in ("wl", "lambda")]
    usable = [one for one in (*standard, *named) if one.dtype.kind in "iuf"]
    return usable[0] if usable else None


def _named(along: dict[str, xr.Variable], names: tuple[str, ...]) -> xr.Variable | None:
    found = (along[name] for name in along if name.lower() in names and along[name].dtype.kind in "biuf")
    return next(found, None)


def _is_set(flags: xr.Variable) -> NDArray[np.bool_]:
    return np.asarray(np.nan_to_num(np.asarray(flags.values, np.float64), nan=1.0) != 0)
