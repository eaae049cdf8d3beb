"""Quality layers of products as DLR delivers them: rasters on the grid of the spectral image."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.products.dlr import Product
from spectralmamba.scenes.quality import exclude
from spectralmamba.scenes.raster import is_tiff, open_tiff, require_complete

logger = logging.getLogger(__name__)

_BACKGROUND = 255
"""Value of pixels outside the strip; they have no data anyway."""


def exclude_flagged(
    scene: xr.DataArray, product: Product, layers: Mapping[str, tuple[str, Sequence[int]]]
) -> xr.DataArray:
    """Leave out the pixels that a product's layers flag: those with any value but 0.

    Parameters
    ----------
    scene : xarray.DataArray
    product : Product
    layers : mapping of str to (str, sequence of int)
        Reason -> the layer's part of the file name, and its bands from 1. A layer that is not there is passed over.

    Raises
    ------
    SceneError
        A layer is damaged, or does not go with the image.
    """
    reasons = {}
    for reason, (part, bands) in layers.items():
        flagged = _flagged(scene, product, part, bands)
        if flagged is not None:
            reasons[reason] = flagged
    if not reasons:
        logger.warning("%s: no quality layer lies beside the image, so no pixel is left out as cloud", scene.name)
    return exclude(scene, reasons)


def _flagged(scene: xr.DataArray, product: Product, part: str, bands: Sequence[int]) -> NDArray[np.bool_] | None:
    path = next((path for path in product.find(part) if is_tiff(path)), None)
    if path is None:
        return None
    with open_tiff(path) as dataset:
        require_complete(dataset, path)
        if dataset.shape != scene.shape[1:] or dataset.count < max(bands):
            raise SceneError(
                f"{path} has {dataset.height} × {dataset.width} pixels and {dataset.count} bands, which does not go "
                f"with the image of {scene.sizes['y']} × {scene.sizes['x']} pixels; fetch it again or take it away"
            )
        values = dataset.read(list(bands))
    return np.asarray(((values != 0) & (values != _BACKGROUND)).any(axis=0))
