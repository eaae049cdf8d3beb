"""Quality layers of products as DLR delivers them: rasters on the grid of the spectral image."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.layers import is_tiff_or_envi, read_layers
from spectralmamba.scenes.products.dlr import Product
from spectralmamba.scenes.quality import exclude

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
        Reason -> the layer's part of the file name, and its bands from 1. A layer that is not there is passed over,
        with a warning.

    Raises
    ------
    SceneError
        A layer is damaged, or does not go with the image.
    """
    found = {reason: _flagged(scene, product, part, bands) for reason, (part, bands) in layers.items()}
    missing = [reason for reason, flagged in found.items() if flagged is None]
    if missing:
        logger.warning(
            "%s: no quality layer for %s lies beside the image, so no pixel is left out for it",
            *(scene.name, ", ".join(missing)),
        )
    return exclude(scene, {reason: flagged for reason, flagged in found.items() if flagged is not None})


def _flagged(scene: xr.DataArray, product: Product, part: str, bands: Sequence[int]) -> NDArray[np.bool_] | None:
    path = next((path for path in product.find(part) if is_tiff_or_envi(path)), None)
    if path is None:
        return None
    values, grid = read_layers(path)
    if grid.shape != scene.shape[1:] or len(values) < max(bands):
        raise SceneError(
            f"{path} has {grid.height} × {grid.width} pixels and {len(values)} bands, which does not go "
            f"with the image of {scene.sizes['y']} × {scene.sizes['x']} pixels; fetch it again or take it away"
        )
    flags = values[np.array(bands) - 1]
    return np.asarray(((flags != 0) & (flags != _BACKGROUND)).any(axis=0))
