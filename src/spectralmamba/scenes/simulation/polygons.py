"""Sparse labels: irregular polygons as an interpreter would digitise them, scattered over the scene."""

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from spectralmamba.scenes.simulation.fields import Classes, Floats, Mask, stream
from spectralmamba.scenes.simulation.shapes import Stamp, blob

EIGHT = np.ones((3, 3), bool)
LEAST_POLYGONS = 8
"""Polygons a class gets where there is room, so that splits by region have something to split."""

MEAN_POLYGON_PIXELS = 42.0
CARELESS = 0.25
"""Share of the polygons that are drawn without heed to the border and may cross it by a pixel."""

GAP_PIXELS = 2
"""Between polygons, so that two never fuse into one region."""


@dataclass
class _Sheet:
    """The label map while polygons are drawn onto it."""

    truth: Classes
    free: Mask
    labels: Classes = field(init=False)

    def __post_init__(self) -> None:
        self.labels = np.zeros_like(self.truth)

    def draw(self, stamp: Stamp, centre: tuple[int, int], number: int, careless: bool) -> int:
        """Label the part of a stamp that is one piece, free, and of the right class; give its number of pixels."""
        inside = stamp.mask & self.free[stamp.rows, stamp.columns]
        same = self.truth[stamp.rows, stamp.columns] == number
        inside &= ndimage.binary_dilation(same, EIGHT) if careless else same
        pieces, _ = ndimage.label(inside, EIGHT)
        piece = pieces == pieces[centre[0] - stamp.rows.start, centre[1] - stamp.columns.start]
        piece &= inside
        # A careless outline that is mostly on the neighbour would be a wrong label, not a rough one.
        if (piece & same).sum() < 0.7 * piece.sum():
            piece &= same
        self.labels[stamp.rows, stamp.columns][piece] = number
        self._fence(stamp, piece)
        return int(piece.sum())

    def _fence(self, stamp: Stamp, piece: Mask) -> None:
        rows, columns = stamp.rows, stamp.columns
        top, left = max(rows.start - GAP_PIXELS, 0), max(columns.start - GAP_PIXELS, 0)
        around = self.free[top : rows.stop + GAP_PIXELS, left : columns.stop + GAP_PIXELS]
        taken = np.zeros_like(around)
        taken[rows.start - top :, columns.start - left :][: piece.shape[0], : piece.shape[1]] = piece
        around &= ~ndimage.binary_dilation(taken, EIGHT, iterations=GAP_PIXELS)


def draw_labels(truth: Classes, valid: Mask, n_classes: int, fraction: float, seed: int) -> Classes:
    """Draw label polygons for every class.

    Parameters
    ----------
    truth : numpy.ndarray, uint8, shape (height, width)
        Class of every pixel.
    valid : numpy.ndarray, bool, shape (height, width)
        Where labels may lie.
    n_classes : int
        Number of classes.
    fraction : float
        Share of all pixels to label, as far as there is room.
    seed : int
        Same seed, same polygons.

    Returns
    -------
    numpy.ndarray, uint8, shape (height, width)
        Class numbers, 0 where unlabelled. No two polygons of a class touch.
    """
    counts = np.bincount(truth[valid], minlength=n_classes + 1)[1 : n_classes + 1].astype(np.float64)
    # Interpreters label rare classes more densely than common ones.
    weight = np.sqrt(counts)
    wanted = fraction * truth.size * weight / max(weight.sum(), 1.0)
    sheet = _Sheet(truth, valid.copy())
    for index in np.argsort(counts, kind="stable"):
        if counts[index]:
            _draw_class(sheet, int(index) + 1, float(min(wanted[index], 0.5 * counts[index])), seed)
    _label_missing(sheet, valid, n_classes)
    return sheet.labels


def _label_missing(sheet: _Sheet, valid: Mask, n_classes: int) -> None:
    """Label one pixel of every class that had no room between the others' polygons, as in tiny scenes."""
    for number in range(1, n_classes + 1):
        places = np.flatnonzero((sheet.truth == number) & valid & (sheet.labels == 0))
        if len(places) and not (sheet.labels == number).any():
            sheet.labels.flat[places[0]] = number


def _draw_class(sheet: _Sheet, number: int, wanted: float, seed: int) -> None:
    rng = stream(seed, f"polygons {number}")
    mine = sheet.truth == number
    depth = ndimage.distance_transform_cdt(np.pad(mine, 1), "chessboard")[1:-1, 1:-1]
    places = _places(depth.astype(np.float32), rng)
    area = min(MEAN_POLYGON_PIXELS, wanted / LEAST_POLYGONS)
    done = 0
    for row, column in places:
        if done >= max(wanted, 1.0):
            break
        if not sheet.free[row, column]:
            continue
        radius = np.sqrt(max(area, 1.0) / np.pi) * float(np.exp(0.25 * rng.standard_normal()))
        stamp = blob(mine.shape, (float(row), float(column)), max(radius, 0.5), rng)
        done += sheet.draw(stamp, (int(row), int(column)), number, bool(rng.random() < CARELESS))


def _places(depth: Floats, rng: np.random.Generator) -> np.ndarray:
    """Order a class's pixels at random, so that those inside an area mostly come before those at its border."""
    rows, columns = np.nonzero(depth)
    inside = np.minimum(depth[rows, columns], 4.0)
    # Exponential races: a pixel comes first with a probability in proportion to its weight.
    order = np.argsort(rng.exponential(size=len(rows)) / inside**1.5, kind="stable")
    return np.stack([rows[order], columns[order]], axis=1)
