import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
import rioxarray  # noqa: F401
from affine import Affine
from rasterio.control import GroundControlPoint

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from spectralmamba.scenes import raster
from spectralmamba.scenes.geotiff import GeoTiffArray

from .products import CRS, TRANSFORM, band_tags, cube, cut, directory_first, write_tiff

pytestmark = pytest.mark.filterwarnings("error::rasterio.errors.NotGeoreferencedWarning")


@pytest.fixture
def product(tmp_path):
    values = cube()
    values[:, 1, 2] = -32768
    values[1, 3, 3] = -32768
    tags = band_tags(3)
    tags[1]["bbl"] = "0"
    path = tmp_path / "flight.tif"
    write_tiff(path, values, tags=tags, nodata=-32768, scales=[1e-4, 1e-4, 2e-4], offsets=[0.0, 0.5, 0.0])
    return path, values


def expected(values):
    scaled = values.astype(np.float64) * np.array([1e-4, 1e-4, 2e-4])[:, None, None]
    scaled[1] += 0.5
    return np.where(values == -32768, np.nan, scaled)


def test_a_scene_has_the_form_that_everything_relies_on(product):
    path, values = product
    scene = open_scene(path)
    assert scene.dims == ("band", "y", "x")
    assert scene.dtype == np.float32
    assert scene.name == "flight"
    assert scene.attrs["source"] == str(path)
    np.testing.assert_allclose(scene.values, expected(values), rtol=1e-6)
    np.testing.assert_allclose(scene["wavelength"], [400.5, 410.5, 420.5])
    np.testing.assert_allclose(scene["fwhm"], 6.5)
    assert scene["good"].values.tolist() == [True, False, True]


def test_georeferencing_and_nodata_follow_rioxarray(product):
    scene = open_scene(product[0])
    assert scene.rio.crs == rasterio.crs.CRS.from_string(CRS)
    assert scene.rio.transform() == TRANSFORM
    assert np.isnan(scene.rio.nodata)
    assert scene.rio.encoded_nodata == -32768
    with rasterio.open(product[0]) as dataset:
        assert dataset.xy(4, 6) == (scene["x"].values[6], scene["y"].values[4])


def test_a_part_keeps_what_the_scene_has(product):
    part = open_scene(product[0]).isel(y=slice(1, 3), x=slice(2, 4), band=[0, 2])
    assert part.rio.encoded_nodata == -32768
    assert part.rio.transform() == Affine(30, 0, TRANSFORM.c + 60, 0, -30, TRANSFORM.f - 30)
    assert part["wavelength"].values.tolist() == [400.5, 420.5]
    assert part.attrs["source"] == str(product[0])


def test_a_window_reads_only_itself(product, monkeypatch):
    windows = []
    read_window = GeoTiffArray.read_window

    def watched(self, bands, rows, cols):
        windows.append((bands.tolist(), rows, cols))
        return read_window(self, bands, rows, cols)

    monkeypatch.setattr(GeoTiffArray, "read_window", watched)
    scene = open_scene(product[0])
    windows.clear()  # what was looked at for empty bands
    part = scene.isel(y=slice(1, 3), x=slice(2, 6))
    assert windows == []
    np.testing.assert_allclose(part.values, expected(product[1])[:, 1:3, 2:6], rtol=1e-6)
    assert windows == [([0, 1, 2], slice(1, 3), slice(2, 6))]
    assert not scene.variable._in_memory


@pytest.mark.parametrize(
    "key",
    [
        (slice(None), slice(None), slice(None)),
        (slice(2, 0, -1), slice(None, None, -2), slice(6, 1, -3)),
        (1, 2, 3),
        ([2, 0], [4, 0, 1], [6]),
        (slice(0, 0), slice(None), slice(None)),
        (slice(None), -1, slice(-2, None)),
    ],
)
def test_every_kind_of_index_reads_what_numpy_would(product, key):
    wanted = expected(product[1])
    for axis, one in reversed(list(enumerate(key))):
        wanted = np.take(wanted, one, axis) if not isinstance(one, slice) else wanted[(slice(None),) * axis + (one,)]
    np.testing.assert_allclose(open_scene(product[0])[key].values, wanted, rtol=1e-6)


def test_a_scene_can_be_pickled_and_chunked(product):
    scene = open_scene(product[0])
    again = pickle.loads(pickle.dumps(scene))  # noqa: S301
    assert not again.variable._in_memory
    np.testing.assert_array_equal(again.values, scene.values)
    np.testing.assert_array_equal(scene.chunk({"y": 2, "x": 3}).compute(scheduler="threads").values, scene.values)


@pytest.mark.parametrize(
    ("unit", "wavelength", "nanometres"),
    [
        ("nm", "550", 550),
        ("NANOMETERS", "550", 550),
        ("µm", "0.55", 550),
        ("μm", "0.55", 550),
        ("Micrometers", "0.55", 550),
        ("", "550", 550),
        ("Unknown", "550", 550),
        ("", "0.55", 550),
    ],
)
def test_wavelengths_come_in_nanometres(tmp_path, unit, wavelength, nanometres):
    tags = band_tags(2, wavelength=wavelength, fwhm=wavelength, wavelength_units=unit)
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(2), tags=tags))
    np.testing.assert_allclose(scene["wavelength"], nanometres)
    np.testing.assert_allclose(scene["fwhm"], nanometres)


def test_the_imagery_tags_of_gdal_fill_in(tmp_path):
    imagery = [{"CENTRAL_WAVELENGTH_UM": "0.55", "FWHM_UM": "0.01"}, {"CENTRAL_WAVELENGTH_UM": "2.2"}]
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(2), imagery=imagery))
    np.testing.assert_allclose(scene["wavelength"], [550, 2200])
    np.testing.assert_allclose(scene["fwhm"], [10, np.nan])


def test_without_metadata_everything_is_unknown_and_good(tmp_path):
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(), crs=None, transform=None))
    assert scene["wavelength"].isnull().all()
    assert scene["good"].all()
    assert scene.rio.crs is None
    assert "x" not in scene.coords
    assert np.isnan(scene.rio.nodata)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_what_float64_has_for_missing(tmp_path):
    values = cube(2).astype(np.float64)
    values[0, 1, 2] = np.finfo(np.float64).min
    scene = open_scene(write_tiff(tmp_path / "a.tif", values, nodata=np.finfo(np.float64).min))
    assert np.argwhere(np.isnan(scene.values)).tolist() == [[0, 1, 2]]
    assert np.isnan(scene.rio.nodata)
    assert scene.rio.encoded_nodata is None


def test_nan_as_nodata(tmp_path):
    values = cube().astype(np.float32)
    values[:, 0, 0] = np.nan
    scene = open_scene(write_tiff(tmp_path / "a.tif", values, nodata=np.nan))
    np.testing.assert_array_equal(scene.values, values)


def test_control_points_are_not_passed_over_in_silence(tmp_path, caplog):
    points = [GroundControlPoint(row, col, 500 + col, 900 - row) for row, col in [(0, 0), (0, 4), (4, 0), (4, 4)]]
    write_tiff(tmp_path / "raw.tif", cube())
    with rasterio.open(tmp_path / "raw.tif", "r+") as file:
        file.gcps = (points, CRS)  # which takes the transform away
    scene = open_scene(tmp_path / "raw.tif")
    assert scene.rio.crs is None
    assert "raw.tif is placed by ground control points alone" in caplog.text
    assert "gdalwarp" in caplog.text


def test_a_rotated_grid_has_a_transform_but_no_axes(tmp_path):
    turned = Affine(20.0, 5.0, 366015.0, 5.0, -20.0, 5809965.0)
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(), transform=turned))
    assert scene.rio.transform() == turned
    assert "x" not in scene.coords


@pytest.mark.parametrize("share", [0.0002, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("layout", [{"INTERLEAVE": "BAND"}, {"INTERLEAVE": "PIXEL"}, {"BIGTIFF": "YES"}])
@pytest.mark.parametrize("compress", ["NONE", "DEFLATE"])
def test_a_truncated_file_fails_at_opening(tmp_path, layout, compress, share):
    path = directory_first(write_tiff(tmp_path / "a.tif", cube(8, 40, 50)), COMPRESS=compress, **layout)
    open_scene(path)
    with pytest.raises(SceneError, match="is truncated" if share > 0.2 else "damaged|format"):
        open_scene(cut(path, share))


def test_a_file_cut_within_its_directory_fails_at_opening(tmp_path):
    path = write_tiff(tmp_path / "a.tif", cube(8, 40, 50), compress="deflate")
    with pytest.raises(SceneError, match=r"truncated|damaged"):
        open_scene(cut(path, 0.9))


@pytest.mark.parametrize("options", [{"SPARSE_OK": True}, {"tiled": True, "blockxsize": 16, "blockysize": 16}])
def test_a_whole_file_is_not_called_truncated(tmp_path, options):
    values = cube(2, 40, 40)
    values[:, 16:] = 0
    scene = open_scene(write_tiff(tmp_path / "a.tif", values, BIGTIFF="YES", compress="lzw", **options))
    np.testing.assert_array_equal(scene.values, values)


def test_only_a_sample_of_very_many_blocks_is_checked(tmp_path, monkeypatch):
    monkeypatch.setattr(raster, "_BLOCKS_CHECKED", 4)
    path = directory_first(write_tiff(tmp_path / "a.tif", cube(4, 40, 50)), INTERLEAVE="BAND", BLOCKYSIZE=1)
    open_scene(path)
    with pytest.raises(SceneError, match="truncated"):
        open_scene(cut(path, 0.99))


def test_damage_that_shows_only_on_reading_is_a_scene_error(tmp_path):
    path = write_tiff(tmp_path / "a.tif", cube(2, 40, 50), compress="deflate")
    scene = open_scene(path)
    content = bytearray(path.read_bytes())
    content[-2000:] = b"\xff" * 2000
    path.write_bytes(content)
    with pytest.raises(SceneError, match="damaged"):
        _ = scene.values


def test_a_scene_whose_file_went_away(product):
    scene = open_scene(product[0])
    product[0].unlink()
    with pytest.raises(SceneError, match="no longer there"):
        _ = scene.values


def test_threads_may_read_one_scene(product):
    scene = open_scene(product[0])
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda row: scene.isel(y=row % 5).values, range(40)))
    for row, values in enumerate(rows):
        np.testing.assert_allclose(values, expected(product[1])[:, row % 5], rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (cube(1), {}, "not a hyperspectral scene: it has 1 band"),
        (cube(2).astype(np.complex64), {}, "real numbers"),
        (cube(2), {"tags": band_tags(2, wavelength_units="furlongs")}, "'furlongs', which is not a known unit"),
        (cube(2), {"tags": band_tags(2, wavelength="blue")}, "wavelength is not a number"),
    ],
)
def test_bad_input(tmp_path, values, options, message):
    path = write_tiff(tmp_path / "a.tif", values, **options)
    with pytest.raises(SceneError, match=message) as caught:
        open_scene(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_geotiff_has_no_variables(product):
    with pytest.raises(SceneError, match="leave out variable='cube'"):
        open_scene(product[0], variable="cube")


@pytest.mark.real_data
def test_an_enmap_tile(data_folder):
    scene = open_scene(data_folder / "enmap_potsdam/images/enmap_potsdam_tile_128_0.tif")
    assert scene.shape == (224, 32, 32)
    assert (np.flatnonzero(~scene["good"].values) + 1).tolist() == [*range(130, 136), 164, 165, 166]
    assert scene["wavelength"].values[0] == pytest.approx(418.24)
    assert scene.rio.crs.to_epsg() == 32633
    good = scene.isel(band=scene["good"].values)
    assert 0 < float(good.mean()) < 1
