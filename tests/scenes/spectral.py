"""Scenes with known wavelengths for the tests of bands, on disk so that what is lazy can be told."""

import numpy as np
import xarray as xr

from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.lazy import WindowedArray

from .products import CRS, TRANSFORM


class Counted(WindowedArray):
    """Values that note which bands were read, and never more than one window."""

    def __init__(self, values: np.ndarray) -> None:
        super().__init__(values.shape)
        self.values, self.reads = values, []

    def read_window(self, bands, rows, cols):
        self.reads.append((bands.tolist(), rows, cols))
        return self.values[bands][:, rows, cols]


def spectral(wavelength, values=None, shape=(4, 5), **options) -> xr.DataArray:
    """A lazy scene with these band centres; values are those of the wavelength unless given."""
    wavelength = np.asarray(wavelength, np.float64)
    if values is None:
        values = np.broadcast_to(np.nan_to_num(wavelength)[:, None, None], (wavelength.size, *shape))
    array = Counted(np.array(values, np.float32))
    place = {"crs": CRS, "transform": TRANSFORM}
    scene = make_scene(array.lazy(), name="s", source="memory", wavelength=wavelength, **(place | options))
    scene.attrs["array"] = array
    return scene


def is_lazy(scene: xr.DataArray) -> bool:
    return not scene.variable._in_memory
