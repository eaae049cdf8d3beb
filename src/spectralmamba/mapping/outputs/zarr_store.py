"""A map as arrays that others compute on: a folder of Zarr's format 3 that xarray opens."""

import warnings
from pathlib import Path

import dask.array as da
import numpy as np
import xarray as xr

from spectralmamba.errors import OutputError
from spectralmamba.files import replacing_folder
from spectralmamba.labels import ClassTable
from spectralmamba.mapping.outputs.made_by import ATTRIBUTE
from spectralmamba.mapping.outputs.rows import Raster, block_rows, row_blocks
from spectralmamba.scenes.contract import pixel_centres, with_grid
from spectralmamba.scenes.grid import Grid

_CHUNK_COLUMNS = 256
_NAMES = {2: ("y", "x"), 3: ("class_number", "y", "x")}


def write_zarr(
    classes: Raster,
    confidence: Raster,
    probabilities: Raster,
    grid: Grid,
    table: ClassTable,
    path: Path,
    job: str | None = None,
) -> None:
    """Write classes, confidence and probabilities with coordinates, CRS and class table.

    ``xarray.open_zarr(path)`` gives a Dataset: ``classes`` (y, x) with ``class_numbers``,
    ``class_names`` and ``class_colours`` in its attributes, ``confidence`` (y, x) and ``probabilities``
    (class_number, y, x); ``x`` and ``y`` are pixel centres, and CRS and transform lie in ``spatial_ref``, where
    rioxarray looks for them.

    Parameters
    ----------
    classes : array of uint8 or uint16, shape (height, width)
        In memory or in a file, as are the others; 0 = no data.
    confidence : array of float32, shape (height, width)
        NaN = no data.
    probabilities : array of float32, shape (K, height, width)
        In the order of the class table; NaN = no data.
    grid : Grid
    table : ClassTable
    path : Path
        A folder, which appears there when it is whole.
    job : str, optional
        What :func:`.made_by.job_of` is to give again.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    import zarr  # noqa: PLC0415 - of the extra "distributed"

    rasters = {"classes": classes, "confidence": confidence, "probabilities": probabilities}
    with replacing_folder(path) as partial:
        try:
            layout = _layout(rasters, grid, table).assign_attrs({} if job is None else {ATTRIBUTE: job})
            layout.to_zarr(partial, mode="w", compute=False, zarr_format=3, consolidated=False)
            _consolidate(partial)
            for name, raster in rasters.items():
                array = zarr.open_array(partial / name, mode="r+")
                for top, rows in row_blocks(raster):
                    array[..., top : top + rows.shape[-2], :] = rows
        except ExceptionGroup as error:  # of the threads that write chunks
            raise OutputError(f"cannot write {path} ({error.exceptions[0]}); free some space") from error


def _consolidate(folder: Path) -> None:
    """Gather the descriptions of all arrays at the top: xarray looks for them there, and warns where they are not."""
    import zarr  # noqa: PLC0415 - see write_zarr

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
        zarr.consolidate_metadata(folder)


def _layout(rasters: dict[str, Raster], grid: Grid, table: ClassTable) -> xr.Dataset:
    """Make the dataset without its values."""
    arrays = {name: with_grid(_empty(raster), grid.crs, grid.transform) for name, raster in rasters.items()}
    for array in arrays.values():
        if "spatial_ref" in array.coords:  # without this it is found with ``decode_coords="all"`` only
            array.encoding["coordinates"] = "spatial_ref"
    arrays["classes"].attrs |= {
        "long_name": "class",
        "nodata": 0,
        "class_numbers": list(table.numbers),
        "class_names": list(table.names),
        "class_colours": list(table.colours),
    }
    centres = {name: at for name, at in pixel_centres(grid.transform, grid.shape).items() if name in ("x", "y")}
    return xr.Dataset(arrays).assign_coords({"class_number": list(table.numbers)} | centres)


def _empty(raster: Raster) -> xr.DataArray:
    chunks = (1,) * (len(raster.shape) - 2) + (block_rows(raster), _CHUNK_COLUMNS)
    values = xr.DataArray(da.zeros(raster.shape, dtype=raster.dtype, chunks=chunks), dims=_NAMES[len(raster.shape)])
    values.encoding["chunks"] = tuple(map(min, chunks, raster.shape))
    if raster.dtype.kind == "f":
        values.encoding["_FillValue"] = np.float32(np.nan)
    return values
