"""Descriptions of scenes and labels as lines of text."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from spectralmamba.cli.console import say
from spectralmamba.sampling.description import LabelDescription
from spectralmamba.scenes.description import SceneDescription
from spectralmamba.scenes.footprint import Footprint

BARS = "▁▂▃▄▅▆▇█"
SPARKS = 60  # characters of a sparkline


def say_scene(found: SceneDescription) -> None:
    """Print what is in a scene."""
    bands, rows, columns = found.shape
    say(f"{found.name}: {rows} × {columns} pixels, {bands} bands, {found.format}")
    if found.tiles:
        say(f"mosaic of {found.tiles} tiles")
    say(f"CRS {found.crs or ('none' if found.footprint else 'none (not georeferenced)')}")
    if found.footprint is not None:
        _say_footprint(found.footprint)
    _say_bands(found)
    _say_pixels(found)


def _say_footprint(place: Footprint) -> None:
    (x, y), size = place.corners[0], place.pixel_size
    say(f"upper left corner ({x:.10g}, {y:.10g}), pixel size {size[0]:.10g} × {size[1]:.10g}")
    if place.rotation:
        say(f"rotated by {place.rotation:.2f}° against north")
    if place.longitude_latitude is not None:
        corners = ", ".join(f"{longitude:.4f} {latitude:.4f}" for longitude, latitude in place.longitude_latitude)
        say(f"footprint (longitude latitude) {corners}")


def _say_bands(found: SceneDescription) -> None:
    known = found.wavelength[np.isfinite(found.wavelength)]
    say(f"wavelengths {known.min():.1f}–{known.max():.1f} nm" if known.size else "wavelengths unknown")
    bad = "" if found.good.all() else f"; bad: {ranges(found.band[~found.good])}"
    say(f"{int(found.good.sum())} bands marked good{bad}")
    if found.statistics.empty.any():
        say(f"bands without varying values: {ranges(found.band[found.statistics.empty])}")
    hidden = found.water_vapour
    if hidden.any():
        left = "left out; --keep-water-vapour uses those that have data and that the product does not mark as bad"
        kept = "kept" if (hidden & found.good).any() else left
        say(f"hidden by water vapour: {ranges(found.band[hidden])} ({kept})")


def _say_pixels(found: SceneDescription) -> None:
    pixels = found.pixels
    share = partial(_share, total=pixels.total)
    say(f"{pixels.valid:,} valid pixels ({share(pixels.valid)}), data in every good band that is not empty")
    if pixels.no_data:
        say(f"{_pixels(pixels.no_data)} ({share(pixels.no_data)}) without any data")
    if pixels.excluded:
        reasons = ", ".join(f"{reason} {share(n)}" for reason, n in found.reasons.items())
        say(f"{_pixels(pixels.excluded)} ({share(pixels.excluded)}) left out: {reasons}")
    if pixels.gaps:
        saved = ", ".join(f"{length}: {n:,}" for length, n in pixels.fillable.items() if n)
        hint = f" (--fill-gaps would save {saved})" if saved else ""
        say(f"{_pixels(pixels.gaps)} ({share(pixels.gaps)}) with values missing in single bands{hint}")
    if found.value_range is not None:
        low, high = found.value_range
        say(f"values {low:.4g} … {high:.4g}")
        say(f"mean spectrum {sparkline(np.where(found.used, found.statistics.mean, np.nan))}")


def say_labels(found: LabelDescription) -> None:
    """Print what is in the labels of one or several scenes."""
    total, pixels = sum(map(found.labelled, found.pixels)), sum(found.scene_pixels.values())
    where = "the scene" if len(found.pixels) == 1 else f"{len(found.pixels)} scenes"
    say(f"labels: {total:,} pixels of {len(found.classes)} classes ({100 * total / pixels:.2f} % of {where})")
    for number, name, _ in found.classes.classes:
        count, regions = (sum(by[number] for by in of.values() if number in by) for of in (found.pixels, found.regions))
        say(f"{number:>6} {name:<24} {count:>9,} pixels in {regions:,} regions")
    if len(found.pixels) > 1:
        for key in found.pixels:
            say(f"in {key}: {found.labelled(key):,} labelled pixels")
    lost = sum(found.without_data.values())
    if lost:
        say(f"{lost:,} labelled pixels have no valid data")
    if found.recipe is None:
        say(f"no split by default: {found.reason}")
        return
    parts = ", ".join(f"{part} {n:,}" for part, n in found.counts.items())
    say(f"split by default: {found.recipe}, since {found.reason} ({parts} pixels)")


def sparkline(values: NDArray[np.floating], width: int = SPARKS) -> str:
    """Draw values in a line of text, a space where none is finite; longer series are averaged."""
    pieces = [piece[np.isfinite(piece)] for piece in np.array_split(values, min(width, values.size))]
    means = np.array([piece.mean() if piece.size else np.nan for piece in pieces])
    if not np.isfinite(means).any():
        return ""
    low, high = np.nanmin(means), np.nanmax(means)
    levels = (means - low) / (high - low if high > low else 1.0) * (len(BARS) - 1)
    return "".join(BARS[round(level)] if np.isfinite(level) else " " for level in levels).rstrip()


def ranges(numbers: NDArray[np.integer]) -> str:
    """Write 1, 2, 3, 7 as '1–3, 7'; the numbers are sorted first."""
    values = np.sort(numbers)
    groups = np.split(values, np.flatnonzero(np.diff(values) != 1) + 1)
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 1 else f"{g[0]}" for g in groups)


def _pixels(n: int) -> str:
    return f"{n:,} pixel{'' if n == 1 else 's'}"


def _share(n: int, total: int) -> str:
    return f"{100 * n / total:.1f} %"
