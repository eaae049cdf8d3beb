"""The spectral image of a product as DLR delivers it: a GeoTIFF, its cloud optimised copy, or an ENVI image."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.envi.array import EnviArray, require_complete
from spectralmamba.scenes.envi.files import header_beside
from spectralmamba.scenes.envi.grid import georeferencing
from spectralmamba.scenes.envi.header import read_header
from spectralmamba.scenes.envi.layout import layout_of
from spectralmamba.scenes.geotiff import GeoTiffArray
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.products.dlr import Bands, Product
from spectralmamba.scenes.raster import is_tiff, open_tiff, transform_of
from spectralmamba.scenes.raster import require_complete as require_complete_tiff

_IMAGE = "SPECTRAL_IMAGE"


def open_product(
    product: Product, bands: Bands, nodata: float, *, good: NDArray[np.bool_] | None = None, coords: dict[Any, Any]
) -> xr.DataArray:
    """Make a scene of the spectral image and its bands.

    Raises
    ------
    SceneError
        The image is missing, damaged, or has another number of bands than the metadata list.
    """
    path = _image(product)
    array, crs, transform = _cube(path, bands, nodata)
    return make_scene(
        array.lazy(),
        name=product.stem,
        source=str(path),
        wavelength=bands.wavelength,
        fwhm=bands.fwhm,
        good=good,
        coords=coords,
        crs=crs,
        transform=transform,
        nodata=nodata,
    )


def _image(product: Product) -> Path:
    for path in product.find(_IMAGE):
        if is_tiff(path) or header_beside(path) not in (None, path):
            return path
    raise SceneError(
        f"the product {product.folder / product.stem} has no spectral image; put {product.stem}-{_IMAGE} into its "
        "folder, as GeoTIFF or as ENVI image with its header"
    )


def _cube(path: Path, bands: Bands, nodata: float) -> tuple[WindowedArray, CRS | None, Affine | None]:
    if is_tiff(path):
        with open_tiff(path) as dataset:
            require_complete_tiff(dataset, path)
            shape, crs, transform = (dataset.count, *dataset.shape), dataset.crs, transform_of(dataset)
        _require_bands(path, shape[0], bands)
        return GeoTiffArray(path, shape, nodata, bands.gains, bands.offsets), crs, transform
    beside = header_beside(path)
    assert beside is not None  # noqa: S101 - _image looked for it
    header = read_header(beside)
    layout = layout_of(header)
    require_complete(path, layout)
    _require_bands(path, layout.shape[0], bands)
    return EnviArray(path, layout, nodata, bands.gains, bands.offsets), *georeferencing(header)


def _require_bands(path: Path, count: int, bands: Bands) -> None:
    if count != bands.numbers.size:
        raise SceneError(
            f"{path} has {count} bands but its metadata list {bands.numbers.size}; fetch both files of one product"
        )
