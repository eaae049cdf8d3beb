"""Who claims a pixel: polygons and points burned onto a grid, and what is done where classes differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely  # type: ignore[import-untyped]
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import ClassTable
from spectralmamba.labels.options import Overlap

_STRIP_PIXELS = 2**22
"""Pixels that are worked on at once: four million, 16 MiB an array."""


@dataclass(frozen=True, eq=False)
class Claims:
    """Features that label pixels, in the order of their files.

    Attributes
    ----------
    numbers : numpy.ndarray of uint32, shape (n,)
        Class number of each feature.
    polygons : numpy.ndarray of shapely.Geometry, shape (p,)
        In pixels: x = column, y = row.
    polygon_owner : numpy.ndarray of int64, shape (p,)
        Which feature each polygon is.
    rows, columns, pixel_owner : numpy.ndarray of int64, shape (m,)
        Single pixels inside the grid, and which feature each is of.
    """

    numbers: NDArray[np.uint32]
    polygons: NDArray[np.object_]
    polygon_owner: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    pixel_owner: NDArray[np.int64]


def settle(
    claims: Claims, shape: tuple[int, int], table: ClassTable, overlap: Overlap, *, all_touched: bool, source: str
) -> NDArray[np.uint32]:
    """Make the label map of some claims, a strip of rows at a time.

    Parameters
    ----------
    claims : Claims
    shape : (int, int)
        Height and width.
    table : ClassTable
        For messages.
    overlap : {"error", "first", "last", "drop"}
        Where features of different classes claim a pixel: refuse, take the first or the last feature in the order of
        the files, or leave the pixel unlabelled.
    all_touched : bool
        Polygons label every pixel that they touch, in place of those whose centre they hold.
    source : str
        For messages.

    Returns
    -------
    numpy.ndarray of uint32, shape (height, width)

    Raises
    ------
    LabelError
        Classes overlap, and ``overlap`` is "error".
    """
    labels = np.zeros(shape, np.uint32)
    height = max(1, _STRIP_PIXELS // max(shape[1], 1))
    bounds = shapely.bounds(claims.polygons).reshape(-1, 4)
    disputed, example = 0, ""
    for top in range(0, shape[0], height):
        strip = _Strip(claims, bounds, top, min(height, shape[0] - top), shape[1], all_touched)
        target = labels[top : top + height]
        target[:], conflict = strip.numbers(overlap)
        if conflict.any():
            example = example or _example(strip, conflict, table)
            disputed += int(conflict.sum())
    if disputed and overlap == "error":
        touched = "; polygons that touch share the pixels at their border" if all_touched else ""
        raise LabelError(
            f"{source}: features of different classes claim {disputed} pixels, the first {example}{touched}; correct "
            "them, or choose a rule: overlap (--overlap) first, last or drop"
        )
    return labels


class _Strip:
    """Some rows of the grid, and the claims on them."""

    def __init__(
        self, claims: Claims, bounds: NDArray[np.float64], top: int, height: int, width: int, all_touched: bool
    ) -> None:
        near = (bounds[:, 1] < top + height + 1) & (bounds[:, 3] > top - 1)
        inside = (claims.rows >= top) & (claims.rows < top + height)
        self.top, self.shape, self.all_touched = top, (height, width), all_touched
        self.classes = claims.numbers
        self.polygons, self.polygon_owner = claims.polygons[near], claims.polygon_owner[near]
        self.rows, self.columns = claims.rows[inside] - top, claims.columns[inside]
        self.pixel_owner = claims.pixel_owner[inside]

    def numbers(self, overlap: Overlap) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
        """Class numbers of the strip, and where classes differ."""
        lowest, highest = self.extremes()
        conflict = lowest != highest
        if not conflict.any():
            return highest, conflict
        if overlap == "drop":
            return np.where(conflict, np.uint32(0), highest), conflict
        order = np.arange(len(self.classes))
        last = len(order) - 1
        chosen = self.highest(order) if overlap == "last" else last - self.highest(last - order)
        highest[conflict] = self.classes[chosen[conflict]]
        return highest, conflict

    def extremes(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Lowest and highest class number that claims each pixel; 0 where none does."""
        if not (self.polygons.size or self.rows.size):
            return np.zeros(self.shape, np.uint32), np.zeros(self.shape, np.uint32)
        known, rank = np.unique(self.classes, return_inverse=True)
        top = len(known) - 1
        highest = self.highest(rank)
        lowest = np.where(highest < 0, -1, top - self.highest(top - rank))
        numbers = np.append(known, np.uint32(0))  # −1 takes the last
        return numbers[lowest], numbers[highest]

    def highest(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each pixel, the highest key of the features that claim it; −1 where none does."""
        burned = np.full(self.shape, -1, np.int32)
        if self.polygons.size:
            order = np.argsort(keys[self.polygon_owner], kind="stable")
            values = keys[self.polygon_owner][order].tolist()
            rasterize(
                zip(self.polygons[order], values, strict=True),
                out=burned,
                transform=Affine.translation(0, self.top),
                all_touched=self.all_touched,
                skip_invalid=False,
            )
        np.maximum.at(burned, (self.rows, self.columns), keys[self.pixel_owner].astype(np.int32))
        return burned.astype(np.int64)


def _example(strip: _Strip, conflict: NDArray[np.bool_], table: ClassTable) -> str:
    """Name the first pixel in dispute and two classes that claim it."""
    row, column = (int(index[0]) for index in np.nonzero(conflict))
    names = " and ".join(repr(table.name_of(int(numbers[row, column]))) for numbers in strip.extremes())
    return f"at row {row + strip.top}, column {column} by {names}"


def join(parts: Sequence[Claims]) -> Claims:
    """Put claims together, the features of the first before those of the second."""
    starts = np.cumsum([0, *(len(part.numbers) for part in parts)])[:-1]
    return Claims(
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.polygons for part in parts]),
        np.concatenate([part.polygon_owner + start for part, start in zip(parts, starts, strict=True)]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.pixel_owner + start for part, start in zip(parts, starts, strict=True)]),
    )
