"""What is in a scene, gathered in two passes over it and in bounded memory."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.scenes.bands import in_water_vapour
from spectralmamba.scenes.footprint import Footprint, footprint_of
from spectralmamba.scenes.gaps import longest_gaps
from spectralmamba.scenes.mosaic import tiles_of
from spectralmamba.scenes.quality import exclusion_counts
from spectralmamba.scenes.statistics import BandStatistics, band_statistics, excluded_pixels, iterate_strips

FILLABLE = (1, 2, 3, 5, 10)
"""Lengths of gaps, in bands, for which it is told how many pixels filling them would save."""


@dataclass(frozen=True, eq=False)
class PixelCounts:
    """Pixels by whether, and why not, they can be used; every pixel is in one of the four.

    Attributes
    ----------
    valid : int
        With data in every band that is good and not empty.
    no_data : int
        Without a value in any of these bands.
    excluded : int
        Left out by masks or quality layers, among those with data.
    gaps : int
        With values missing in some of these bands, not left out otherwise.
    fillable : dict of int to int
        Of the latter, how many :func:`fill_gaps` makes valid, by the longest gap (in bands) that it may fill.
    """

    valid: int = 0
    no_data: int = 0
    excluded: int = 0
    gaps: int = 0
    fillable: dict[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All pixels of the scene."""
        return self.valid + self.no_data + self.excluded + self.gaps


@dataclass(frozen=True, eq=False)
class SceneDescription:
    """What is in a scene.

    Attributes
    ----------
    name, format, source : str
    shape : (int, int, int)
        Bands, rows, columns.
    tiles : int
        Of a mosaic; 0 of any other scene.
    crs : str, optional
    footprint : Footprint, optional
        Where it lies; None without georeferencing.
    band, wavelength, good : ndarray, shape (n_bands,)
        Number in the file; nm, NaN where unknown; False where marked as bad, by the product or on opening.
    statistics : BandStatistics
    pixels : PixelCounts
    reasons : dict of str to int
        Pixels that masks and quality layers leave out, by reason; a pixel may have several.
    valid : ndarray of bool, shape (height, width)
    """

    name: str
    format: str
    source: str
    shape: tuple[int, int, int]
    tiles: int
    crs: str | None
    footprint: Footprint | None
    band: NDArray[np.integer]
    wavelength: NDArray[np.float64]
    good: NDArray[np.bool_]
    statistics: BandStatistics
    pixels: PixelCounts
    reasons: dict[str, int]
    valid: NDArray[np.bool_]

    @property
    def used(self) -> NDArray[np.bool_]:
        """Bands that are good and not empty, shape (n_bands,)."""
        return np.asarray(self.good & ~self.statistics.empty)

    @property
    def value_range(self) -> tuple[float, float] | None:
        """Smallest and largest value of the used bands; None where there are none."""
        if not self.used.any():
            return None
        return float(self.statistics.minimum[self.used].min()), float(self.statistics.maximum[self.used].max())

    @property
    def water_vapour(self) -> NDArray[np.bool_]:
        """Bands, good or not, that lie where water vapour hides the ground, shape (n_bands,)."""
        return in_water_vapour(self.wavelength)

    def to_json(self) -> dict[str, Any]:
        """Give everything as JSON-able values.

        Keys: ``name``, ``format``, ``source``; ``size`` (``bands``, ``rows``, ``columns``); ``tiles``; ``crs``;
        ``footprint`` (see :meth:`.Footprint.to_json`; null without georeferencing); ``bands``: ``n_good``,
        ``wavelength_range_nm`` (two numbers, null where unknown), and ``number``,
        ``wavelength_nm``, ``good``, ``empty``, ``water_vapour``, ``mean``, each a list by band, null where unknown;
        ``pixels``: ``invalid_share`` (0 to 1), ``total``, ``valid``, ``no_data``, ``excluded``, ``gaps``,
        ``fillable`` (by longest gap), ``excluded_by`` (by reason); ``value_range``, two numbers or null.
        """
        bands, rows, columns = self.shape
        counts, known = self.pixels, self.wavelength[np.isfinite(self.wavelength)]
        return {
            "name": self.name,
            "format": self.format,
            "source": self.source,
            "size": {"bands": bands, "rows": rows, "columns": columns},
            "tiles": self.tiles,
            "crs": self.crs,
            "footprint": None if self.footprint is None else self.footprint.to_json(),
            "bands": {
                "n_good": int(self.good.sum()),
                "wavelength_range_nm": [float(known.min()), float(known.max())] if known.size else None,
                "number": self.band.tolist(),
                "wavelength_nm": _numbers(self.wavelength),
                "good": self.good.tolist(),
                "empty": self.statistics.empty.tolist(),
                "water_vapour": self.water_vapour.tolist(),
                "mean": _numbers(self.statistics.mean),
            },
            "pixels": {
                "invalid_share": 1 - counts.valid / counts.total if counts.total else 0.0,
                "total": counts.total,
                "valid": counts.valid,
                "no_data": counts.no_data,
                "excluded": counts.excluded,
                "gaps": counts.gaps,
                "fillable": {str(length): n for length, n in counts.fillable.items()},
                "excluded_by": self.reasons,
            },
            "value_range": None if self.value_range is None else list(self.value_range),
        }


def describe_scene(scene: xr.DataArray) -> SceneDescription:
    """Describe a scene; it is read twice, strip by strip.

    Parameters
    ----------
    scene : DataArray (band, y, x)
        As :func:`spectralmamba.open_scene` returns it.
    """
    statistics = band_statistics(scene)
    good = np.asarray(scene.coords["good"].values, bool)
    valid, pixels = _count_pixels(scene, good, good & ~statistics.empty)
    crs = scene.rio.crs
    return SceneDescription(
        name=str(scene.name),
        format=str(scene.attrs.get("format", "in memory")),
        source=str(scene.attrs.get("source", "")),
        shape=scene.shape,  # type: ignore[arg-type]
        tiles=len(tiles_of(scene)),
        crs=None if crs is None else crs.to_string(),
        footprint=footprint_of(scene),
        band=np.asarray(scene.coords["band"].values),
        wavelength=np.asarray(scene.coords["wavelength"].values, np.float64),
        good=good,
        statistics=statistics,
        pixels=pixels,
        reasons=exclusion_counts(scene),
        valid=valid,
    )


def _count_pixels(
    scene: xr.DataArray, good: NDArray[np.bool_], used: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], PixelCounts]:
    """Read the scene for which pixels are valid, (height, width), and why others are not."""
    excluded, valid = excluded_pixels(scene), np.zeros(scene.shape[1:], bool)
    no_data = gaps = left_out = 0
    longest = np.zeros(int(good.sum()) + 1, np.int64)  # pixels by the length of their longest gap
    for rows, values in iterate_strips(scene):
        there = np.isfinite(values)
        some = there[used].any(axis=0)
        complete = some & there[used].all(axis=0)
        torn = some & ~complete & ~excluded[rows]
        valid[rows] = complete & ~excluded[rows]
        no_data += int((~some).sum())
        left_out += int((some & excluded[rows]).sum())
        gaps += int(torn.sum())
        longest += np.bincount(longest_gaps(there[good][:, torn], used[good]), minlength=longest.size)
    fillable = {length: int(longest[1 : length + 1].sum()) for length in FILLABLE if length < longest.size - 1}
    return valid, PixelCounts(int(valid.sum()), no_data, left_out, gaps, fillable)


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
