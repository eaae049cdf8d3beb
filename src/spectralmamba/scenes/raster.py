"""Opening a TIFF quietly and completely: what scenes, masks and label rasters share."""

import math
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from spectralmamba.errors import OutputError, SceneError
from spectralmamba.files import replacing
from spectralmamba.scenes.grid import Grid

_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First four bytes of a classic TIFF and of a BigTIFF, in either byte order."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_BLOCKS_CHECKED = 5000
"""How many block positions are compared with the file's size: a few milliseconds."""

# warnings.catch_warnings swaps global state, so two threads that open files must not do it at once.
_OPENING = threading.Lock()


def is_tiff(path: Path) -> bool:
    """Whether ``path`` is a file that begins like a TIFF."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


@contextmanager
def open_tiff(path: Path) -> Iterator[Any]:
    """Open a TIFF with GDAL for the length of a ``with`` block, without a warning where it is not georeferenced.

    Raises
    ------
    SceneError
        GDAL cannot open the file, or cannot read from it inside the block.
    """
    with _open(path, "a GeoTIFF", driver="GTiff") as dataset:
        yield dataset


@contextmanager
def open_raster(path: Path) -> Iterator[Any]:
    """Open a raster of any format that GDAL reads, as :func:`open_tiff` does.

    Raises
    ------
    SceneError
        GDAL cannot open the file, or cannot read from it inside the block.
    """
    with _open(path, "a raster") as dataset:
        if dataset.driver == "PNG":
            _require_whole_png(path)
        yield dataset


def _require_whole_png(path: Path) -> None:
    """Follow a PNG's chunks to the one that ends it: of a file that was cut off GDAL gives other values without a word.

    Length, type, data and checksum make a chunk: https://www.w3.org/TR/png-3/#5Chunk-layout.
    """
    size, position = path.stat().st_size, len(PNG_SIGNATURE)
    with path.open("rb") as file:
        while position + 12 <= size:
            file.seek(position)
            length, kind = struct.unpack(">I4s", file.read(8))
            position += 12 + length
            if kind == b"IEND":
                return
    raise SceneError(f"{path} is cut off: it ends at byte {size}, before its end mark; fetch or write it again")


def is_raster(path: Path) -> bool:
    """Whether GDAL opens ``path`` as a raster with bands."""
    try:
        with _open(path, "a raster") as dataset:
            return bool(dataset.count)
    except SceneError:
        return False


@contextmanager
def _open(path: Path, kind: str, **options: str) -> Iterator[Any]:
    if not path.exists():
        raise SceneError(f"{path} is no longer there; put it back, or open the scene from its new place")
    try:
        with _open_quietly(path, **options) as dataset:
            yield dataset
    except RasterioError as error:
        reason = " ".join(str(error.__cause__ or error).split())
        raise SceneError(
            f"{path} cannot be read as {kind} ({reason}); it is damaged or was cut off, so fetch or write it again"
        ) from error


def _open_quietly(path: Path, **options: str) -> Any:  # noqa: ANN401 - rasterio is untyped
    with _OPENING, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(path, **options)


@contextmanager
def create_tiff(path: Path, grid: Grid, count: int, dtype: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401
    """Create a GeoTIFF on a grid under a temporary name, renamed when the ``with`` block ends well.

    Parameters
    ----------
    path : Path
    grid : Grid
        Without CRS or transform the file has none either, and no warning is given.
    count : int
        Number of bands.
    dtype : numpy dtype
    **options
        Further ones of GDAL's GTiff driver; ``compress`` is ``deflate`` where not given.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    placed = {"crs": grid.crs, "transform": grid.transform}
    options = {"compress": "deflate"} | options | {key: value for key, value in placed.items() if value is not None}
    with replacing(path) as partial:
        try:
            with _OPENING, warnings.catch_warnings():
                warnings.simplefilter("ignore", NotGeoreferencedWarning)
                file = rasterio.open(
                    partial,
                    "w",
                    driver="GTiff",
                    height=grid.height,
                    width=grid.width,
                    count=count,
                    dtype=dtype,
                    **options,
                )
            with file:
                yield file
            _require_written(partial)
        except RasterioError as error:
            raise OutputError(f"cannot write {path} ({error}); free some space or name another") from error


def _require_written(path: Path) -> None:
    """Look at a file that was just closed: GDAL does not say when the disk was full at its last writes."""
    try:
        with open_tiff(path) as dataset:
            require_complete(dataset, path)
    except SceneError as error:
        raise OSError(ENOSPC, "the file came out incomplete, probably for want of space") from error


def transform_of(dataset: Any) -> Affine | None:  # noqa: ANN401 - rasterio is untyped
    """Return the transform from (column, row) to CRS coordinates; None where the file has none."""
    return None if dataset.transform.is_identity else dataset.transform


def require_complete(dataset: Any, path: Path) -> None:  # noqa: ANN401 - rasterio is untyped
    """Compare where the TIFF's blocks should end with where the file ends, without reading a pixel.

    Blocks that a sparse file leaves out have no position and are passed over. Of a file with very many blocks an
    even sample is checked, the last one included: writers append, so what a file lost is at the end of some band.

    Raises
    ------
    SceneError
        A block lies beyond the end of the file.
    """
    size = path.stat().st_size
    for band, row, col in _sampled_blocks(dataset):
        offset = dataset.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=band)
        length = dataset.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=band)
        if offset and length and int(offset) + int(length) > size:
            raise SceneError(
                f"{path} is truncated: its directory names data up to byte {int(offset) + int(length)} "
                f"but the file ends at {size}; fetch or write it again"
            )


def _sampled_blocks(dataset: Any) -> Iterator[tuple[int, int, int]]:  # noqa: ANN401 - rasterio is untyped
    """Yield (band from 1, block row, block column), all of them or an even sample that includes the last."""
    # Pixel-interleaved bands share their blocks.
    n_bands = 1 if dataset.profile.get("interleave") == "pixel" else dataset.count
    block_height, block_width = dataset.block_shapes[0]
    shape = (n_bands, math.ceil(dataset.height / block_height), math.ceil(dataset.width / block_width))
    total = math.prod(shape)
    sample = np.unique(np.linspace(0, total - 1, min(total, _BLOCKS_CHECKED)).astype(np.int64))
    for band, row, col in zip(*np.unravel_index(sample, shape), strict=True):
        yield int(band) + 1, int(row), int(col)
