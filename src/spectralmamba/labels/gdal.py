"""Label rasters in further formats that GDAL reads: ERDAS IMAGINE (``.img``) and PNG, told by how they begin.

A PNG lies where a world file (``.pgw``) and GDAL's ``.aux.xml`` beside it say; without these it has to be of the
scene's size. Names of classes are in an attribute table or listed as category names, which rasterio does not give: they
are read from GDAL's description of the file as a virtual raster,
https://gdal.org/en/stable/drivers/raster/vrt.html.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import rasterio.shutil

from spectralmamba.errors import LabelError
from spectralmamba.labels.geotiff import colours_of
from spectralmamba.labels.raster import LabelRaster, as_label_error, class_numbers, without_repetition
from spectralmamba.labels.sidecar import Sidecar, read_description
from spectralmamba.scenes.grid import Grid
from spectralmamba.scenes.raster import PNG_SIGNATURE, open_raster, transform_of

_PNG = "a PNG"
_STARTS = {b"EHFA_HEADER_TAG": "an ERDAS IMAGINE raster", PNG_SIGNATURE: _PNG}


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like one of these formats."""
    return _kind(path) is not None


def is_picture(path: Path) -> bool:
    """Whether ``path`` begins like a format that pictures have, so that labels in it have to be named."""
    return _kind(path) == _PNG


def read(path: Path, variable: str | None = None) -> LabelRaster:
    """Read a label raster with its georeferencing, class names and colours.

    Parameters
    ----------
    path : pathlib.Path
        One band of whole numbers; a PNG's are the indices into its palette, or its greys.
    variable : str, optional
        Must be None: the file holds one array.

    Raises
    ------
    LabelError
        The file is damaged, has several bands, or values that are no class numbers.
    """
    if variable is not None:
        raise LabelError(f"{path} is {_kind(path)}, which holds one array; leave out variable={variable!r}")
    with as_label_error(), open_raster(path) as dataset:
        if dataset.count != 1:
            raise LabelError(f"{path} is not a label raster: it has {dataset.count} bands; pass one with class numbers")
        known = _described(dataset, path)
        return LabelRaster(
            path=path,
            values=class_numbers(dataset.read(1), path, dataset.nodata),
            grid=Grid(dataset.crs, transform_of(dataset), dataset.height, dataset.width),
            names=without_repetition(known.names),
            colours=known.colours | colours_of(dataset),
        )


def _kind(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        start = file.read(16)
    return next((kind for begin, kind in _STARTS.items() if start.startswith(begin)), None)


def _described(dataset: Any, path: Path) -> Sidecar:  # noqa: ANN401 - rasterio is untyped
    """Names and colours by GDAL's description of the file."""
    with TemporaryDirectory() as folder:
        description = Path(folder) / "labels.vrt"
        rasterio.shutil.copy(dataset, description, driver="VRT")
        return read_description(description, "VRTRasterBand", path)
