"""DESIS L2A: orthorectified surface reflectance, up to 235 bands from 401 to 1000 nm at 30 m.

Specification: DESIS Product Specification, PAV-DLR-ICD-003,
https://www.dlr.de/en/eoc/research-transfer/projects-missions/desis/products (L2A). Facts on real products also from the
readers of ACOLITE (https://github.com/acolite/acolite) and HyTools (https://github.com/EnSpec/hytools).

- *Bands*: ``specific/bandCharacterisation/band`` gives for each ``bandNumber`` the wavelength and width in nm, and
  reflectance = ``gainOfBand`` · stored + ``offsetOfBand``. ``backgroundValue``, usually −32768, is missing. (There are
  further elements ``band``, of the interior orientation; they are another thing.)
- *Quality*: ``QL_QUALITY-2`` has a band each for shadow, land, snow, haze over land, haze over water, cloud over land,
  cloud over water and water, then the aerosol optical thickness and the water vapour. Shadow, snow, haze and cloud are
  left out. ``QL_QUALITY`` flags single values by band and is not read.
"""

from pathlib import Path

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.products.dlr import (
    only_product,
    open_product,
    products_at,
    read_bands,
    read_metadata,
    understood,
)
from spectralmamba.scenes.products.dlr_quality import exclude_flagged

FORMAT = "DESIS L2A"

_LAYER = "QL_QUALITY-2"
LAYERS = {
    "cloud": (_LAYER, (6, 7)),
    "shadow": (_LAYER, (1,)),
    "haze": (_LAYER, (4, 5)),
    "snow": (_LAYER, (3,)),
}
"""Why pixels are left out -> the file of the layers and their bands."""

_NAMES = {
    "wavelength": "wavelengthCenterOfBand",
    "fwhm": "wavelengthWidthOfBand",
    "gains": "gainOfBand",
    "offsets": "offsetOfBand",
}
_MISSION = b"DESIS"
_PREFIX = "DESIS-HSI"
_LEVEL = "-L2A-"
_BACKGROUND = -32768.0


def recognises(path: Path) -> bool:
    """Whether ``path`` is the folder of a DESIS product, or one of its files."""
    return bool(products_at(path, _MISSION, _PREFIX))


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open a DESIS L2A product as a scene without reading its pixels; the quality layer is read.

    Parameters
    ----------
    path : pathlib.Path
        The product's folder or any of its files.
    variable : str, optional
        Must be None.

    Returns
    -------
    xarray.DataArray
        Reflectance, usually 0 to 1.

    Raises
    ------
    SceneError
        The metadata or the image are missing or damaged, or the product is of another level.
    """
    if variable is not None:
        raise SceneError(f"{path} is a DESIS product, which holds one image; leave out variable={variable!r}")
    product = only_product(path, products_at(path, _MISSION, _PREFIX))
    if product.stem.upper().startswith(_PREFIX) and _LEVEL not in product.stem.upper():
        raise SceneError(
            f"{product.folder / product.stem} is a DESIS product of another level, which is not orthorectified "
            "reflectance; pass its L2A product"
        )
    metadata, root = read_metadata(product, "DESIS")
    bands = read_bands(root, metadata, "band", "bandNumber", _NAMES)
    with understood(metadata):
        nodata = float(root.findtext(".//{*}backgroundValue") or _BACKGROUND)
    return exclude_flagged(open_product(product, bands, nodata, coords={}), product, LAYERS)
