"""The work of one tile: read it, classify it. This runs in any thread, process or machine."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.mapping.classification import class_numbers, classify, map_dtype, probabilities
from spectralmamba.mapping.predictor import Predictor, uploaded
from spectralmamba.mapping.tiles import Tile
from spectralmamba.sampling.windows import read_window

CLASSES, CONFIDENCE, PROBABILITIES = "classes", "confidence", "probabilities"


@dataclass(frozen=True)
class Wanted:
    """Which arrays are made of each tile, beside the classes.

    Attributes
    ----------
    confidence : bool
        float32 (h, w), NaN = no data.
    probabilities : bool
        float32 (K, h, w), NaN = no data.
    """

    confidence: bool = False
    probabilities: bool = False

    def arrays(self, predictor: Predictor, height: int, width: int) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        """Shape and type of each array, over height × width pixels."""
        plane, real = (height, width), np.dtype(np.float32)
        known: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {
            CLASSES: (plane, map_dtype(predictor)),
            CONFIDENCE: (plane, real),
            PROBABILITIES: ((len(predictor.classes), *plane), real),
        }
        asked = {CLASSES: True, CONFIDENCE: self.confidence, PROBABILITIES: self.probabilities}
        return {name: known[name] for name in known if asked[name]}


@dataclass(frozen=True)
class TileResult:
    """What was computed of a tile, and how long it took.

    Attributes
    ----------
    tile : Tile
    arrays : dict of str to ndarray
        ``classes`` and what else is wanted; the last two axes are the tile's rows and columns.
    reading, inference, waiting : float
        Seconds; waiting is what the one who classifies had to wait for the window.
    """

    tile: Tile
    arrays: dict[str, NDArray[Any]] = field(repr=False)
    reading: float = 0.0
    inference: float = 0.0
    waiting: float = 0.0


def read_tile(predictor: Predictor, scene: xr.DataArray, tile: Tile) -> tuple[Any, float]:
    """Read the window that a tile needs, as the predictor's ``logits`` takes it; also how many seconds it took."""
    begun = time.perf_counter()
    window = read_window(scene, (tile.top, tile.bottom), (tile.left, tile.right), predictor.radius, predictor.bands)
    return uploaded(predictor, window), time.perf_counter() - begun


def classify_window(predictor: Predictor, window: Any, wanted: Wanted) -> dict[str, NDArray[Any]]:  # noqa: ANN401
    """Make the arrays of a tile from what :func:`read_tile` gave."""
    logits = predictor.logits(window)
    index, confidence = classify(logits, predictor.temperature)
    arrays: dict[str, NDArray[Any]] = {CLASSES: class_numbers(index, predictor)}
    if wanted.confidence:
        arrays[CONFIDENCE] = confidence
    if wanted.probabilities:
        arrays[PROBABILITIES] = probabilities(logits, predictor.temperature)
    return arrays


def compute_tiles(
    predictor: Predictor, scene: xr.DataArray, tiles: Iterable[Tile], wanted: Wanted
) -> Iterator[TileResult]:
    """Compute tiles one after the other, in the thread that asks for them.

    Parameters
    ----------
    predictor : Predictor
    scene : DataArray (band, y, x)
        With the predictor's bands, as ``scene_for`` gives it.
    tiles : iterable of Tile
    wanted : Wanted
    """
    for tile in tiles:
        window, reading = read_tile(predictor, scene, tile)
        begun = time.perf_counter()
        arrays = classify_window(predictor, window, wanted)
        yield TileResult(tile, arrays, reading, time.perf_counter() - begun)
