"""Classifying every pixel of a scene, tile by tile."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, OutputError, SceneError
from spectralmamba.files import parent_folder
from spectralmamba.mapping.geotiff import write_class_map, write_confidence
from spectralmamba.mapping.predictor import Predictor, check_scene
from spectralmamba.mapping.tiles import Tile, count_tiles, iterate_tiles
from spectralmamba.sampling.windows import read_window

TILE_SIZE = 256
LARGEST_NUMBER = 65535  # a GeoTIFF's colour table goes no further

OnTile = Callable[[int, int], None]


@dataclass(frozen=True)
class MapSummary:
    """What a map holds.

    Attributes
    ----------
    pixels : dict of int to int
        Pixels of each class number; 0 is no data.
    tiles : int
    """

    pixels: dict[int, int]
    tiles: int

    @property
    def valid(self) -> int:
        """Pixels that were classified."""
        return sum(count for number, count in self.pixels.items() if number > 0)


def predict_scene(
    predictor: Predictor, scene: xr.DataArray, *, tile_size: int = TILE_SIZE
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.float32]]:
    """Classify a scene in memory.

    Parameters
    ----------
    predictor : Predictor
    scene : DataArray (band, y, x)
    tile_size : int
        Pixels a side that are read and computed at once; the result does not depend on it.

    Returns
    -------
    classes : ndarray of uint8 or uint16, shape (height, width)
        Class numbers, 0 = no data.
    confidence : ndarray of float32, shape (height, width)
        Calibrated probability of the class, NaN = no data.
    """
    check_scene(predictor, scene)
    _, height, width = scene.shape
    classes = np.zeros((height, width), map_dtype(predictor))
    confidence = np.full((height, width), np.nan, np.float32)
    for tile, numbers, certainty in _classify_tiles(predictor, scene, tile_size):
        classes[tile.window] = numbers
        confidence[tile.window] = certainty
    return classes, confidence


def map_scene(
    predictor: Predictor,
    scene: xr.DataArray,
    out: Path,
    *,
    confidence: Path | None = None,
    tile_size: int = TILE_SIZE,
    on_tile: OnTile | None = None,
) -> MapSummary:
    """Classify a scene into a GeoTIFF on its grid.

    Only a tile of the scene is in memory at a time. Results are collected in uncompressed files beside ``out`` and
    the map is written from them in one pass, so it is the same file for any tile size; it appears under its name when
    it is whole.

    Parameters
    ----------
    predictor : Predictor
    scene : DataArray (band, y, x)
    out : Path
        The map: class numbers with colours and names, 0 = no data.
    confidence : Path, optional
        A second GeoTIFF, float32, NaN = no data.
    tile_size : int
        Pixels a side.
    on_tile : callable, optional
        Called with the tiles done and their total.

    Raises
    ------
    SceneError
        The scene has other bands than the model, or no pixel with data.
    OutputError
        The map cannot be written.
    """
    check_scene(predictor, scene)
    dtype = map_dtype(predictor)
    _, height, width = scene.shape
    total = count_tiles(height, width, max(tile_size, 1))
    counts = np.zeros(LARGEST_NUMBER + 1, np.int64)
    with ExitStack() as stack:
        for path in filter(None, (out, confidence)):
            stack.enter_context(parent_folder(path))
        classes = _scratch(stack, out, dtype, (height, width))
        certainties = _scratch(stack, confidence, np.dtype(np.float32), (height, width)) if confidence else None
        for i, (tile, numbers, certainty) in enumerate(_classify_tiles(predictor, scene, tile_size)):
            classes[tile.window] = numbers
            if certainties is not None:
                certainties[tile.window] = certainty
            counts += np.bincount(numbers.ravel(), minlength=counts.size)
            if on_tile is not None:
                on_tile(i + 1, total)
        if counts[1:].sum() == 0:
            raise SceneError("no pixel of the scene has data in all of the model's bands; there is nothing to map")
        if confidence is not None and certainties is not None:
            write_confidence(certainties, scene, confidence)
        write_class_map(classes, scene, predictor.classes, out)
    return MapSummary({int(n): int(counts[n]) for n in np.flatnonzero(counts)}, total)


def map_dtype(predictor: Predictor) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
    """Choose the smallest type that holds the class numbers.

    Raises
    ------
    LabelError
        A class number is above 65535.
    """
    largest = max(predictor.classes.numbers)
    if largest > LARGEST_NUMBER:
        raise LabelError(f"class number {largest} does not fit into a map; renumber the classes within 1..65535")
    return np.dtype(np.uint8) if largest <= 255 else np.dtype(np.uint16)


def _classify_tiles(
    predictor: Predictor, scene: xr.DataArray, tile_size: int
) -> Iterator[tuple[Tile, NDArray[np.unsignedinteger], NDArray[np.float32]]]:
    _, height, width = scene.shape
    lookup: NDArray[np.unsignedinteger] = np.array(
        [*predictor.classes.numbers, 0], map_dtype(predictor)
    )  # -1, no data, takes the last
    for tile in iterate_tiles(height, width, tile_size):
        window = read_window(scene, (tile.top, tile.bottom), (tile.left, tile.right), predictor.radius, predictor.bands)
        index, confidence = classify(predictor.logits(window), predictor.temperature)
        yield tile, lookup[index], confidence


def classify(logits: NDArray[np.float32], temperature: float = 1.0) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Turn logits into a class index and its probability.

    Parameters
    ----------
    logits : ndarray, shape (K, h, w)
        NaN where there is no data.
    temperature : float
        Divides the logits.

    Returns
    -------
    index : ndarray of int64, shape (h, w)
        The class with the largest logit, the first of equals; -1 where there is no data.
    confidence : ndarray of float32, shape (h, w)
        Its softmax probability; NaN where there is no data.
    """
    valid = np.isfinite(logits).all(axis=0)
    filled = np.where(valid, logits, 0).astype(np.float64) / temperature
    largest = filled.max(axis=0)
    total = np.zeros(valid.shape)
    for plane in filled:  # one class after the other, so that the order of the sum depends on nothing else
        total += np.exp(plane - largest)
    index = np.where(valid, filled.argmax(axis=0), -1)
    return index, np.where(valid, 1 / total, np.nan).astype(np.float32)


def _scratch(stack: ExitStack, path: Path, dtype: np.dtype, shape: tuple[int, int]) -> NDArray:  # type: ignore[type-arg]
    """Open an array in a file beside ``path`` that vanishes with the stack."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tiles")
    stack.callback(partial.unlink, missing_ok=True)
    try:
        with partial.open("wb") as file:
            # Taken now, or a disk that fills up later ends the program with a signal in the middle of a write.
            os.posix_fallocate(file.fileno(), 0, shape[0] * shape[1] * dtype.itemsize)
        return np.memmap(partial, dtype, "r+", shape=shape)
    except OSError as error:
        raise OutputError(
            f"cannot write {path} ({error.strerror or error}); free some space or name another"
        ) from error
