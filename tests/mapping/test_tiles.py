"""Tiles: every pixel once, in shapes that a file is read well in."""

import numpy as np
import pytest

from spectralmamba.errors import ConfigError
from spectralmamba.mapping.tiles import WINDOW_BYTES, default_size, iterate_tiles, tile_shape
from spectralmamba.scenes import open_scene
from spectralmamba.scenes.export import write_scene
from tests.mapping.test_mapper import random_scene


@pytest.mark.parametrize("size", [1, 7, 64, (3, 17), (2, 40)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (23, 17), (5, 40)])
def test_every_pixel_lies_in_one_tile(height, width, size):
    covered = np.zeros((height, width), int)
    tiles = list(iterate_tiles(height, width, size))
    for tile in tiles:
        covered[tile.window] += 1
        assert covered[tile.window].shape == tile.shape
    assert (covered == 1).all()
    assert [tile.index for tile in tiles] == list(range(len(tiles)))


@pytest.mark.parametrize(("n_bands", "size"), [(1, 256), (144, 256), (425, 160), (10**9, 16)])
def test_scenes_of_many_bands_have_smaller_tiles(n_bands, size):
    assert default_size(n_bands) == size
    assert size == 16 or 4 * n_bands * size * size <= WINDOW_BYTES


@pytest.mark.parametrize(
    ("blocks", "size", "shape"),
    [
        ({"y": 1, "x": 200}, 40, (8, 200)),  # strips of a row
        ({"y": 3, "x": 200}, 40, (6, 200)),  # whole strips
        ({"y": 16, "x": 200}, 40, (8, 200)),  # strips higher than what may be read at once
        ({"y": 1, "x": 200}, 5, (1, 200)),
        ({"y": 16, "x": 16}, 40, (40, 40)),  # blocks
        ({}, 40, (40, 40)),  # unknown
        ({"y": 1, "x": 200}, 300, (300, 300)),  # the width is no more than a tile
        ({"y": 100, "x": 200}, 40, (40, 40)),  # one block is more than a tile
    ],
)
def test_tiles_of_strips_are_full_rows(blocks, size, shape):
    scene = random_scene(120, 200)
    scene.encoding["preferred_chunks"] = blocks
    assert tile_shape(scene, size) == shape


def test_a_geotiff_in_strips_says_so(tmp_path):
    write_scene(random_scene(20, 900), tmp_path / "scene.tif")
    assert tile_shape(open_scene(tmp_path / "scene.tif"), 60) == (4, 900)


def test_no_tile_is_refused():
    with pytest.raises(ConfigError, match="tile size 0"):
        tile_shape(random_scene(4, 4), 0)
    with pytest.raises(ConfigError, match="tile size 0"):
        next(iterate_tiles(4, 4, (0, 3)))
