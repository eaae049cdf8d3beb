"""Places for the labels of points, so that none covers another, a point, or leaves the axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIRECTIONS = tuple(math.radians(degrees) for degrees in (0, 180, 90, 270, 45, 315, 135, 225, 20, 340, 160, 200))
DISTANCES = (0.0, 6.0, 14.0, 24.0, 36.0, 52.0, 72.0, 96.0)  # points from the marker's edge
PADDING = 1.5  # points between boxes
PASSES = 4  # in each, every label may move to a better place
COVER, OUTSIDE, AWAY = 1.0, 4.0, 0.35  # cost of a square point covered or outside, and of a point of distance


@dataclass(frozen=True)
class Boxes:
    """Rectangles as rows (left, bottom, right, top), in points."""

    rows: Floats

    def overlap(self, box: Floats) -> float:
        """Area that they share with one rectangle."""
        if not len(self.rows):
            return 0.0
        wide = np.minimum(self.rows[:, 2], box[2]) - np.maximum(self.rows[:, 0], box[0])
        high = np.minimum(self.rows[:, 3], box[3]) - np.maximum(self.rows[:, 1], box[1])
        return float((np.clip(wide, 0, None) * np.clip(high, 0, None)).sum())


def place_labels(
    points: Floats, radii: Floats, sizes: Floats, bounds: Sequence[float], obstacles: Floats | None = None
) -> Floats:
    """Choose a place for each label.

    From a ring of candidates around its point each label takes the cheapest, again and again in turn until none moves:
    what it covers costs most, then what lies outside, then the distance.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Middles of the markers, in points (1/72 inch), as all that follows.
    radii : ndarray, shape (n,)
        Of the markers.
    sizes : ndarray, shape (n, 2)
        Width and height of the labels.
    bounds : (left, bottom, right, top)
        Where labels may be.
    obstacles : ndarray, shape (m, 4), optional
        Further rectangles to keep free, as (left, bottom, right, top).

    Returns
    -------
    ndarray, shape (n, 2)
        Middles of the labels.
    """
    fixed = np.column_stack([points - radii[:, None], points + radii[:, None]])
    fixed = fixed if obstacles is None else np.concatenate([fixed, obstacles])
    candidates = [_candidates(*each) for each in zip(points, radii, sizes, strict=True)]
    base = [
        np.array([_alone(box, away, bounds, Boxes(fixed)) for box, away in zip(boxes, distances, strict=True)])
        for boxes, distances in candidates
    ]
    chosen = [int(np.argmin(costs)) for costs in base]
    for _ in range(PASSES):
        before = list(chosen)
        for i in range(len(chosen)):
            others = [candidates[j][0][chosen[j]] for j in range(len(chosen)) if j != i]
            rest = Boxes(np.array(others).reshape(-1, 4))
            chosen[i] = int(np.argmin(base[i] + [COVER * rest.overlap(box) for box in candidates[i][0]]))
        if chosen == before:
            break
    boxes = np.array([boxes[k] for (boxes, _), k in zip(candidates, chosen, strict=True)]).reshape(-1, 4)
    middles: Floats = (boxes[:, :2] + boxes[:, 2:]) / 2
    return middles


def _candidates(point: Floats, radius: float, size: Floats) -> tuple[Floats, Floats]:
    """Boxes (k, 4) around a point, padded, and their distances (k,) from its marker."""
    half = size / 2 + PADDING
    directions = np.column_stack([np.cos(DIRECTIONS), np.sin(DIRECTIONS)])
    with np.errstate(divide="ignore"):
        inner = (half / np.abs(directions.round(9))).min(axis=1)  # from a box's middle to its edge, in each direction
    reach = radius + np.array(DISTANCES)[:, None] + inner
    middles = (point + reach[..., None] * directions).reshape(-1, 2)
    return np.column_stack([middles - half, middles + half]), np.repeat(DISTANCES, len(DIRECTIONS))


def _alone(box: Floats, away: float, bounds: Sequence[float], fixed: Boxes) -> float:
    """Cost of a place without regard to other labels."""
    inside = Boxes(np.array([bounds], np.float64)).overlap(box)
    area = float((box[2] - box[0]) * (box[3] - box[1]))
    return COVER * fixed.overlap(box) + OUTSIDE * (area - inside) + AWAY * away
