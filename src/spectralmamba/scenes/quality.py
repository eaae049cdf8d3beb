"""Pixels that are left out, and why: a product's own quality layers and the user's masks."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

_REASONS, _OF_PIXELS = "reasons", "of_pixels"  # attributes of the coordinate


def exclude(scene: xr.DataArray, reasons: Mapping[str, NDArray[np.bool_]]) -> xr.DataArray:
    """Leave pixels out of a scene, which stays as lazy as before.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; what it excludes already stays excluded.
    reasons : mapping of str to ndarray of bool, shape (height, width)
        What is wrong (``"cloud"``), and where.

    Returns
    -------
    xarray.DataArray
        With ``coords["excluded"]`` (bool), for whose counts see :func:`exclusion_counts`.
    """
    if not reasons:
        return scene
    excluded = np.zeros(scene.shape[1:], bool)
    if "excluded" in scene.coords:
        excluded |= scene.coords["excluded"].values
    counts = exclusion_counts(scene)
    for reason, where in reasons.items():
        excluded |= where
        counts[reason] = counts.get(reason, 0) + int(where.sum())
    return with_exclusions(scene, excluded, counts)


def with_exclusions(
    scene: xr.DataArray, excluded: NDArray[np.bool_], counts: Mapping[str, int] | None = None
) -> xr.DataArray:
    """Leave exactly these pixels (height, width) out of a scene, and keep how many there are for each reason."""
    attrs: dict[str, Any] = {}
    if counts is not None:
        # Text, since files have no place for a mapping; the number of pixels tells a part, which the counts are not of.
        attrs = {_REASONS: json.dumps(dict(counts)), _OF_PIXELS: excluded.size}
    return scene.assign_coords(excluded=(("y", "x"), excluded, attrs))


def exclusion_counts(scene: xr.DataArray) -> dict[str, int]:
    """Count the pixels that are left out by reason; a pixel may have several.

    Returns
    -------
    dict of str to int
        Empty where nothing is left out. Of a part of a scene, for which the reasons are not known one by one, the
        total as ``left out before``.
    """
    if "excluded" not in scene.coords:
        return {}
    coord = scene.coords["excluded"]
    counts = counts_from(coord.attrs, coord.size)
    return {"left out before": int(np.count_nonzero(coord.values))} if counts is None else counts


def counts_from(attrs: Mapping[Any, Any], n_pixels: int) -> dict[str, int] | None:
    """Read the counts by reason that :func:`with_exclusions` wrote; None where there are none of so many pixels."""
    try:
        if attrs[_OF_PIXELS] != n_pixels:
            return None
        return {str(reason): int(n) for reason, n in json.loads(attrs[_REASONS]).items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def without_exclusions(scene: xr.DataArray) -> xr.DataArray:
    """Use the pixels again that were left out of a scene."""
    return scene.drop_vars("excluded") if "excluded" in scene.coords else scene


def describe_exclusions(scene: xr.DataArray) -> str | None:
    """Say what share of a scene is left out, and why; None where nothing is.

    Returns
    -------
    str or None
        Such as ``12.5 % of the pixels are left out (cloud 10.0 %, shadow 4.0 %)``; a pixel may have several reasons.
    """
    if "excluded" not in scene.coords:
        return None
    total = scene.sizes["y"] * scene.sizes["x"]
    share = float(np.count_nonzero(scene.coords["excluded"].values)) / max(total, 1)
    reasons = ", ".join(f"{reason} {100 * n / total:.1f} %" for reason, n in exclusion_counts(scene).items())
    return f"{100 * share:.1f} % of the pixels are left out" + (f" ({reasons})" if reasons else "")
