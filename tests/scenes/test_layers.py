import numpy as np
import pytest
import rasterio
import rasterio.shutil

from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclusion_counts, with_mask
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.layers import read_layers
from tests.scenes.envi.made import UTM, write_envi

from .products import CRS, TRANSFORM, write_tiff

LAYER = np.zeros((5, 7), np.uint8)
LAYER[1, 2] = LAYER[4, 6] = 1


def written(folder, kind):
    """The layer as a raster file of a format."""
    if kind == "ENVI":
        return write_envi(folder / "a.img", LAYER[None])
    if kind == "ENVI header":
        return write_envi(folder / "a.dat", LAYER[None]).with_name("a.dat.hdr")
    path = write_tiff(folder / "a.tif", LAYER)
    if kind != "GTiff":
        rasterio.shutil.copy(path, folder / "b", driver=kind)
        return folder / "b"
    return path


KINDS = ["GTiff", "ENVI", "ENVI header", "PNG", "HFA"]


@pytest.mark.parametrize("kind", KINDS)
def test_values_and_place_are_those_of_the_file(tmp_path, kind):
    values, grid = read_layers(written(tmp_path, kind))
    np.testing.assert_array_equal(values, LAYER[None])
    assert grid.transform.almost_equals(TRANSFORM)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_may_have_any_format(tmp_path, kind):
    scene = make_scene(
        np.ones((2, 5, 7), np.float32),
        name="s",
        source="s",
        crs=rasterio.crs.CRS.from_string(CRS),
        transform=TRANSFORM,
    )
    masked = with_mask(scene, written(tmp_path, kind))
    np.testing.assert_array_equal(masked["excluded"], LAYER)
    assert exclusion_counts(masked) == {"mask": 2}


def test_a_rotated_layer_lies_where_its_header_says(tmp_path):
    map_info = UTM.replace("}", ", rotation=30}")
    _, grid = read_layers(write_envi(tmp_path / "a.img", LAYER[None], map_info=map_info))
    assert grid.transform.b == pytest.approx(15)


def test_a_damaged_layer(tmp_path):
    path = written(tmp_path, "ENVI")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SceneError, match="truncated"):
        read_layers(path)
    path = written(tmp_path, "PNG")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(SceneError, match="cannot be read as a raster"):
        read_layers(path)
