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

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import xarray as xr

from spectralmamba.scenes.products.dlr import Product
from spectralmamba.scenes.products.dlr_mission import Mission

FORMAT = "DESIS L2A"

_LAYER = "QL_QUALITY-2"
LAYERS = {
    "cloud": (_LAYER, (6, 7)),
    "shadow": (_LAYER, (1,)),
    "haze": (_LAYER, (4, 5)),
    "snow": (_LAYER, (3,)),
}
"""Why pixels are left out -> the file of the layers and their bands."""

_NAME = re.compile(r"^DESIS-HSI-(L\w+)-", re.IGNORECASE)


def _level(product: Product, _: ET.Element) -> str:
    """Tell the level by the name; a product under another name is taken for what is asked for."""
    found = _NAME.match(product.stem)
    return "L2A" if found is None else found[1].upper()


MISSION = Mission(
    name="DESIS",
    word=b"DESIS",
    prefix="DESIS-HSI",
    level_of=_level,
    element="band",
    number="bandNumber",
    bands={
        "wavelength": "wavelengthCenterOfBand",
        "fwhm": "wavelengthWidthOfBand",
        "gains": "gainOfBand",
        "offsets": "offsetOfBand",
    },
    layers=LAYERS,
)

recognises = MISSION.recognises


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
    return MISSION.delivery(path, variable).open()
