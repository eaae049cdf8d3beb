"""AVIRIS-NG, AVIRIS-3, AVIRIS-5 and PRISM: airborne flight lines as ENVI images whose names end in no extension.

Specifications: AVIRIS-NG Data Product Readme,
https://avirisng.jpl.nasa.gov/dataportal/ANG_L1B_L2_Data_Product_Readme_v02.txt; AVIRIS-3 Distribution Document
(``AV3_Data_Products.txt`` in each delivery of https://popo.jpl.nasa.gov/av3).

A delivery is a folder of many images of one flight line: ``ang20170323t202244_rdn_v2p9_img`` (radiance),
``…_rfl_v2p9_img`` or ``…_corr_…`` (reflectance), ``AV3…_L1B_RDN_…_RDN_ORT``, ``AV3…_L2A_OE_…_RFL_ORT``, and beside them
geometry (``loc``, ``igm``, ``glt``, ``obs``), water vapour, uncertainties and masks.

- Of a folder, the reflectance is opened, else the radiance; the orthorectified one (``_img``, ``_ORT``; its header has
  ``map info``), else the one in the geometry of the sensor, which has no coordinates.
- Orthorectified lines are turned against north to save room: ``rotation=`` in ``map info`` becomes a rotated transform.
- −9999 stands for missing also where the header does not say so.
"""

import re
from pathlib import Path

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi import reader as envi
from spectralmamba.scenes.envi.files import header_beside, pair_of
from spectralmamba.scenes.envi.header import is_header, read_header

FORMAT = "AVIRIS flight line (ENVI)"

_LINE = re.compile(r"^(?P<line>(?:ang|prm|av3|av5)\d{8}t\d{6})", re.IGNORECASE)
_QUANTITIES = {"rfl": "reflectance", "corr": "reflectance", "rdn": "radiance"}
_NOT_SPECTRA = ("loc", "igm", "glt", "obs", "h2o", "lbl", "mask", "bandmask", "unc", "uncert", "state", "atm")
_MISSING = -9999.0


def recognises(path: Path) -> bool:
    """Whether ``path`` is an image of a flight line, its header, or a folder that has one with spectra."""
    if path.is_dir():
        return any(_quantity(header) is not None for header in _headers(path))
    return _LINE.match(path.name) is not None and header_beside(path) is not None


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open a flight line as a scene without reading its pixels.

    Parameters
    ----------
    path : pathlib.Path
        An image, its header, or the folder of one flight line.
    variable : str, optional
        Must be None.

    Returns
    -------
    xarray.DataArray
        ``attrs["quantity"]`` is ``reflectance`` or ``radiance`` (µW/cm²/sr/nm), where the name says it.

    Raises
    ------
    SceneError
        The image is none of spectra, the folder has several flight lines, or as for any ENVI image.
    """
    if variable is not None:
        raise SceneError(f"{path} is a flight line, which holds one array; leave out variable={variable!r}")
    if path.is_dir():
        path = _best(path)
    other = next((word for word in _words(path) if word in _NOT_SPECTRA), None)
    if other is not None:
        raise SceneError(
            f"{path} is the {other} file of a flight line, which holds no spectra; pass its radiance (rdn) or "
            "reflectance (rfl)"
        )
    header, image = pair_of(path)
    quantity = _quantity(path)
    attrs = {} if quantity is None else {"quantity": quantity}
    return envi.open_image(header, image, ignored=_MISSING, attrs=attrs)


def _headers(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if _LINE.match(path.name) is not None and is_header(path)]


def _words(path: Path) -> list[str]:
    """Parts of a name between underscores, points and hyphens, in small letters."""
    return re.split(r"[_.-]", path.name.lower())


def _quantity(path: Path) -> str | None:
    """What an image is of, by its name; None for anything but spectra."""
    words = _words(path)
    if any(word in _NOT_SPECTRA for word in words):
        return None
    return next((_QUANTITIES[word] for word in words if word in _QUANTITIES), None)


def _best(folder: Path) -> Path:
    """Return the header of the image that is wanted: reflectance before radiance, with a place before without."""
    headers = [header for header in _headers(folder) if _quantity(header) is not None]
    lines = sorted({match["line"] for header in headers if (match := _LINE.match(header.name)) is not None})
    if len(lines) > 1:
        raise SceneError(
            f"the folder {folder} holds {len(lines)} flight lines ({lines[0]}, {lines[1]}{' …' * (len(lines) > 2)}); "
            "pass the image of one"
        )
    return max(headers, key=_rank)  # the first by name among equals


def _rank(header: Path) -> tuple[bool, bool]:
    return _quantity(header) == "reflectance", "map info" in read_header(header).fields
