"""Classifying every pixel of a scene, tile by tile."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError, SceneError
from spectralmamba.files import parent_folder
from spectralmamba.mapping.classification import LARGEST_NUMBER, classify, map_dtype
from spectralmamba.mapping.collecting import Seconds, Writer
from spectralmamba.mapping.comparison import Comparison, compare_predictors
from spectralmamba.mapping.computing import CLASSES, CONFIDENCE, PROBABILITIES, Wanted
from spectralmamba.mapping.identity import TILE, job_digest, job_facts
from spectralmamba.mapping.journal import Noted
from spectralmamba.mapping.outputs import MapOutputs, write_outputs
from spectralmamba.mapping.predictor import Predictor, scene_for
from spectralmamba.mapping.schedule import Schedule, overlapped
from spectralmamba.mapping.tiles import TILE_SIZE, default_size, iterate_tiles, tile_shape
from spectralmamba.mapping.work import Work, locked_folder, open_work, read_unfinished, require_same, sweep
from spectralmamba.scenes.grid import grid_of

__all__ = ["LARGEST_NUMBER", "TILE_SIZE", "MapSummary", "classify", "map_dtype", "map_scene", "predict_scene"]

GDAL_CACHE = 64 << 20  # bytes; GDAL's own choice is a twentieth of the machine's memory

OnTile = Callable[[int, int], None]


@dataclass(frozen=True)
class MapSummary:
    """What a map holds, and what it took.

    Attributes
    ----------
    pixels : dict of int to int
        Pixels of each class number; 0 is no data.
    tiles : int
    resumed : int
        Tiles that an earlier process had done.
    seconds : Seconds
    comparison : Comparison, optional
        With another predictor, where one was given.
    """

    pixels: dict[int, int]
    tiles: int
    resumed: int = 0
    seconds: Seconds = field(default_factory=Seconds)
    comparison: Comparison | None = None

    @property
    def valid(self) -> int:
        """Pixels that were classified."""
        return sum(count for number, count in self.pixels.items() if number > 0)


def predict_scene(
    predictor: Predictor, scene: xr.DataArray, *, tile_size: int | None = None
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.float32]]:
    """Classify a scene in memory.

    Parameters
    ----------
    predictor : Predictor
    scene : DataArray (band, y, x)
    tile_size : int, optional
        Read and compute about as many pixels at once as a square of that many a side has; the result does not depend
        on it. By default 256, or fewer where a scene has many bands.

    Returns
    -------
    classes : ndarray of uint8 or uint16, shape (height, width)
        Class numbers, 0 = no data.
    confidence : ndarray of float32, shape (height, width)
        Calibrated probability of the class, NaN = no data.
    """
    scene = scene_for(predictor, scene)
    _, height, width = scene.shape
    tiles = list(iterate_tiles(height, width, _shape_of_tiles(predictor, scene, tile_size)))
    classes = np.zeros((height, width), map_dtype(predictor))
    confidence = np.full((height, width), np.nan, np.float32)
    with _modest_gdal(), closing(overlapped(predictor, scene, tiles, Wanted(confidence=True))) as results:
        for result in results:
            classes[result.tile.window] = result.arrays[CLASSES]
            confidence[result.tile.window] = result.arrays[CONFIDENCE]
    return classes, confidence


def map_scene(
    predictor: Predictor,
    scene: xr.DataArray,
    out: Path,
    *,
    confidence: Path | None = None,
    probabilities: Path | None = None,
    polygons: Path | None = None,
    sieve: int = 1,
    tile_size: int | None = None,
    on_tile: OnTile | None = None,
    resume: bool = False,
    restart: bool = False,
    identity: Mapping[str, str] | None = None,
    schedule: Schedule = overlapped,
    exact: Predictor | None = None,
) -> MapSummary:
    """Classify a scene into a Cloud Optimized GeoTIFF on its grid, or into Zarr.

    Only a few tiles of the scene are in memory at a time. Results are collected in uncompressed arrays in a work folder
    beside ``out`` (``.MAP.tif.work``), with a journal of the tiles that are done, and the map is written from them in
    one pass: so it is the same file for any tile size, and however often the work was interrupted. It appears under its
    name when it is whole.

    Parameters
    ----------
    predictor : Predictor
    scene : DataArray (band, y, x)
    out : Path
        The map: class numbers with colours and names, 0 = no data. A ``.tif``, with class names and a style of QGIS
        beside it; or a ``.zarr``, which holds confidences and probabilities too.
    confidence : Path, optional
        A second GeoTIFF, float32, NaN = no data.
    probabilities : Path, optional
        A GeoTIFF of one band a class, float32, NaN = no data.
    polygons : Path, optional
        The map as a GeoPackage (``.gpkg``).
    sieve : int
        Patches of fewer pixels take the class of their surroundings, see
        :func:`spectralmamba.mapping.outputs.sieve_classes`; confidences and probabilities stay those of the model.
    tile_size : int, optional
        Read and compute about as many pixels at once as a square of that many a side has. By default 256, fewer where
        a scene has many bands, or what an unfinished map was begun with.
    on_tile : callable, optional
        Called with the tiles done and their total.
    resume : bool
        Go on with an unfinished map of the same job, where there is one.
    restart : bool
        Throw an unfinished map away. With neither, one that could be gone on with is refused.
    identity : mapping of str to str, optional
        What tells the predictor from others, such as a digest of its weights. Without it nothing can be resumed, and a
        failure leaves nothing behind.
    schedule : Schedule
        Who computes the tiles.
    exact : Predictor, optional
        The same in full precision, to be compared with on a sample of tiles.

    Raises
    ------
    SceneError
        The scene has other bands than the model, or no pixel with data.
    OutputError
        The map cannot be written; another process is writing it; or there is an unfinished one, see ``resume``.
    ConfigError
        Options that contradict each other.
    """
    begun = time.perf_counter()
    _check_options(resume=resume, restart=restart, identity=identity)
    scene = scene_for(predictor, scene)
    outputs, seconds = MapOutputs(out, confidence, probabilities, polygons, sieve), Seconds()
    wanted = Wanted(confidence=outputs.needs_confidence, probabilities=outputs.needs_probabilities)
    with ExitStack() as stack:
        stack.enter_context(_modest_gdal())
        for path in outputs.files:
            stack.enter_context(parent_folder(path))
        stack.enter_context(locked_folder(out))
        sweep(out, outputs.files)
        noted = None if restart else read_unfinished(out)
        shape = _shape_of_tiles(predictor, scene, tile_size, noted if resume else None)
        facts = job_facts(predictor, scene, shape, wanted, identity)
        if noted is not None:
            require_same(out, facts, noted, resume=resume)
        height, width = scene.shape[1:]
        work = stack.enter_context(open_work(out, facts, wanted.arrays(predictor, height, width), noted))
        tiles = list(iterate_tiles(height, width, shape))
        work.forget_damaged(tiles)
        resumed = len(work.done)
        with work.telling_what_is_kept(len(tiles)):
            left = [tile for tile in tiles if tile.index not in work.done]
            with closing(schedule(predictor, scene, left, wanted)) as results, Writer(work, out, seconds) as writer:
                for done, result in enumerate(results, resumed + 1):
                    writer.put(result)
                    if on_tile is not None:
                        on_tile(done, len(tiles))
            comparison = None if exact is None else compare_predictors(predictor, exact, scene, tiles)
            with seconds.counting_as_writing():
                pixels = _write_files(work, predictor, scene, outputs, job_digest(facts) if work.resumable else None)
    seconds.total = time.perf_counter() - begun
    return MapSummary(pixels, len(tiles), resumed, seconds, comparison)


def _write_files(
    work: Work, predictor: Predictor, scene: xr.DataArray, outputs: MapOutputs, job: str | None
) -> dict[int, int]:
    """Write the final files from the arrays; returns the pixels of each number."""
    arrays = (work.arrays[CLASSES], work.arrays.get(CONFIDENCE), work.arrays.get(PROBABILITIES))
    try:
        return write_outputs(outputs, grid_of(scene), predictor.classes, *arrays, job=job)
    except SceneError:  # there is nothing but no data, and nobody is to go on with that
        work.forget()
        raise


def _check_options(*, resume: bool, restart: bool, identity: Mapping[str, str] | None) -> None:
    if resume and restart:
        raise ConfigError("resume and restart contradict each other; give one of them")
    if resume and identity is None:
        raise ConfigError(
            "resume needs to know the predictor again; give its identity, such as a digest of its weights"
        )


def _shape_of_tiles(
    predictor: Predictor, scene: xr.DataArray, tile_size: int | None, noted: Noted | None = None
) -> tuple[int, int]:
    if tile_size is not None:
        return tile_shape(scene, tile_size)
    if noted is not None:
        rows, columns = noted.job[TILE]
        return int(rows), int(columns)
    return tile_shape(scene, default_size(len(predictor.bands)))


@contextmanager
def _modest_gdal() -> Iterator[None]:
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE):
        yield
