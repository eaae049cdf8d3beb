"""Units of wavelengths, as files write them, in nanometres."""

import logging

import numpy as np

from spectralmamba.errors import SceneError

logger = logging.getLogger(__name__)

_SPELLINGS = {
    1e-1: "angstrom ångström ångstrom å",
    1.0: "nm nanometer nanometre",
    # MICRO SIGN and GREEK SMALL LETTER MU look the same and are both in use.
    1e3: "\u00b5m \u03bcm um micrometer micrometre micron",
    1e6: "mm millimeter millimetre",
    1e7: "cm centimeter centimetre",
    1e9: "m meter metre",
}
_NM_PER_UNIT = {name + end: nm for nm, names in _SPELLINGS.items() for name in names.split() for end in ("", "s")}
_UNSTATED = ("", "unknown")  # "Unknown" is what ENVI writes where the unit was not set

_SHORTEST_NM, _LONGEST_NM = 100.0, 100_000.0
"""No imaging spectrometer looks beyond these: wavelengths given without a unit that all lie below the former are in
µm, and a unit that puts all of them beyond is probably another's."""


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
        It is no unit of length that is known here (a wavenumber or a frequency is none).
    """
    known = wavelengths[~np.isnan(wavelengths)]
    if not known.size:
        return 1.0
    stated = stated_nm_per_unit(unit, where, remedy)
    if stated is not None:
        _mention_the_impossible(known * stated, str(unit), where, remedy)
        return stated
    return 1000.0 if known.max() < _SHORTEST_NM else 1.0


def stated_nm_per_unit(unit: str | None, where: str, remedy: str) -> float | None:
    """Nanometres in the unit that a file states; None where it states none.

    Raises
    ------
    SceneError
        See :func:`nm_per_unit`.
    """
    name = (unit or "").strip().lower()
    if name in _UNSTATED:
        return None
    if name not in _NM_PER_UNIT:
        raise SceneError(
            f"{where} gives wavelengths in {name!r}, which is not a known unit; {remedy}, with the numbers converted"
        )
    return _NM_PER_UNIT[name]


def _mention_the_impossible(known_nm: np.ndarray, unit: str, where: str, remedy: str) -> None:
    known_nm = known_nm[known_nm > 0]  # 0 is what some write for unknown
    if known_nm.size and (known_nm.max() < _SHORTEST_NM or known_nm.min() > _LONGEST_NM):
        logger.warning(
            "%s gives wavelengths in %r, which makes them %g to %g nm, where no imaging spectrometer looks; if the "
            "unit is wrong, %s",
            *(where, unit, known_nm.min(), known_nm.max(), remedy),
        )
