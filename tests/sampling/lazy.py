"""Scenes for tests: of given values, or lazy ones that remember what was read of them."""

import numpy as np
import xarray as xr

from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.lazy import WindowedArray


class Recording(WindowedArray):
    """A lazy cube that keeps the row and column ranges that it was asked for."""

    def __init__(self, values: np.ndarray) -> None:
        super().__init__(values.shape)
        self.values = values.astype(np.float32)
        self.reads: list[tuple[slice, slice]] = []

    def read_window(self, bands, rows, cols):
        self.reads.append((rows, cols))
        return self.values[bands][:, rows, cols]


def scene_of(values: np.ndarray, **options) -> xr.DataArray:
    return make_scene(values.astype(np.float32), name="made", source="made", **options)


def random_cube(n_bands: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n_bands, height, width)).astype(np.float32)


def lazy_scene(values: np.ndarray) -> tuple[xr.DataArray, Recording]:
    array = Recording(values)
    return make_scene(array.lazy(), name="lazy", source="made"), array
