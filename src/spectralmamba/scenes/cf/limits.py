"""Between which values the numbers of a variable count: ``valid_min``, ``valid_max`` and ``valid_range``.

Conventions: https://cfconventions.org/ (missing data, valid and actual range of data). Of packed numbers the limits are
stored numbers where they are integers, and scaled ones where they are floating point numbers: NetCDF Users Guide,
https://docs.unidata.ucar.edu/nug/current/attribute_conventions.html
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Limits = tuple[np.float32, np.float32]


def limits_of(variable: xr.Variable) -> Limits | None:
    """Return the least and the greatest value, after scaling, that is not missing; None without limits.

    Parameters
    ----------
    variable : xarray.Variable
        As xarray opens it: scaled, with what scales it in ``encoding``.
    """
    found = _stated(variable.attrs)
    # Of unsigned numbers in a signed type it is not clear which of the two the limits are.
    if found is None or "_Unsigned" in variable.encoding:
        return None
    stored = np.dtype(variable.encoding.get("dtype", variable.dtype))
    low, high = (float(limit) for limit in found)
    if stored.kind in "iu" and found.dtype.kind in "iu":
        scale = float(variable.encoding.get("scale_factor", 1))
        offset = float(variable.encoding.get("add_offset", 0))
        # Half a step more, so that the rounding of the scaled values does not matter.
        low, high = sorted((low * scale + offset, high * scale + offset))
        low, high = low - abs(scale) / 2, high + abs(scale) / 2
    with np.errstate(over="ignore"):
        return np.float32(low), np.float32(high)


def _stated(attrs: dict[Any, Any]) -> NDArray[Any] | None:
    limits = np.ravel(attrs.get("valid_range", ()))
    if limits.size == 0 and ("valid_min" in attrs or "valid_max" in attrs):
        own = [np.ravel(attrs.get(key, ())) for key in ("valid_min", "valid_max")]
        kind = np.result_type(*(one for one in own if one.size))
        least, greatest = (np.iinfo(kind).min, np.iinfo(kind).max) if kind.kind in "iu" else (-np.inf, np.inf)
        limits = np.array([own[0][0] if own[0].size else least, own[1][0] if own[1].size else greatest], kind)
    return limits if limits.size == 2 and limits.dtype.kind in "iuf" and not np.isnan(limits).any() else None
