import pickle
import shutil

import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import tiles_of
from spectralmamba.scenes.envi.array import EnviArray
from tests.scenes.products import cube, write_tiff

from .made import CODES, UTM, listed, write_envi

VALUES = cube(4, 5, 7)


@pytest.mark.parametrize("interleave", ["bsq", "bil", "bip"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", CODES)
def test_every_layout(tmp_path, interleave, order, dtype):
    values = (VALUES % 120).astype(dtype)
    path = write_envi(tmp_path / "a.img", values, interleave=interleave, order=order, before=b"x" * 13)
    scene = open_scene(path)
    np.testing.assert_array_equal(scene.values, values)
    assert scene.dtype == np.float32


@pytest.mark.parametrize("interleave", ["bsq", "bil", "bip"])
@pytest.mark.parametrize(
    "key",
    [
        (slice(None), slice(1, 3), slice(2, 6)),
        ([2, 0], slice(None), [4, 1]),
        (1, 2, 3),
        (slice(None, None, -2), slice(4, 0, -1), -1),
    ],
)
def test_windows(tmp_path, interleave, key):
    scene = open_scene(write_envi(tmp_path / "a.img", VALUES, interleave=interleave))
    wanted = VALUES
    for axis, one in reversed(list(enumerate(key))):
        wanted = np.take(wanted, one, axis) if not isinstance(one, slice) else wanted[(slice(None),) * axis + (one,)]
    np.testing.assert_array_equal(scene[key].values, wanted)


def test_a_window_only_itself(tmp_path, monkeypatch):
    windows = []
    read_window = EnviArray.read_window
    monkeypatch.setattr(
        EnviArray, "read_window", lambda self, *window: windows.append(window[1:]) or read_window(self, *window)
    )
    scene = open_scene(write_envi(tmp_path / "a.img", VALUES))
    windows.clear()  # what was looked at for empty bands
    assert scene[:, 1:3, 2:4].values.shape == (4, 2, 2)
    assert windows == [(slice(1, 3), slice(2, 4))]
    again = pickle.loads(pickle.dumps(scene))  # noqa: S301
    np.testing.assert_array_equal(again.values, VALUES)


@pytest.mark.parametrize(
    ("image", "header"),
    [
        ("flight.img", "flight.hdr"),
        ("flight.img", "flight.img.hdr"),
        ("flight_rfl_img", "flight_rfl_img.hdr"),
        ("flight.v1_img", "flight.v1_img.HDR"),
        ("flight.img", "flight.Hdr"),
        ("flight.strange", "flight.hdr"),
    ],
)
def test_the_image_or_its_header_opens(tmp_path, image, header):
    write_envi(tmp_path / image, VALUES, header=tmp_path / header)
    (tmp_path / "flight.txt").write_text("a note")
    for name in (image, header):
        scene = open_scene(tmp_path / name)
        np.testing.assert_array_equal(scene.values, VALUES)
        assert scene.attrs["source"] == str(tmp_path / image)
    np.testing.assert_array_equal(open_scene(tmp_path).values, VALUES)


def test_images_of_one_stem_have_their_own_headers(tmp_path):
    write_envi(tmp_path / "a.img", VALUES)
    write_envi(tmp_path / "a", VALUES + 1)
    for name, wanted in {"a": VALUES + 1, "a.hdr": VALUES + 1, "a.img": VALUES, "a.img.hdr": VALUES}.items():
        np.testing.assert_array_equal(open_scene(tmp_path / name).values, wanted)


def test_a_folder_of_images_is_a_mosaic(tmp_path):
    write_envi(tmp_path / "a.img", VALUES, header=tmp_path / "a.hdr")
    write_envi(tmp_path / "b.img", VALUES + 1, map_info=UTM.replace("366015", str(366015 + 7 * 30)))
    scene = open_scene(tmp_path)
    assert scene.shape == (4, 5, 14)
    np.testing.assert_array_equal(scene.values, np.concatenate([VALUES, VALUES + 1], axis=2))
    assert [tile["name"] for tile in tiles_of(scene)] == ["a.img", "b.img"]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ({"lines": None}, "no field 'lines'"),
        ({"samples": None}, "no field 'samples'"),
        ({"bands": None}, "no field 'bands'"),
        ({"lines": 0}, "lines as 0"),
        ({"data_type": None}, "no field 'data type'"),
        ({"data_type": 7}, "data type 7, which ENVI does not define"),
        ({"data_type": 6}, "complex values"),
        ({"data_type": 9}, "complex values"),
        ({"byte_order": 2}, "byte order 2"),
        ({"header_offset": -1}, "cannot be negative"),
        ({"interleave": "zig"}, "interleave 'zig'"),
        ({"interleave": None}, "no field 'interleave'"),
        ({"file_compression": 1}, "compressed"),
        ({"major_frame_offsets": "{0, 4}"}, "major frame offsets"),
        ({"file_type": "ENVI Classification"}, "goes to open_labels"),
        ({"file_type": "ENVI Spectral Library"}, "spectral library has 1"),
        ({"bands": 1, "lines": 20}, "1 band"),
        ({"wavelength": "{400, blue, 500, 600}"}, "wavelength that is not a number"),
        ({"wavelength": "{400, 500, 600}"}, "3 values of wavelength for 4 bands"),
        ({"fwhm": "{10}"}, "1 values of fwhm for 4 bands"),
        ({"bbl": "{1, 1, 1, 1, 1}"}, "5 values of bbl for 4 bands"),
        ({"wavelength": "{4, 5, 6, 7}", "wavelength_units": "furlongs"}, "'furlongs', which is not a known unit"),
        ({"data_gain_values": "{1, 2}"}, "2 values of data gain values for 4 bands"),
        ({"reflectance_scale_factor": "0"}, "no positive number"),
        ({"data_ignore_value": "{0, 1}"}, "different data ignore values"),
        ({"data_ignore_value": "none"}, "data ignore value that is not a number"),
        ({"map_info": "{UTM, 1, 1, east}"}, "map info that cannot be understood"),
        ({"map_info": "{UTM, 1, 1, 366015, 5809965, 0, 30, 33, North, WGS-84}"}, "pixel size of 0"),
    ],
)
def test_headers_that_cannot_be_followed(tmp_path, field, message):
    path = write_envi(tmp_path / "a.img", VALUES, **field)
    with pytest.raises(SceneError, match=message) as caught:
        open_scene(path)
    assert "\n" not in str(caught.value)
    assert "a.img" in str(caught.value)


def test_data_shorter_than_the_header_says(tmp_path):
    path = write_envi(tmp_path / "a.img", VALUES)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SceneError, match="is truncated: its header says 5 lines × 7 samples × 4 bands of 2 bytes, 280"):
        open_scene(path)


def test_data_that_got_shorter_after_opening(tmp_path):
    path = write_envi(tmp_path / "a.img", VALUES)
    scene = open_scene(path)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(SceneError, match="is truncated"):
        _ = scene.values
    path.unlink()
    with pytest.raises(SceneError, match="no longer there"):
        _ = scene.values


def test_data_longer_than_the_header_says_is_mentioned(tmp_path, caplog):
    path = write_envi(tmp_path / "a.img", VALUES)
    path.write_bytes(path.read_bytes() + b"more")
    np.testing.assert_array_equal(open_scene(path).values, VALUES)
    assert "longer than its header says" in caplog.text


def test_a_header_without_its_image_and_the_reverse(tmp_path):
    path = write_envi(tmp_path / "a.img", VALUES)
    image = path.rename(tmp_path / "elsewhere")
    with pytest.raises(SceneError, match=r"has no image beside it; put it there as a\.img"):
        open_scene(tmp_path / "a.img.hdr")
    with pytest.raises(SceneError, match=r"elsewhere is not a scene"):
        open_scene(image)


def test_the_header_of_a_tiff_names_the_tiff(tmp_path):
    path = write_envi(tmp_path / "a", VALUES)
    path.unlink()
    write_tiff(path, VALUES)
    with pytest.raises(SceneError, match="is a TIFF; pass that file itself"):
        open_scene(tmp_path / "a.hdr")


def test_one_array_has_no_variables(tmp_path):
    with pytest.raises(SceneError, match="leave out variable='x'"):
        open_scene(write_envi(tmp_path / "a.img", VALUES), variable="x")


def test_bands_by_wavelength_keep_their_numbers(tmp_path):
    scene = open_scene(write_envi(tmp_path / "a.img", VALUES, wavelength=listed([500, 400, 700, 600])))
    assert scene["wavelength"].values.tolist() == [400, 500, 600, 700]
    assert scene["band"].values.tolist() == [2, 1, 4, 3]
    np.testing.assert_array_equal(scene.values, VALUES[[1, 0, 3, 2]])


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "shape", "ends", "n_good"),
    [
        ("aviris_ng/ang20170323t202244_rdn_7000-7010", (425, 10, 10), (376.86, 2500.54), 364),
        ("emit_envi/emit20250324t221005_jpl_unmix_ex", (285, 10, 10), (381.006, 2492.924), 244),
        ("prism_two_px/prm20231110t071521_rdn_two_px", (246, 2, 1), (350.555, 1045.649), 246),
        ("qps/envi", (177, 7, 10), (460.0, 2409.0), 175),
    ],
)
def test_real_images_as_gdal_reads_them(data_folder, tmp_path, name, shape, ends, n_good):
    path = data_folder / "sensor_io" / name
    scene = open_scene(path)
    assert scene.shape == shape
    np.testing.assert_allclose(scene["wavelength"].values[[0, -1]], ends, atol=1e-3)
    assert int(scene["good"].sum()) == n_good
    with rasterio.open(path, driver="ENVI") as dataset:
        np.testing.assert_array_equal(scene.values[np.argsort(scene["band"].values)], dataset.read())
        assert scene.rio.crs == dataset.crs
        assert scene.rio.transform() == dataset.transform
    header = shutil.copy(f"{path}.hdr", tmp_path)
    with pytest.raises(SceneError, match="has no image beside it"):
        open_scene(header)
