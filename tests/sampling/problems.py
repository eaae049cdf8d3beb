"""Label maps for splits, and what is checked of every split without the functions that made it."""

from typing import Any

import numpy as np
import xarray as xr

from spectralmamba.labels import ClassTable
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.problem import Problem
from spectralmamba.sampling.split import PARTS, SceneSplit, Split


def label_map(values: Any, dtype: type = np.uint8) -> xr.DataArray:
    return xr.DataArray(np.asarray(values, dtype), dims=("y", "x"))


def problem(*maps: xr.DataArray, radius: int = 2, patch_size: int = 3, **options: Any) -> Problem:
    """A problem of scenes a, b, …; ``test``, ``validation``, ``tiles`` go to it, the rest to the options."""
    given = {name: options.pop(name) for name in ("test", "validation", "tiles") if name in options}
    labels = dict(zip("abcdef", maps, strict=False))
    everything = [*maps, *given.get("test", {}).values(), *given.get("validation", {}).values()]
    numbers = sorted({int(n) for m in everything for n in np.unique(m.values) if n > 0})
    return Problem(labels, ClassTable.from_numbers(numbers), SplitOptions(**options), radius, patch_size, **given)


def patchwork(side: int = 60, numbers: tuple[int, ...] = (1, 2, 3), seed: int = 0, field: int = 6) -> np.ndarray:
    """Square fields of one class with unlabelled lanes of two pixels between them."""
    rng = np.random.default_rng(seed)
    step = field + 2
    labels = np.zeros((side, side), np.int64)
    for i, top in enumerate(range(0, side - field + 1, step)):
        for j, left in enumerate(range(0, side - field + 1, step)):
            number = numbers[(i + j) % len(numbers)] if i < 2 else rng.choice(numbers)
            labels[top : top + field, left : left + field] = number
    return labels


def points(side: int = 80, numbers: tuple[int, ...] = (1, 2, 3), n: int = 300, seed: int = 0) -> np.ndarray:
    """Single labelled pixels, no two of which touch."""
    rng = np.random.default_rng(seed)
    grid = np.argwhere(np.ones((side // 2, side // 2), bool)) * 2
    labels = np.zeros((side, side), np.int64)
    chosen = grid[rng.choice(len(grid), n, replace=False)]
    labels[chosen[:, 0], chosen[:, 1]] = rng.choice(numbers, n)
    return labels


def distances(of: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Chebyshev distance of each marked pixel to the nearest one marked in ``to``, by trying all pairs."""
    here, there = np.argwhere(of), np.argwhere(to)
    if len(here) == 0 or len(there) == 0:
        return np.full(len(here), np.inf)
    return np.array([np.abs(there - pixel).max(axis=1).min() for pixel in here], float)


def check(split: Split, labels: dict[str, xr.DataArray]) -> None:
    """Parts are disjoint and hold the original labels."""
    assert set(split.scenes) == set(labels)
    for key, scene in split.scenes.items():
        parts = [scene.part(name).values for name in PARTS]
        assert (np.sum([p > 0 for p in parts], axis=0) <= 1).all()
        for part in parts:
            np.testing.assert_array_equal(part[part > 0], labels[key].values[part > 0])


def check_distance(split: Split, least: int) -> None:
    """No pixel that is learned from or selected with lies nearer than ``least`` to a test pixel."""
    for scene in split.scenes.values():
        learned = (scene.train.values > 0) | (scene.validation.values > 0)
        assert (distances(learned, scene.test.values > 0) >= least).all()


def parts_of(scene: SceneSplit) -> np.ndarray:
    """0, 1, 2 for training, validation, test, -1 for none; shape (height, width)."""
    return np.select([scene.part(name).values > 0 for name in PARTS], [0, 1, 2], -1)


def same(one: Split, other: Split) -> bool:
    return all(np.array_equal(parts_of(one.scenes[key]), parts_of(other.scenes[key])) for key in one.scenes)
