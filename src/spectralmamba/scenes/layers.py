"""Rasters beside a scene, read whole: masks and quality layers, as GeoTIFF, ENVI image, or whatever GDAL reads."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.scenes.envi.array import require_complete as require_complete_envi
from spectralmamba.scenes.envi.files import header_beside, pair_of
from spectralmamba.scenes.envi.grid import georeferencing
from spectralmamba.scenes.envi.layout import layout_of
from spectralmamba.scenes.grid import Grid
from spectralmamba.scenes.raster import is_tiff, open_raster, open_tiff, require_complete, transform_of


def is_tiff_or_envi(path: Path) -> bool:
    """Whether ``path`` is a TIFF, an ENVI image or the header of one."""
    return is_tiff(path) or header_beside(path) is not None


def read_layers(path: Path) -> tuple[NDArray[Any], Grid]:
    """Read a raster of any format with its grid.

    Returns
    -------
    values : ndarray, shape (n, height, width)
        As they are stored.
    grid : Grid

    Raises
    ------
    SceneError
        The file is damaged, or no raster.
    """
    if is_tiff(path):
        with open_tiff(path) as dataset:
            require_complete(dataset, path)
            return dataset.read(), _grid(dataset)
    if header_beside(path) is not None:
        return _envi(path)
    with open_raster(path) as dataset:
        return dataset.read(), _grid(dataset)


def _grid(dataset: Any) -> Grid:  # noqa: ANN401 - rasterio is untyped
    return Grid(dataset.crs, transform_of(dataset), dataset.height, dataset.width)


def _envi(path: Path) -> tuple[NDArray[Any], Grid]:
    header, image = pair_of(path)
    layout = layout_of(header)
    require_complete_envi(image, layout)
    return np.array(layout.view(image)), Grid(*georeferencing(header), *layout.shape[1:])
