"""Cloud Optimized GeoTIFFs: any part at any scale is read without the rest of the file.

GDAL's driver ``COG`` (https://gdal.org/en/stable/drivers/raster/cog.html) copies a file that is whole, because
overviews come first in the result. So the values go into a plain, uncompressed TIFF beside the file to be; for that
moment the disk holds them once more.
"""

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError  # what rasterio.shutil.copy lets through; it has no public name
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from spectralmamba.errors import OutputError, SceneError
from spectralmamba.files import replacing
from spectralmamba.mapping.outputs.quiet import libtiff_quiet
from spectralmamba.mapping.outputs.rows import Raster, row_blocks
from spectralmamba.scenes.grid import Grid
from spectralmamba.scenes.raster import create_tiff, open_tiff, require_complete

BLOCK = 256
"""Pixels a side of a block. A map of at most one block has no overviews."""

CACHE = 64 * 2**20
"""Bytes of blocks that GDAL may keep; its default is a twentieth of the machine's memory."""

Describe = Callable[[Any], None]
"""Writes colours, tags and names into a dataset of rasterio that is open for writing."""


def write_cog(
    values: Raster,
    grid: Grid,
    path: Path,
    *,
    nodata: float,
    overviews: str,
    describe: Describe,
    **options: Any,  # noqa: ANN401 - GDAL's
) -> None:
    """Write bands of one type as a Cloud Optimized GeoTIFF, the same bytes each time.

    Parameters
    ----------
    values : array, shape (height, width) or (n_bands, height, width)
        In memory or in a file; read by blocks of rows.
    grid : Grid
        Without CRS or transform the file has none either.
    path : Path
        It appears there when it is whole.
    nodata : float
        No overview pixel is made of it where a pixel with data lies below, nor data where none lies below.
    overviews : str
        ``mode`` or ``average``, how a pixel of an overview comes from those below.
    describe : callable
    **options
        Further ones of GDAL's GTiff driver for the first, plain file, such as ``photometric``.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    with (
        replacing(path) as partial,
        # A folder for all that GDAL leaves beside a file it makes, should it fail.
        tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder,
        rasterio.Env(GDAL_CACHEMAX=CACHE),
        libtiff_quiet(),
    ):
        plain, whole = Path(folder) / "plain.tif", Path(folder) / "whole.tif"
        try:
            _write_plain(values, grid, plain, describe, nodata=nodata, **options)
            _copy(plain, whole, values.dtype, overviews)
            with open_tiff(whole) as file:
                require_complete(file, whole)
        except (OutputError, SceneError, RasterioError, CPLE_BaseError) as error:
            reason = f"{error.__cause__ or error}".replace(folder, "").strip()
            raise OutputError(f"cannot write {path} ({reason}); free some space or name another") from error
        whole.replace(partial)


def _write_plain(values: Raster, grid: Grid, path: Path, describe: Describe, **options: Any) -> None:  # noqa: ANN401
    n_bands = values.shape[0] if len(values.shape) == 3 else 1
    layout = {"compress": "none", "interleave": "band", "BIGTIFF": "IF_SAFER"}
    with create_tiff(path, grid, n_bands, values.dtype, **layout, **options) as file:
        describe(file)
        for top, rows in row_blocks(values):
            planes = rows.reshape(n_bands, -1, grid.width)
            file.write(planes, window=Window(0, top, grid.width, planes.shape[1]))


def _copy(plain: Path, whole: Path, dtype: np.dtype[Any], overviews: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        rasterio.shutil.copy(
            plain,
            whole,
            driver="COG",
            compress="deflate",
            predictor="yes" if dtype.kind == "f" else "no",
            blocksize=BLOCK,
            overviews="ignore_existing",
            overview_resampling=overviews,
            bigtiff="if_safer",
            num_threads=1,
        )
