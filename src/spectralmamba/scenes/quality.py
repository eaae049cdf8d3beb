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
