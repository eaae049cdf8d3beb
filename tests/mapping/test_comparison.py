"""What a predictor changes against another, counted by hand."""

from dataclasses import dataclass

import numpy as np
import pytest

from spectralmamba.mapping import map_scene
from spectralmamba.mapping.comparison import compare_predictors
from spectralmamba.mapping.tiles import iterate_tiles
from tests.mapping.fakes import Neighbourhood
from tests.mapping.test_mapper import random_scene


@dataclass(frozen=True, eq=False)
class Rounded(Neighbourhood):
    """As another kind of arithmetic would: the second class suffers."""

    def logits(self, window):
        logits = super().logits(window)
        logits[1] -= 0.3
        return logits


def whole(predictor, scene):
    r = predictor.radius
    padded = np.pad(scene.values, ((0, 0), (r, r), (r, r)), mode="reflect")
    logits = predictor.logits(padded)
    return np.where(np.isfinite(logits).all(axis=0), np.nan_to_num(logits).argmax(axis=0), -1)


def test_changed_pixels_are_counted_in_every_tile_where_there_are_few():
    scene = random_scene(20, 18)
    tiles = list(iterate_tiles(20, 18, 9))
    ours, theirs = whole(Rounded(), scene), whole(Neighbourhood(), scene)
    assert 0 < (ours != theirs).sum() < 300
    found = compare_predictors(Rounded(), Neighbourhood(), scene, tiles)
    assert (found.tiles, found.pixels, found.changed) == (6, (theirs >= 0).sum(), (ours != theirs).sum())
    assert found.share == found.changed / found.pixels
    assert 0 < found.confidence < 1


def test_a_predictor_agrees_with_itself():
    scene = random_scene(20, 18)
    found = compare_predictors(Neighbourhood(), Neighbourhood(), scene, list(iterate_tiles(20, 18, 9)))
    assert (found.changed, found.share, found.confidence) == (0, 0.0, 0.0)


def test_few_tiles_are_drawn_and_empty_ones_do_not_count():
    scene = random_scene(40, 40)
    scene[:, :30] = np.nan
    tiles, seen = list(iterate_tiles(40, 40, 4)), Neighbourhood()
    found = compare_predictors(Neighbourhood(), seen, scene, tiles, n_tiles=5)
    assert found.tiles == 5
    assert 0 < found.pixels <= 5 * 16
    assert 5 < len(seen.sizes) < len(tiles)


def test_a_scene_without_data():
    scene = random_scene(8, 8)
    scene[:] = np.nan
    found = compare_predictors(Neighbourhood(), Neighbourhood(), scene, list(iterate_tiles(8, 8, 4)))
    assert (found.tiles, found.pixels, found.changed) == (0, 0, 0)
    assert np.isnan(found.share)


def test_the_summary_of_a_map_holds_it(tmp_path):
    scene = random_scene(20, 18)
    summary = map_scene(Rounded(), scene, tmp_path / "map.tif", tile_size=9, exact=Neighbourhood())
    assert summary.comparison.changed == (whole(Rounded(), scene) != whole(Neighbourhood(), scene)).sum()
    assert summary.comparison.pixels == pytest.approx(summary.valid)
    assert map_scene(Rounded(), scene, tmp_path / "other.tif").comparison is None
