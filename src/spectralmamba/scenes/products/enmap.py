"""EnMAP L2A: orthorectified surface reflectance, 224 bands from 418 to 2445 nm at 30 m.

Specification: EnMAP HSI Level 1 / Level 2 Product Specification, EN-PCV-ICD-2009-2,
https://www.enmap.org/data/doc/EN-PCV-ICD-2009-2_HSI_Product_Specification_Level1_Level2.pdf. Facts on real products
also from the readers of ESA SNAP and the EnMAP-Box (https://github.com/EnMAP-Box/enmap-box).

- *Bands*: ``specific/bandCharacterisation/bandID`` gives for each, by its number in the image, the wavelength and width
  in nm, and reflectance = ``GainOfBand`` · stored + ``OffsetOfBand``. ``specific/backgroundValue`` is missing.
- *Two detectors*, VNIR and SWIR, lie in one image; which band is whose, say ``vnirProductQuality`` and
  ``swirProductQuality`` (``expectedChannelsList``). From 902 to 993 nm both look. Either's bands stay in the scene, but
  only one detector's are ``good``: the VNIR's up to the middle of the overlap and the SWIR's beyond it, since both grow
  noisy towards their ends. The coordinate ``detector`` tells them apart.
- *Bands without data* in the water vapour, have a standard deviation of 0 in ``product/bandStatistics``; not ``good``.
- *Quality layers*: cloud, cloud shadow, haze and snow are 1, cirrus is 1 (thin), 2 (medium) or 3 (thick). All are left
  out. ``QL_QUALITY_CLASSES`` tells land, water and background, which is missing anyway. ``QL_PIXELMASK`` marks detector
  elements out of order, whose values the ground segment has interpolated (Langheinrich et al. 2023,
  https://doi.org/10.1109/IGARSS52108.2023.10283021); they are used.
"""

import logging
from collections.abc import Hashable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.overlap import seen_once
from spectralmamba.scenes.products.dlr import Bands, Product, understood
from spectralmamba.scenes.products.dlr_mission import Mission

logger = logging.getLogger(__name__)

FORMAT = "EnMAP L2A"

LAYERS = {
    "cloud": ("QL_QUALITY_CLOUD", (1,)),
    "cloud shadow": ("QL_QUALITY_CLOUDSHADOW", (1,)),
    "cirrus": ("QL_QUALITY_CIRRUS", (1,)),
    "haze": ("QL_QUALITY_HAZE", (1,)),
    "snow": ("QL_QUALITY_SNOW", (1,)),
}
"""Why pixels are left out -> the file of the layer and its band."""


def _level(_: Product, root: ET.Element) -> str:
    return (root.findtext(".//{*}base/{*}level") or "").strip()


MISSION = Mission(
    name="EnMAP",
    word=b"<level_X",
    prefix="ENMAP",
    level_of=_level,
    element="bandID",
    number="number",
    bands={
        "wavelength": "wavelengthCenterOfBand",
        "fwhm": "FWHMOfBand",
        "gains": "GainOfBand",
        "offsets": "OffsetOfBand",
    },
    layers=LAYERS,
)

recognises = MISSION.recognises


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open an EnMAP L2A product as a scene without reading its pixels; the quality layers are read.

    Parameters
    ----------
    path : pathlib.Path
        The product's folder or any of its files.
    variable : str, optional
        Must be None.

    Returns
    -------
    xarray.DataArray
        Reflectance, usually 0 to 1; band coordinate ``detector`` (``VNIR``, ``SWIR``) beside the usual ones.

    Raises
    ------
    SceneError
        The metadata or the image are missing or damaged, or the product is of another level.
    """
    delivered = MISSION.delivery(path, variable)
    root, bands = delivered.root, delivered.bands
    with understood(delivered.metadata):
        detector = _detectors(root, delivered.metadata, bands)
        good = _with_data(root, bands)
    coords: dict[Hashable, Any] = {}
    if detector is not None:
        coords["detector"] = ("band", detector)
        good &= seen_once(bands.wavelength, detector == "VNIR", detector == "SWIR")
    return delivered.open(good=good, coords=coords)


def _detectors(root: ET.Element, path: Path, bands: Bands) -> NDArray[np.str_] | None:
    """Tell whose each band is, shape (n_bands,), empty for one that neither expects; None without the lists."""
    owner = np.full(bands.numbers.size, "", dtype="<U4")
    for name in ("VNIR", "SWIR"):
        text = root.findtext(f".//{{*}}{name.lower()}ProductQuality/{{*}}expectedChannelsList")
        if not text:
            logger.warning("%s does not say which bands are the %s detector's; all are used", path, name)
            return None
        owner[np.isin(bands.numbers, [int(number) for number in text.split(",") if number.strip()])] = name
    return owner


def _with_data(root: ET.Element, bands: Bands) -> NDArray[np.bool_]:
    """Tell the bands that are not one constant, by the statistics in the metadata; all where there are none."""
    constant = [
        int(band.get("number", "0"))
        for band in root.findall(".//{*}product/{*}bandStatistics/{*}bandID")
        if float(band.findtext("{*}stdDeviation") or "nan") == 0
    ]
    return ~np.isin(bands.numbers, constant)
