"""Pictures for a notebook, one call each: they draw into matplotlib axes and give these back.

There is no accessor on scenes: one would have to be registered when this package is imported, for every DataArray there
is, while a function is found by whoever looks for it.
"""

import os
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError, LabelError
from spectralmamba.labels import ClassTable, open_labels
from spectralmamba.labels.class_table import classes_of
from spectralmamba.labels.grid import require_on_scene
from spectralmamba.reporting.false_colour import FalseColour, false_colour
from spectralmamba.reporting.maps import SMALLEST_DOT, class_colours, visible_labels
from spectralmamba.reporting.spectra import draw_spectra_by_class
from spectralmamba.reporting.style import INK, LINE, MUTED, NO_DATA, SMALL, shorten
from spectralmamba.sampling.patches import PatchSampler
from spectralmamba.scenes.grid import grid_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_SPECTRA = 2000
"""Spectra of a class that are read; of a larger class an even sample."""

Extent = tuple[float, float, float, float]


def plot_false_colour(scene: xr.DataArray, ax: "Axes | None" = None) -> "Axes":
    """Draw a scene in near infrared, red and green, or three spread bands where these are not there.

    Three bands are read, decimated where the scene is large. Pixels without data are light grey.

    Parameters
    ----------
    scene : DataArray (band, y, x)
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where not given.

    Returns
    -------
    matplotlib.axes.Axes
        Its coordinates are the scene's, or rows and columns where it has none or is rotated.
    """
    axes = _axes(ax)
    _draw_picture(axes, scene, false_colour(scene))
    return axes


def plot_spectra(scene: xr.DataArray, labels: xr.DataArray, ax: "Axes | None" = None) -> "Axes":
    """Draw mean and standard deviation of the spectra of each class against wavelength.

    Only good bands are drawn, and lines are broken where bands were left out. Of a class with more than 2000 pixels an
    even sample is read.

    Parameters
    ----------
    scene : DataArray (band, y, x)
    labels : DataArray (y, x)
        Class numbers, 0 = unlabelled, on the scene's grid.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where not given.

    Raises
    ------
    LabelError
        The labels are not on the scene's grid, or label no pixel that has data.
    """
    require_on_scene(labels, scene)
    table = classes_of(labels)
    good = np.flatnonzero(np.asarray(scene.coords["good"].values, bool))
    samples = PatchSampler.from_scene(scene.isel(band=good), _sampled(table.index_of(labels.values), len(table)), 0)
    spectra = {
        number: values[np.isfinite(values).any(axis=1)]
        for index, number in enumerate(table.numbers)
        if (values := samples.spectra[samples.targets == index]).size
    }
    if not any(map(len, spectra.values())):
        raise LabelError("no labelled pixel has data; give labels that lie on the scene's data")
    axes = _axes(ax, (9.0, 5.0))
    wavelength = np.asarray(scene.coords["wavelength"].values, np.float64)[good]
    unit = str(scene.attrs.get("units", "value in the scene"))
    draw_spectra_by_class(axes, {n: s for n, s in spectra.items() if len(s)}, wavelength, table, bands=good, unit=unit)
    _add_legend(axes, table.without([n for n in table.numbers if n not in spectra]))
    return axes


def plot_map_overlay(
    scene: xr.DataArray,
    labels_or_map: xr.DataArray | str | os.PathLike[str],
    ax: "Axes | None" = None,
    *,
    opacity: float = 0.6,
) -> "Axes":
    """Draw labels, or a map, over the false colours of their scene.

    Labels of single pixels are drawn larger where they could not be seen otherwise.

    Parameters
    ----------
    scene : DataArray (band, y, x)
    labels_or_map : DataArray (y, x) or path
        Class numbers, 0 = nothing, with their class table in ``attrs["classes"]`` where it is known; or a file of
        these, such as the map that ``map_scene`` wrote.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where not given.
    opacity : float
        0 shows the scene alone, 1 hides it.

    Raises
    ------
    LabelError
        They do not fit the scene, or the file cannot be read.
    ConfigError
        The opacity is not within 0..1.
    """
    if not 0 <= opacity <= 1:
        raise ConfigError(f"opacity {opacity} is not possible; use 0 to 1")
    numbers = labels_or_map if isinstance(labels_or_map, xr.DataArray) else open_labels(labels_or_map, like=scene)
    require_on_scene(numbers, scene)
    axes, picture = _axes(ax), false_colour(scene)
    extent = _draw_picture(axes, scene, picture)
    inches = axes.get_window_extent().width / axes.figure.dpi
    dot = SMALLEST_DOT * picture.valid.shape[1] / inches
    table, (shown, _) = classes_of(numbers), visible_labels(numbers.values, picture.step, dot)
    cover = np.dstack([class_colours(shown, table), np.where(shown > 0, np.float32(opacity), 0)])
    axes.imshow(cover, extent=extent, interpolation="nearest")
    present = set(np.unique(shown).tolist())
    _add_legend(axes, table.without([n for n in table.numbers if n not in present]))
    return axes


def _axes(ax: "Axes | None", size: tuple[float, float] = (7.0, 6.0)) -> "Axes":
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # noqa: PLC0415 - reports need no global state, only notebooks do

    return plt.subplots(figsize=size, layout="constrained")[1]


def _draw_picture(axes: "Axes", scene: xr.DataArray, picture: FalseColour) -> Extent | None:
    """Draw the scene in its own coordinates where they run along its rows and columns."""
    from matplotlib.colors import to_rgb  # noqa: PLC0415 - see _axes

    extent = _extent(scene)
    rgb = np.where(picture.valid[..., None], picture.rgb, np.array(to_rgb(NO_DATA), np.float32))
    axes.imshow(rgb, extent=extent)
    axes.set_title(f"{scene.name}   {picture.bands}", fontsize=SMALL, color=MUTED, loc="left")
    axes.tick_params(labelsize=SMALL, color=LINE, labelcolor=INK)
    axes.ticklabel_format(style="plain", useOffset=False)
    axes.spines[:].set_color(LINE)
    axes.set_xlabel("column" if extent is None else "x", fontsize=SMALL)
    axes.set_ylabel("row" if extent is None else "y", fontsize=SMALL)
    return extent


def _extent(scene: xr.DataArray) -> Extent | None:
    """Left, right, bottom and top of the scene; None where it is not georeferenced, or rotated."""
    grid = grid_of(scene)
    t = grid.transform
    if t is None or t.b or t.d:
        return None
    return t.c, t.c + t.a * grid.width, t.f + t.e * grid.height, t.f


def _sampled(targets: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Keep an even sample of each class where it is large; -1 elsewhere."""
    kept = np.full(targets.shape, -1, np.int64)
    flat, target = kept.reshape(-1), targets.reshape(-1)
    for index in range(n_classes):
        places = np.flatnonzero(target == index)
        chosen = places[:: max(-(-places.size // MOST_SPECTRA), 1)]
        flat[chosen] = index
    return kept


def _add_legend(axes: "Axes", table: ClassTable) -> None:
    from matplotlib.patches import Patch  # noqa: PLC0415 - see _axes

    swatches = [
        Patch(facecolor=colour, edgecolor=MUTED, linewidth=0.4, label=shorten(name))
        for _, name, colour in table.classes
    ]
    axes.legend(handles=swatches, loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=SMALL, frameon=False)
