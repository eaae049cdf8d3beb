"""A scale bar for scenes in a projected system in metres."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from spectralmamba.reporting.style import SMALL

LONGEST = 0.3  # of the panel's width
NARROWEST_PANEL = 1.5  # inches; below that there is no room
STEPS = (1.0, 2.0, 5.0)


def add_scale_bar(axes: Axes, scene: xr.DataArray, step: int, panel_width: float) -> None:
    """Draw a bar of a round length in the lower left corner; nothing where the scene's scale is not known.

    Parameters
    ----------
    axes : Axes
        Shows every ``step``-th pixel of the scene.
    scene : DataArray (band, y, x)
    step : int
    panel_width : float
        In inches.
    """
    metres = _metres_per_pixel(scene)
    if metres is None or panel_width < NARROWEST_PANEL:
        return
    shown = -(-scene.shape[2] // step)
    length = round_length(LONGEST * shown * step * metres)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    inch = 1 / panel_width  # of the axes' width
    tall = inch * shown / -(-scene.shape[1] // step)
    left, wide = 0.12 * inch, length / (metres * step) / shown
    back = Rectangle((0.06 * inch, 0.06 * tall), wide + 0.12 * inch, 0.3 * tall, facecolor="white", alpha=0.8)
    bar = Rectangle((left, 0.11 * tall), wide, 0.05 * tall, facecolor="black")
    for patch in (back, bar):
        patch.set_transform(axes.transAxes)
        axes.add_patch(patch)
    axes.text(left + wide / 2, 0.18 * tall, text, transform=axes.transAxes, fontsize=SMALL, ha="center", va="bottom")


def round_length(longest: float) -> float:
    """Give the largest of 1, 2 and 5 times a power of ten that is not above ``longest``."""
    power = 10.0 ** np.floor(np.log10(longest))
    return float(max(step * power for step in STEPS if step * power <= longest))


def _metres_per_pixel(scene: xr.DataArray) -> float | None:
    """Width of a pixel, None without a projected CRS in metres."""
    crs = scene.rio.crs
    if crs is None or not crs.is_projected or crs.linear_units.lower() not in ("metre", "meter", "metres", "meters"):
        return None
    transform = scene.rio.transform()
    return float(np.hypot(transform.a, transform.d))
