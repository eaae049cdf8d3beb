"""Pixels that are left out, and why: a product's own quality layers and the user's masks."""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray


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
        With ``coords["excluded"]`` (bool), and ``attrs["excluded"]``: the number of pixels of each reason; a pixel
        may have several.
    """
    if not reasons:
        return scene
    excluded = np.zeros(scene.shape[1:], bool)
    if "excluded" in scene.coords:
        excluded |= scene.coords["excluded"].values
    counts: dict[str, int] = dict(scene.attrs.get("excluded", {}))
    for reason, where in reasons.items():
        excluded |= where
        counts[reason] = counts.get(reason, 0) + int(where.sum())
    return scene.assign_coords(excluded=(("y", "x"), excluded)).assign_attrs(excluded=counts)


def without_exclusions(scene: xr.DataArray) -> xr.DataArray:
    """Use the pixels again that were left out of a scene."""
    if "excluded" not in scene.coords:
        return scene
    kept = scene.drop_vars("excluded")
    kept.attrs.pop("excluded", None)
    return kept


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
    reasons = ", ".join(f"{reason} {100 * n / total:.1f} %" for reason, n in scene.attrs.get("excluded", {}).items())
    return f"{100 * share:.1f} % of the pixels are left out" + (f" ({reasons})" if reasons else "")
