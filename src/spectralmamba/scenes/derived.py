"""Scenes that are computed from others while they are read: what resampled, filled and joined ones share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.contract import DIMS
from spectralmamba.scenes.lazy import WindowedArray

Floats = NDArray[np.float32]


class Source:
    """The pixels of a scene, read window by window, NaN where missing.

    Parameters
    ----------
    scene : xarray.DataArray
        dims ``(band, y, x)``; only its values and its nodata value are kept.
    """

    def __init__(self, scene: xr.DataArray) -> None:
        self.variable = scene.variable
        nodata = scene.rio.nodata
        with np.errstate(over="ignore"):  # one that float32 cannot hold is no value of the scene
            self.nodata = None if nodata is None or np.isnan(nodata) else np.float32(nodata)
        self.shape: tuple[int, int, int] = scene.shape  # type: ignore[assignment]

    def read(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        """Read bands of a window; shape (n, rows, cols), float32."""
        values = np.array(self.variable[bands, rows, cols].values, np.float32)
        if self.nodata is not None:
            values[values == self.nodata] = np.nan
        return values


def derive(
    scene: xr.DataArray, array: WindowedArray, bands: Mapping[str, Any] | None = None, **attrs: object
) -> xr.DataArray:
    """Put computed values in the place of a scene's own.

    Parameters
    ----------
    scene : xarray.DataArray
        Whose name, grid, exclusions and attributes the result has.
    array : WindowedArray, shape (n_bands, height, width)
    bands : mapping, optional
        All band coordinates of the result; those of ``scene`` where not given.
    **attrs
        Further attributes.
    """
    kept = {key: coord for key, coord in scene.coords.items() if bands is None or "band" not in coord.dims}
    result = xr.DataArray(
        xr.Variable(DIMS, array.lazy()), coords=kept | dict(bands or {}), name=scene.name, attrs=scene.attrs | attrs
    )
    result.encoding.update(scene.encoding)
    return result
