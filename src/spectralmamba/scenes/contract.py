"""What every reader returns: the one shape of a scene, and the helpers that make and read it."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import rioxarray  # noqa: F401 - registers the ``rio`` accessor
import xarray as xr
from affine import Affine
from rasterio.crs import CRS
from xarray.core.indexing import ExplicitlyIndexed

DIMS = ("band", "y", "x")

_LARGEST = float(np.finfo(np.float32).max)
"""Files of float64 often have −1.8e308 for missing, which cannot be written into a scene's float32 again."""


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
    crs: CRS | None = None,
    transform: Affine | None = None,
    nodata: float | None = None,
) -> xr.DataArray:
    """Put a cube into the form that the whole package relies on.

    Parameters
    ----------
    data : array_like, shape (n_bands, height, width)
        Values after scale and offset; missing ones are NaN. NumPy and dask arrays become float32; a lazily indexed
        array has to be float32 already, because xarray would read all of it to convert it.
    name : str
        Key of the scene in splits and runs; by custom the file's stem.
    source : str
        Where it came from, for messages and ``info``.
    wavelength, fwhm : sequence of float, optional
        Band centres and full widths at half maximum in nm. NaN where unknown.
    good : sequence of bool, optional
        False for bands that the product marks as bad. All good where not given.
    coords, attrs : dict, optional
        Whatever else the reader carries over; may hold ``spatial_ref``, ``x`` and ``y`` in place of the next two.
    crs : rasterio.crs.CRS, optional
        Coordinate reference system. None for a scene without one.
    transform : affine.Affine, optional
        From (column, row) to CRS coordinates, pixel corners at whole numbers. None for a scene without georeferencing.
    nodata : float, optional
        The file's own value for missing pixels. ``data`` no longer holds it; ``rio.encoded_nodata`` keeps it.

    Returns
    -------
    xarray.DataArray
        dims ``(band, y, x)``, float32, band coordinates ``wavelength``, ``fwhm`` (nm) and ``good`` (bool).

    Raises
    ------
    TypeError
        ``data`` is lazily indexed and not float32 (a defect of the reader).
    """
    n_bands = data.shape[0]
    unknown = np.full(n_bands, np.nan, dtype=np.float64)
    band_coords: dict[Hashable, Any] = {
        "band": np.arange(1, n_bands + 1),
        "wavelength": ("band", unknown if wavelength is None else np.asarray(wavelength, np.float64), {"units": "nm"}),
        "fwhm": ("band", unknown if fwhm is None else np.asarray(fwhm, np.float64), {"units": "nm"}),
        "good": ("band", np.ones(n_bands, bool) if good is None else np.asarray(good, bool)),
    }
    scene = xr.DataArray(
        _float32(data),
        name=name,
        coords=(coords or {}) | pixel_centres(transform, data.shape[1:]) | band_coords,
        attrs={"source": source} | (attrs or {}),
    )
    return _with_nodata(with_grid(scene, crs, transform), nodata)


def pixel_centres(transform: Affine | None, shape: tuple[int, int]) -> dict[Hashable, Any]:
    """Coordinates ``x`` (width,) and ``y`` (height,) of the pixel centres, in units of the CRS.

    Empty without a transform. A rotated one has no such axes, and gets ``row`` and ``col`` in their stead, from which
    the place of a part of the scene can be told.
    """
    if transform is None:
        return {}
    height, width = shape
    if transform.b or transform.d:
        return {"row": ("y", np.arange(height)), "col": ("x", np.arange(width))}
    return {
        "x": transform.c + transform.a * (np.arange(width) + 0.5),
        "y": transform.f + transform.e * (np.arange(height) + 0.5),
    }


def with_grid(array: xr.DataArray, crs: CRS | None, transform: Affine | None) -> xr.DataArray:
    """Write CRS and transform into ``array`` (in place, and returned) as rioxarray expects them."""
    if crs is not None:
        array.rio.write_crs(crs, inplace=True)
    if transform is not None:
        array.rio.write_transform(transform, inplace=True)
    return array


def _float32(data: Any) -> xr.Variable:  # noqa: ANN401 - see make_scene
    if data.dtype == np.float32:
        return xr.Variable(DIMS, data)
    if isinstance(data, ExplicitlyIndexed):
        raise TypeError("a lazily indexed scene has to be float32 already: xarray would load it to convert it")
    return xr.Variable(DIMS, data).astype(np.float32)


def _with_nodata(scene: xr.DataArray, nodata: float | None) -> xr.DataArray:
    """Say that missing is NaN: by the file's encoded value where float32 can hold it, else by an attribute."""
    if nodata is not None and not abs(nodata) > _LARGEST:
        scene.encoding["_FillValue"] = nodata
    elif "_FillValue" not in scene.encoding:
        scene.attrs.setdefault("_FillValue", np.nan)
    return scene
