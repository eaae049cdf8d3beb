import numpy as np
import pytest
import xarray as xr

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes.mask import with_mask

from .products import cube, cut, moved, write_tiff

MASK = np.zeros((5, 7), np.uint8)
MASK[1, 2:4] = 255


@pytest.fixture
def scene(tmp_path):
    return open_scene(write_tiff(tmp_path / "scene.tif", cube()))


def test_non_zero_excludes(scene, tmp_path):
    masked = with_mask(scene, write_tiff(tmp_path / "mask.tif", MASK))
    np.testing.assert_array_equal(masked.coords["excluded"], MASK > 0)
    assert masked.coords["excluded"].dims == ("y", "x")
    assert not masked.variable._in_memory
    assert masked.isel(y=slice(1, 2)).coords["excluded"].values.sum() == 2
    assert "excluded" not in scene.coords


def test_masks_add_up_and_may_be_arrays(scene, tmp_path):
    other = np.zeros((5, 7))
    other[4, 6] = np.nan
    masked = with_mask(with_mask(scene, write_tiff(tmp_path / "mask.tif", MASK)), xr.DataArray(other, dims=("y", "x")))
    assert masked.coords["excluded"].values.sum() == 3


def test_a_mask_without_georeferencing_fits_by_size(scene, tmp_path):
    path = write_tiff(tmp_path / "mask.tif", MASK, crs=None, transform=None)
    assert with_mask(scene, path).coords["excluded"].values.sum() == 2


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (MASK[:4], {}, "4 × 7 pixels but the scene 5 × 7"),
        (MASK, {"transform": moved(1, 0)}, "begins 1 rows and 0 columns"),
        (MASK, {"transform": moved(0.5, 0)}, "differ in alignment"),
        (MASK, {"crs": "EPSG:32634"}, "differ in CRS"),
        (cube(2), {}, "has 2 bands"),
    ],
)
def test_masks_that_do_not_fit(scene, tmp_path, values, options, message):
    with pytest.raises(SceneError, match=message):
        with_mask(scene, write_tiff(tmp_path / "mask.tif", values, **options))


def test_masks_that_cannot_be_read(scene, tmp_path):
    with pytest.raises(SceneError, match="there is no mask"):
        with_mask(scene, tmp_path / "gone.tif")
    (tmp_path / "mask.txt").write_text("0 0 1")
    with pytest.raises(SceneError, match="is not a GeoTIFF"):
        with_mask(scene, tmp_path / "mask.txt")
    with pytest.raises(SceneError, match=r"truncated|damaged"):
        with_mask(scene, cut(write_tiff(tmp_path / "mask.tif", np.ones((200, 200), np.uint8)), 0.9))
    with pytest.raises(SceneError, match="dims"):
        with_mask(scene, xr.DataArray(MASK))
