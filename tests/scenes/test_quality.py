import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.scenes import exclusion_counts, geotiff
from spectralmamba.scenes.mosaic import mosaic
from spectralmamba.scenes.quality import describe_exclusions, exclude, without_exclusions

from .products import cube, moved, write_tiff

CLOUD = np.zeros((5, 7), bool)
CLOUD[0, :3] = True
SHADOW = np.zeros((5, 7), bool)
SHADOW[:2, 2] = True


@pytest.fixture
def path(tmp_path):
    return write_tiff(tmp_path / "scene.tif", cube())


@pytest.fixture
def marked(path, monkeypatch):
    """A file whose product marks cloud and shadow."""
    read = geotiff.read
    monkeypatch.setattr(
        geotiff, "read", lambda path, variable: exclude(read(path, variable), {"cloud": CLOUD, "shadow": SHADOW})
    )
    return path


def test_a_products_marks_count_by_default_and_can_be_turned_off(marked):
    scene = open_scene(marked)
    np.testing.assert_array_equal(scene.coords["excluded"], CLOUD | SHADOW)
    assert exclusion_counts(scene) == {"cloud": 3, "shadow": 2}
    plain = open_scene(marked, quality=False)
    assert "excluded" not in plain.coords
    assert "excluded" not in plain.attrs


def test_the_share_is_reported_by_reason(marked):
    assert describe_exclusions(open_scene(marked)) == ("11.4 % of the pixels are left out (cloud 8.6 %, shadow 5.7 %)")
    assert describe_exclusions(open_scene(marked, quality=False)) is None


def test_a_scene_without_marks_is_itself(path):
    scene = open_scene(path)
    assert without_exclusions(scene) is scene
    assert exclude(scene, {}) is scene


def test_a_mosaic_has_the_marks_of_its_tiles(tmp_path):
    tiles = [
        exclude(open_scene(write_tiff(tmp_path / "a.tif", cube())), {"cloud": CLOUD}),
        open_scene(write_tiff(tmp_path / "b.tif", cube(), transform=moved(5, 0))),
        exclude(open_scene(write_tiff(tmp_path / "c.tif", cube(), transform=moved(0, 7))), {"cloud": SHADOW}),
    ]
    whole = mosaic(tiles, name="m", source="memory")
    assert exclusion_counts(whole) == {"cloud": 5}
    np.testing.assert_array_equal(whole.coords["excluded"][:5, :7], CLOUD)
    np.testing.assert_array_equal(whole.coords["excluded"][:5, 7:], SHADOW)
    assert not whole.coords["excluded"][5:].any()
    assert whole.attrs["format"] == "mosaic of GeoTIFF"
    assert "excluded" not in mosaic(tiles[1:2], name="m", source="memory").coords
