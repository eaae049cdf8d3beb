"""Labelled pixels of scenes as samples: spectra, or patches with their halo, gathered from a compact table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.sampling.standardise import Standardiser
from spectralmamba.sampling.windows import read_box, reflect_indices

T = TypeVar("T", bound=np.generic)

TILE = 64  # pixels a side read at a time, so that a lazily read scene is never loaded whole


class Samples(Protocol):
    """What training needs of its data, whether it came from scenes or from arrays."""

    @property
    def targets(self) -> NDArray[np.int64]:
        """Class index 0..K-1 of each sample, shape (n,)."""

    def batch(
        self, indices: NDArray[np.integer], orientation: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """Give samples, (b, C) or (b, C, S, S), patches turned by ``orientation`` 0..7 where it is given."""


@dataclass(frozen=True, eq=False)
class PatchSampler:
    """Labelled pixels of one or several scenes.

    Windows of neighbouring pixels overlap, so the sampler keeps each pixel that any window needs once, in a table,
    and each window as positions in that table.

    Attributes
    ----------
    table : ndarray of float32, shape (n_pixels, n_bands)
        Spectra; NaN where a value is missing.
    windows : ndarray of int, shape (n, S, S)
        Position in ``table`` of each pixel of each sample's window; S = 2·radius + 1.
    rows, columns, scene_index : ndarray of int, shape (n,)
        Where each sample lies.
    targets : ndarray of int64, shape (n,)
        Class index 0..K-1.
    """

    table: NDArray[np.float32]
    windows: NDArray[np.int32]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    scene_index: NDArray[np.intp]
    targets: NDArray[np.int64]

    @classmethod
    def from_scene(cls, scene: xr.DataArray, targets: NDArray[np.int64], radius: int) -> "PatchSampler":
        """Gather the labelled pixels of a scene with their surroundings.

        Parameters
        ----------
        scene : DataArray (band, y, x)
            Reflected at its edge by ``radius``.
        targets : ndarray of int64, shape (height, width)
            Class index, -1 where unlabelled.
        radius : int
            Pixels around each sample.
        """
        _, height, width = scene.shape
        rows, columns = np.nonzero(targets >= 0)
        folded_rows = reflect_indices(-radius, height + radius, height)
        folded_columns = reflect_indices(-radius, width + radius, width)
        around = np.arange(2 * radius + 1)
        y = folded_rows[rows[:, None] + around]  # (n, S)
        x = folded_columns[columns[:, None] + around]
        flat = y[:, :, None] * width + x[:, None, :]  # (n, S, S)
        pixels, windows = np.unique(flat, return_inverse=True)
        table = _gather(scene, pixels // width, pixels % width)
        return cls(
            table,
            windows.reshape(flat.shape).astype(np.int32),
            rows,
            columns,
            np.zeros(rows.size, np.intp),
            targets[rows, columns],
        )

    @classmethod
    def concatenate(cls, samplers: Sequence["PatchSampler"]) -> "PatchSampler":
        """Join the samplers of several scenes, in order; ``scene_index`` tells them apart."""
        offsets = np.cumsum([0, *(len(s.table) for s in samplers)])
        return cls(
            np.concatenate([s.table for s in samplers]),
            np.concatenate([s.windows + np.int32(offset) for s, offset in zip(samplers, offsets, strict=False)]),
            np.concatenate([s.rows for s in samplers]),
            np.concatenate([s.columns for s in samplers]),
            np.concatenate([np.full(len(s), i) for i, s in enumerate(samplers)]),
            np.concatenate([s.targets for s in samplers]),
        )

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def radius(self) -> int:
        """Pixels around each sample."""
        return int(self.windows.shape[1]) // 2

    @property
    def spectra(self) -> NDArray[np.float32]:
        """Spectrum of each sample's own pixel, shape (n, n_bands)."""
        return self.table[self.windows[:, self.radius, self.radius]]

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Whether each sample's own spectrum has every value, shape (n,)."""
        return np.asarray(np.isfinite(self.spectra).all(axis=1))

    def keep_bands(self, bands: NDArray[np.intp]) -> "PatchSampler":
        """Keep some bands; a pixel that misses any of them is missing altogether."""
        table = self.table[:, bands]
        table[~np.isfinite(table).all(axis=1)] = np.nan
        return replace(self, table=table)

    def standardised(self, standardiser: Standardiser) -> "PatchSampler":
        """Bring the table to the training pixels' mean and spread."""
        return replace(self, table=standardiser(self.table, band_axis=1))

    def select(self, keep: NDArray[np.bool_]) -> "PatchSampler":
        """Keep some samples, shape (n,); the table is shared."""
        return replace(
            self,
            windows=self.windows[keep],
            rows=self.rows[keep],
            columns=self.columns[keep],
            scene_index=self.scene_index[keep],
            targets=self.targets[keep],
        )

    def batch(
        self, indices: NDArray[np.integer], orientation: NDArray[np.integer] | None = None
    ) -> NDArray[np.float32]:
        """Give samples: (b, C) at radius 0, else (b, C, S, S)."""
        windows = self.windows[indices]
        if self.radius == 0:
            return np.asarray(self.table[windows[:, 0, 0]])
        if orientation is not None:
            windows = turn(windows, orientation)
        patches: NDArray[np.float32] = np.ascontiguousarray(self.table[windows].transpose(0, 3, 1, 2))
        return patches


def turn(windows: NDArray[T], orientation: NDArray[np.integer]) -> NDArray[T]:
    """Flip and rotate square windows (b, S, S, ...), each by its own element 0..7 of the square's symmetries."""
    turned = np.empty_like(windows)
    for k in range(8):
        chosen = orientation == k
        some = np.rot90(windows[chosen], k % 4, axes=(1, 2))
        turned[chosen] = some[:, ::-1] if k >= 4 else some
    return turned


def _gather(scene: xr.DataArray, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
    """Read the spectra of some pixels, tile by tile, of each no more than the box that holds them."""
    table = np.empty((rows.size, scene.shape[0]), np.float32)
    tiles = (rows // TILE) * (scene.shape[2] // TILE + 1) + columns // TILE
    order = np.argsort(tiles, kind="stable")
    for here in np.split(order, np.flatnonzero(np.diff(tiles[order])) + 1):
        if here.size:
            y, x = rows[here], columns[here]
            box = read_box(scene, (y.min(), y.max() + 1), (x.min(), x.max() + 1))
            table[here] = box[:, y - y.min(), x - x.min()].T
    return table
