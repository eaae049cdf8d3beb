"""What every reader returns: the one shape of a scene, and the helpers that make and read it."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import xarray as xr

DIMS = ("band", "y", "x")


def make_scene(
    data: Any,  # noqa: ANN401 - NumPy, dask or an xarray lazily indexed array
    *,
    name: str,
    source: str,
    wavelength: Sequence[float] | np.ndarray | None = None,
    fwhm: Sequence[float] | np.ndarray | None = None,
    good: Sequence[bool] | np.ndarray | None = None,
    coords: dict[Hashable, Any] | None = None,
    attrs: dict[str, Any] | None = None,
) -> xr.DataArray:
    """Put a cube into the form that the whole package relies on.

    Parameters
    ----------
    data : array_like, shape (n_bands, height, width)
        Values after scale and offset; missing ones are NaN. Becomes float32, lazily where ``data`` is lazy.
    name : str
        Key of the scene in splits and runs; by custom the file's stem.
    source : str
        Where it came from, for messages and ``info``.
    wavelength, fwhm : sequence of float, optional
        Band centres and full widths at half maximum in nm. NaN where unknown.
    good : sequence of bool, optional
        False for bands that the product marks as bad. All good where not given.
    coords, attrs : dict, optional
        ``spatial_ref``, ``x``, ``y`` and whatever else the reader carries over.

    Returns
    -------
    xarray.DataArray
        dims ``(band, y, x)``, float32, band coordinates ``wavelength``, ``fwhm`` (nm) and ``good`` (bool).
    """
    n_bands = data.shape[0]
    unknown = np.full(n_bands, np.nan, dtype=np.float64)
    band_coords: dict[Hashable, Any] = {
        "band": np.arange(1, n_bands + 1),
        "wavelength": ("band", unknown if wavelength is None else np.asarray(wavelength, np.float64), {"units": "nm"}),
        "fwhm": ("band", unknown if fwhm is None else np.asarray(fwhm, np.float64), {"units": "nm"}),
        "good": ("band", np.ones(n_bands, bool) if good is None else np.asarray(good, bool)),
    }
    variable = xr.Variable(DIMS, data)
    if variable.dtype != np.float32:
        variable = variable.astype(np.float32)
    return xr.DataArray(
        variable, name=name, coords=(coords or {}) | band_coords, attrs={"source": source} | (attrs or {})
    )
