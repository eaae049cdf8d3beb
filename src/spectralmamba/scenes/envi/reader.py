"""Any ENVI image: opened from the image or from its header."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.envi.array import EnviArray, require_complete
from spectralmamba.scenes.envi.files import header_beside, pair_of
from spectralmamba.scenes.envi.grid import georeferencing
from spectralmamba.scenes.envi.header import Header
from spectralmamba.scenes.envi.layout import layout_of
from spectralmamba.scenes.envi.spectral import good_bands, ignored_value, scaling_of, wavelengths_of
from spectralmamba.scenes.raster import is_tiff

logger = logging.getLogger(__name__)

FORMAT = "ENVI"

_OTHER_KINDS = {
    "envi classification": "it is a classification, which goes to open_labels",
    "envi spectral library": "it is a spectral library, not an image; pass it to open_spectra",
}


def recognises(path: Path) -> bool:
    """Whether ``path`` is an ENVI header, or has one beside it."""
    return header_beside(path) is not None


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open an ENVI image as a scene without reading its pixels.

    Parameters
    ----------
    path : pathlib.Path
        The image or its header.
    variable : str, optional
        Must be None: an ENVI image holds one array.

    Returns
    -------
    xarray.DataArray
        A scene, see :func:`spectralmamba.scenes.contract.make_scene`.

    Raises
    ------
    SceneError
        Header or image is missing, damaged or at odds with the other, or the image is no hyperspectral scene.
    """
    if variable is not None:
        raise SceneError(f"{path} is an ENVI image, which holds one array; leave out variable={variable!r}")
    header, image = pair_of(path)
    return open_image(header, image)


def open_image(
    header: Header, image: Path, *, ignored: float | None = None, attrs: Mapping[str, Any] | None = None
) -> xr.DataArray:
    """Open an image with a header that was read already.

    Parameters
    ----------
    header : Header
    image : pathlib.Path
        The file of numbers.
    ignored : float, optional
        What stands for missing where the header does not say it.
    attrs : mapping, optional
        What the product's reader has to add.

    Raises
    ------
    SceneError
        As :func:`read`.
    """
    _require_image(header, image)
    layout = layout_of(header)
    n_bands = layout.shape[0]
    if n_bands < 2:
        raise SceneError(
            f"{image} is not a hyperspectral scene: its header says 1 band; pass a file with one band per wavelength"
        )
    require_complete(image, layout)
    if image.stat().st_size > layout.n_bytes:
        logger.warning("%s is longer than its header says; the rest is passed over", image)
    nodata = ignored_value(header)
    nodata = ignored if nodata is None else nodata
    wavelength, fwhm = wavelengths_of(header, n_bands)
    crs, transform = georeferencing(header)
    return make_scene(
        EnviArray(image, layout, nodata, *scaling_of(header, n_bands)).lazy(),
        name=image.stem,
        source=str(image),
        wavelength=wavelength,
        fwhm=fwhm,
        good=good_bands(header, n_bands),
        attrs=dict(attrs or {}),
        crs=crs,
        transform=transform,
        nodata=nodata,
    )


def _require_image(header: Header, image: Path) -> None:
    kind = (header.text("file type") or "").lower()
    if kind in _OTHER_KINDS:
        raise SceneError(f"{image} is not a scene: {_OTHER_KINDS[kind]}")
    if is_tiff(image):
        raise SceneError(f"{header.path} describes {image.name}, which is a TIFF; pass that file itself")
