"""What an ENVI header says of the bands and of the values.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html (``wavelength``, ``fwhm``, ``bbl``,
``data gain values``, ``data reflectance gain values``, ``reflectance scale factor``, ``data ignore value``).
"""

import logging

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.header import Header
from spectralmamba.scenes.units import nm_per_unit

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]

_UNITS_REMEDY = "set 'wavelength units' to Nanometers or Micrometers"
_NUMBERED = "index"  # ENVI's unit for band numbers in the place of wavelengths


def wavelengths_of(header: Header, n_bands: int) -> tuple[Floats, Floats]:
    """Band centres and full widths at half maximum in nm, each of shape (n_bands,), NaN where not given.

    Raises
    ------
    SceneError
        One is no number, there are more or fewer than bands, or the unit is not known.
    """
    unit = header.text("wavelength units")
    unknown = np.full(n_bands, np.nan)
    if (unit or "").strip().lower() == _NUMBERED:
        return unknown, unknown
    found = header.numbers("wavelength", n_bands), header.numbers("fwhm", n_bands)
    wavelength, fwhm = (unknown if values is None else values for values in found)
    factor = nm_per_unit(unit, wavelength, str(header.path), _UNITS_REMEDY)
    return wavelength * factor, fwhm * factor


def good_bands(header: Header, n_bands: int) -> NDArray[np.bool_]:
    """Tell the bands that the list of bad band multipliers does not mark with 0, shape (n_bands,)."""
    multipliers = header.numbers("bbl", n_bands)
    return np.ones(n_bands, bool) if multipliers is None else multipliers != 0


def scaling_of(header: Header, n_bands: int) -> tuple[Floats, Floats]:
    """Gain and offset of each band, each of shape (n_bands,): value = gain · stored + offset.

    ``reflectance scale factor`` divides the stored numbers, by definition, so it says all there is to say; next come
    the gains and offsets for reflectance, then those for calibrated data. ``scale factor``, which ENVI does not define,
    means the same. Either multiplies where it is below 1, for some programs write the factor the other way round.

    Raises
    ------
    SceneError
        A factor is no number or not positive, or there are more or fewer gains than bands.
    """
    factor = _factor(header)
    if factor is not None:
        _mention_gains(header, n_bands, factor)
        return np.full(n_bands, factor), np.zeros(n_bands)
    for kind in ("data reflectance", "data"):
        gains, offsets = (header.numbers(f"{kind} {name} values", n_bands) for name in ("gain", "offset"))
        if gains is not None or offsets is not None:
            ones, zeros = np.ones(n_bands), np.zeros(n_bands)
            return ones if gains is None else gains, zeros if offsets is None else offsets
    return np.ones(n_bands), np.zeros(n_bands)


def ignored_value(header: Header) -> float | None:
    """Return the stored number that stands for missing; None where the header names none.

    Raises
    ------
    SceneError
        It is no number, or bands have different ones.
    """
    values = header.numbers("data ignore value")
    if values is None or values.size == 0:
        return None
    if not (values == values[0]).all() and not np.isnan(values).all():
        raise SceneError(f"{header.path} gives bands different data ignore values; write the image with one for all")
    return float(values[0])


def _factor(header: Header) -> float | None:
    """Return the factor that stored numbers are multiplied by."""
    for field in ("reflectance scale factor", "scale factor"):
        values = header.numbers(field)
        if values is None:
            continue
        if values.size != 1 or not (np.isfinite(values[0]) and values[0] > 0):
            raise SceneError(f"{header.path} gives a {field} that is no positive number; correct or remove it")
        return float(values[0]) if values[0] < 1 else 1.0 / float(values[0])
    return None


def _mention_gains(header: Header, n_bands: int, factor: float) -> None:
    gains = header.numbers("data gain values", n_bands)
    if gains is not None and not np.allclose(gains, 1.0) and not np.allclose(gains, factor):
        logger.warning("%s: its scale factor is applied, its data gain values are not", header.path)
