import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import exclusion_counts
from spectralmamba.scenes.geotiff import GeoTiffArray

from . import CRS, TRANSFORM, cut, write_tiff
from .dlr import ENMAP, NODATA, WAVELENGTHS, stored, write_enmap

OFFSETS = np.arange(1, 9)[:, None, None] / 100


def expected():
    values = stored()
    values[7] = NODATA
    return np.where(values == NODATA, np.nan, values * 1e-4 + OFFSETS)


@pytest.mark.parametrize("image", ["-SPECTRAL_IMAGE.TIF", "-SPECTRAL_IMAGE_COG.TIF", "-SPECTRAL_IMAGE.BSQ"])
def test_a_product(tmp_path, image):
    scene = open_scene(write_enmap(tmp_path / "product", image=image))
    assert scene.name == ENMAP
    assert scene.attrs["format"] == "EnMAP L2A"
    np.testing.assert_allclose(scene.values, expected(), rtol=1e-5)
    np.testing.assert_allclose(scene["wavelength"], WAVELENGTHS)
    np.testing.assert_allclose(scene["fwhm"], np.arange(7, 15))
    assert scene.rio.crs == rasterio.crs.CRS.from_string(CRS)
    assert scene.rio.transform() == TRANSFORM
    assert scene.rio.encoded_nodata == NODATA
    assert not scene.variable._in_memory


def test_coordinates_are_those_of_gdal(tmp_path):
    folder = write_enmap(tmp_path)
    scene = open_scene(folder)
    with rasterio.open(folder / f"{ENMAP}-SPECTRAL_IMAGE.TIF") as dataset:
        assert (float(scene["x"][4]), float(scene["y"][3])) == dataset.xy(3, 4)


def test_one_detector_is_used_at_each_wavelength(tmp_path):
    scene = open_scene(write_enmap(tmp_path))
    assert scene["detector"].values.tolist() == ["VNIR", "VNIR", "SWIR", "VNIR", "SWIR", "VNIR", "SWIR", "SWIR"]
    # The overlap is from 915 to 990 nm, its middle 952.5; band 8 has no data.
    assert scene["wavelength"].values[scene["good"].values].tolist() == [850, 910, 950, 955, 1000]


def test_an_image_ordered_by_detector_comes_by_wavelength(tmp_path):
    scene = open_scene(write_enmap(tmp_path, vnir="1,2,3,4", swir="5,6,7,8"))
    assert scene["good"].values.tolist() == [True] * 7 + [False]
    assert (np.diff(scene["wavelength"].values) > 0).all()


def test_a_band_that_no_detector_expects_is_not_good(tmp_path):
    scene = open_scene(write_enmap(tmp_path, vnir="2,4,6"))
    assert scene["detector"].values[0] == ""
    assert not scene["good"].values[0]


def test_quality_layers_leave_pixels_out(tmp_path):
    scene = open_scene(write_enmap(tmp_path))
    assert exclusion_counts(scene) == {"cloud": 1, "cloud shadow": 2, "cirrus": 3, "haze": 4, "snow": 5}
    assert int(scene["excluded"].sum()) == 15
    assert scene["excluded"].values[2].tolist() == [False, True, True, True, False, False]
    assert "excluded" not in open_scene(tmp_path, quality=False).coords


def test_a_product_without_quality_layers_says_so(tmp_path, caplog):
    folder = write_enmap(tmp_path)
    for path in folder.glob("*-QL_*"):
        path.unlink()
    assert "excluded" not in open_scene(folder).coords
    assert "no quality layer" in caplog.text


@pytest.mark.parametrize("part", ["METADATA.XML", "SPECTRAL_IMAGE.TIF", "QL_QUALITY_CLOUD.TIF", "HISTORY.XML"])
def test_any_file_of_the_product_opens_it(tmp_path, part):
    scene = open_scene(write_enmap(tmp_path) / f"{ENMAP}-{part}")
    assert scene.attrs["source"].endswith("SPECTRAL_IMAGE.TIF")
    np.testing.assert_allclose(scene.values, expected(), rtol=1e-5)


def test_the_header_of_an_envi_product_opens_it(tmp_path):
    scene = open_scene(write_enmap(tmp_path, image="-SPECTRAL_IMAGE.BSQ") / f"{ENMAP}-SPECTRAL_IMAGE.HDR")
    np.testing.assert_allclose(scene.values, expected(), rtol=1e-5)


def test_pixels_are_read_by_window(tmp_path, monkeypatch):
    windows = []
    read_window = GeoTiffArray.read_window
    monkeypatch.setattr(
        GeoTiffArray, "read_window", lambda self, *window: windows.append(window[1:]) or read_window(self, *window)
    )
    scene = open_scene(write_enmap(tmp_path))
    windows.clear()  # what was looked at for empty bands
    np.testing.assert_allclose(scene[:, 1:3, 2:4].values, expected()[:, 1:3, 2:4], rtol=1e-5)
    assert windows == [(slice(1, 3), slice(2, 4))]


def test_two_products_are_one_mosaic_if_listed(tmp_path):
    folders = [write_enmap(tmp_path / name) for name in "ab"]
    write_tiff(folders[1] / f"{ENMAP}-SPECTRAL_IMAGE.TIF", stored(), transform=TRANSFORM @ TRANSFORM.translation(6, 0))
    scene = open_scene(folders)
    assert scene.shape == (8, 5, 12)
    assert exclusion_counts(scene) == {"cloud": 2, "cloud shadow": 4, "cirrus": 6, "haze": 8, "snow": 10}
    assert scene["excluded"].values[4].tolist() == ([False] + [True] * 5) * 2


def remove(part):
    return lambda folder: [path.unlink() for path in folder.glob(f"*-{part}*")]


def replace(part, old, new):
    def change(folder):
        (path,) = folder.glob(f"*-{part}*")
        path.write_text(path.read_text().replace(old, new))

    return change


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (remove("METADATA"), r"EnMAP product .* has no metadata; put .*-METADATA\.XML"),
        (remove("SPECTRAL_IMAGE"), "no spectral image"),
        (lambda folder: cut(folder / f"{ENMAP}-METADATA.XML", 0.7), r"METADATA\.XML is damaged"),
        (lambda folder: cut(folder / f"{ENMAP}-SPECTRAL_IMAGE.TIF", 0.7), "truncated|damaged"),
        (replace("METADATA", "<level>L2A", "<level>L1C"), "level L1C, which is not orthorectified"),
        (replace("METADATA", "bandID", "bond"), "lists no bands"),
        (replace("METADATA", "0.0001", "much"), "cannot be understood .*much"),
        (replace("METADATA", "<GainOfBand>0.0001</GainOfBand>", ""), "no GainOfBand"),
        (replace("METADATA", f"{NODATA}<", "none<"), "cannot be understood .*none"),
        (lambda folder: write_tiff(folder / f"{ENMAP}-SPECTRAL_IMAGE.TIF", stored(7)), "has 7 bands but .* list 8"),
        (
            lambda folder: write_tiff(folder / f"{ENMAP}-QL_QUALITY_HAZE.TIF", np.ones((4, 4), np.uint8)),
            "HAZE.TIF has 4 × 4 pixels",
        ),
        (lambda folder: write_enmap(folder, stem=ENMAP.replace("008", "009")), "holds 2 products"),
    ],
)
def test_what_is_missing_or_damaged(tmp_path, damage, message):
    folder = write_enmap(tmp_path)
    damage(folder)
    with pytest.raises(SceneError, match=message) as caught:
        open_scene(folder)
    assert "\n" not in str(caught.value)


def test_an_image_without_its_metadata(tmp_path):
    folder = write_enmap(tmp_path)
    remove("METADATA")(folder)
    with pytest.raises(SceneError, match="has no metadata"):
        open_scene(folder / f"{ENMAP}-SPECTRAL_IMAGE.TIF")


def test_one_image_has_no_variables(tmp_path):
    with pytest.raises(SceneError, match="leave out variable='x'"):
        open_scene(write_enmap(tmp_path), variable="x")
