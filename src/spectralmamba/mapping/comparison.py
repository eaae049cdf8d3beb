"""How far a map by one predictor is from one by another, measured on a sample of tiles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from spectralmamba.mapping.classification import classify
from spectralmamba.mapping.computing import read_tile
from spectralmamba.mapping.predictor import Predictor
from spectralmamba.mapping.tiles import Tile
from spectralmamba.randomness import generator

SAMPLED_TILES = 8
"""Tiles with data that are compared: half a million pixels at the default size."""

TRIED_TILES = 64
"""Tiles that are read to find so many, in a scene that is mostly empty."""


@dataclass(frozen=True)
class Comparison:
    """Pixels that two predictors agree on.

    Attributes
    ----------
    tiles : int
        Tiles with data that were compared.
    pixels : int
        Pixels with data in these.
    changed : int
        Those that have another class.
    confidence : float
        Largest difference between two confidences; NaN without pixels.
    """

    tiles: int
    pixels: int
    changed: int
    confidence: float

    @property
    def share(self) -> float:
        """Share of the pixels whose class changed; NaN without pixels."""
        return self.changed / self.pixels if self.pixels else float("nan")


def compare_predictors(
    predictor: Predictor, exact: Predictor, scene: xr.DataArray, tiles: Sequence[Tile], n_tiles: int = SAMPLED_TILES
) -> Comparison:
    """Classify a sample of tiles by both predictors.

    Parameters
    ----------
    predictor, exact : Predictor
        Of the same bands, radius and classes.
    scene : DataArray (band, y, x)
        With the predictors' bands.
    tiles : sequence of Tile
        The whole scene; the same ones are drawn each time, all over it.
    n_tiles : int
        Tiles with data to compare.
    """
    order = generator(0, "compared tiles").permutation(len(tiles))[: max(TRIED_TILES, n_tiles)]
    counted, pixels, changed, confidence = 0, 0, 0, float("nan")
    for index in order:
        if counted == n_tiles:
            break
        (ours, our_confidence), (theirs, their_confidence) = (
            classify(each.logits(read_tile(each, scene, tiles[index])[0]), each.temperature)
            for each in (predictor, exact)
        )
        has_data = theirs >= 0
        if not has_data.any():
            continue
        counted += 1
        pixels += int(has_data.sum())
        changed += int((ours != theirs).sum())
        difference = float(np.abs(our_confidence - their_confidence)[has_data].max())
        confidence = difference if np.isnan(confidence) else max(confidence, difference)
    return Comparison(counted, pixels, changed, confidence)
