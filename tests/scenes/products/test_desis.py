import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclusion_counts

from .dlr import DESIS, NODATA, stored, write_desis


def expected():
    values = stored(4)
    return np.where(values == NODATA, np.nan, values * np.arange(1, 5)[:, None, None] * 1e-4 + 0.5)


@pytest.mark.parametrize("part", ["", "-METADATA.xml", "-SPECTRAL_IMAGE.tif", "-SPECTRAL_IMAGE.hdr"])
def test_a_product_by_its_folder_or_a_file(tmp_path, part):
    folder = write_desis(tmp_path / "product")
    scene = open_scene(folder / f"{DESIS}{part}" if part else folder)
    assert scene.name == DESIS
    assert scene.attrs["format"] == "DESIS L2A"
    np.testing.assert_allclose(scene.values, expected(), rtol=1e-5)
    np.testing.assert_allclose(scene["wavelength"], [401.5, 402.5, 403.5, 404.5])
    np.testing.assert_allclose(scene["fwhm"], [3.1, 3.2, 3.3, 3.4])
    with rasterio.open(folder / f"{DESIS}-SPECTRAL_IMAGE.tif") as dataset:
        assert scene.rio.crs == dataset.crs
        assert (float(scene["x"][4]), float(scene["y"][3])) == dataset.xy(3, 4)


def test_the_quality_layer_leaves_pixels_out(tmp_path):
    scene = open_scene(write_desis(tmp_path))
    assert exclusion_counts(scene) == {"cloud": 2, "shadow": 1, "haze": 2, "snow": 1}
    # Land (band 2) and water (band 8) are no fault of a pixel.
    assert np.argwhere(scene["excluded"].values).tolist() == [[0, 1], [0, 2], [1, 2], [2, 1], [3, 1], [4, 1]]


def test_without_metadata(tmp_path):
    folder = write_desis(tmp_path)
    (folder / f"{DESIS}-METADATA.xml").unlink()
    with pytest.raises(SceneError, match=r"DESIS product .* has no metadata"):
        open_scene(folder)


def test_another_level(tmp_path):
    with pytest.raises(SceneError, match=r"DESIS of level L1C, which is not orthorectified"):
        open_scene(write_desis(tmp_path, stem=DESIS.replace("L2A", "L1C")))


def test_a_background_that_is_no_number(tmp_path):
    folder = write_desis(tmp_path)
    path = folder / f"{DESIS}-METADATA.xml"
    path.write_text(path.read_text().replace(str(NODATA), "NA"))
    with pytest.raises(SceneError, match=r"cannot be understood .*NA"):
        open_scene(folder)


def test_one_image_has_no_variables(tmp_path):
    with pytest.raises(SceneError, match="leave out variable='x'"):
        open_scene(write_desis(tmp_path), variable="x")
