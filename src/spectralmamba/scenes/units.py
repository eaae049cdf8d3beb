"""Units of wavelengths, as files write them, in nanometres."""

import numpy as np

from spectralmamba.errors import SceneError

_NM_PER_UNIT = dict.fromkeys(("nm", "nanometer", "nanometre", "nanometers", "nanometres"), 1.0) | dict.fromkeys(
    # MICRO SIGN and GREEK SMALL LETTER MU look the same and are both in use.
    ("\u00b5m", "\u03bcm", "um", "micrometer", "micrometre", "micrometers", "micrometres", "micron", "microns"),
    1000.0,
)
_UNSTATED = ("", "unknown")  # "Unknown" is what ENVI writes where the unit was not set

_SHORTEST_NM = 100.0
"""No imaging spectrometer looks below this: wavelengths given without a unit that all lie below it are in µm."""


def nm_per_unit(unit: str | None, wavelengths: np.ndarray, where: str, remedy: str) -> float:
    """Nanometres in one unit.

    Parameters
    ----------
    unit : str, optional
        As the file writes it, in any case. Without one, values below 100 are taken for micrometres.
    wavelengths : ndarray of float
        All of the file's wavelengths, NaN where unknown.
    where, remedy : str
        Which file, and how to state the unit in it, for the message.

    Raises
    ------
    SceneError
        The unit is none of length that is known here.
    """
    name = (unit or "").strip().lower()
    known = wavelengths[~np.isnan(wavelengths)]
    if name in _NM_PER_UNIT:
        return _NM_PER_UNIT[name]
    if name not in _UNSTATED and known.size:
        raise SceneError(f"{where} gives wavelengths in {name!r}, which is not a known unit; {remedy}")
    return 1000.0 if known.size and known.max() < _SHORTEST_NM else 1.0
