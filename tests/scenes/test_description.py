import json

import numpy as np
import pytest
from affine import Affine
from rasterio.warp import transform

from spectralmamba import open_scene
from spectralmamba.scenes import statistics
from spectralmamba.scenes.description import describe_scene
from spectralmamba.scenes.footprint import footprint_of
from spectralmamba.scenes.gaps import fill_gaps
from spectralmamba.scenes.quality import exclude
from spectralmamba.scenes.statistics import band_statistics

from .products import CRS, TRANSFORM, cube, write_tiff
from .spectral import spectral

WAVELENGTH = [400, 500, 600, 700, 800, 1400]


@pytest.fixture
def scene():
    """6 bands, one bad and one empty; pixels that are invalid for every reason."""
    values = np.random.default_rng(0).uniform(1, 2, (6, 4, 5))
    values[4] = np.nan
    values[5] = 1000  # empty too: not two values
    values[:4, 0, :] = np.nan  # no data at all: 5
    values[1, 1, 0] = np.nan  # a gap of one
    values[1:3, 1, 1] = np.nan  # of two
    values[3, 1, 2] = np.nan  # at the end
    values[0, 3, 0] = np.nan  # of the bad band: nothing is wrong
    scene = spectral(WAVELENGTH, values, good=[False, True, True, True, True, True])
    cloud, snow = np.zeros((2, 4, 5), bool)
    cloud[:2, 3:] = True
    snow[1, 4] = True
    return exclude(scene, {"cloud": cloud, "snow": snow})


@pytest.fixture(params=[1, 10**9])
def strips(request, monkeypatch):
    """One row at a time, or all at once."""
    monkeypatch.setattr(statistics, "STRIP_BYTES", request.param)


def test_every_pixel_is_counted_once_and_says_why(scene, strips):
    found = describe_scene(scene)
    pixels = found.pixels
    assert (pixels.no_data, pixels.excluded, pixels.gaps, pixels.valid) == (5, 2, 3, 10)
    assert pixels.total == 20
    assert found.reasons == {"cloud": 4, "snow": 1}
    assert found.valid.sum() == 10
    assert found.valid[2:].all()


def test_how_many_pixels_filling_would_save(strips):
    values = np.random.default_rng(0).uniform(1, 2, (8, 2, 3))
    values[2, 0, 0] = values[[2, 4], 0, 1] = np.nan
    values[2:4, 1, 0] = values[3:6, 1, 1] = values[7, 1, 2] = np.nan
    scene = spectral(np.arange(400, 480, 10), values)
    found = describe_scene(scene).pixels
    assert found.gaps == 5
    assert found.fillable == {1: 2, 2: 3, 3: 4, 5: 4}
    for length, saved in found.fillable.items():
        assert describe_scene(fill_gaps(scene, length)).pixels.gaps == found.gaps - saved


def test_bands_and_values(scene, strips):
    found = describe_scene(scene)
    assert found.statistics.empty.tolist() == [False] * 4 + [True, True]
    assert found.used.tolist() == [False, True, True, True, False, False]
    low, high = found.value_range
    assert 1 <= low < high <= 2
    inside = scene.values[1][~scene.coords["excluded"].values]
    assert found.statistics.mean[1] == pytest.approx(np.nanmean(inside))
    assert np.isnan(found.statistics.mean[4])
    assert found.water_vapour.tolist() == [False] * 5 + [True]


def test_it_is_read_twice(scene):
    describe_scene(scene)
    rows = [rows for _, rows, _ in scene.attrs["array"].reads]
    assert rows == [slice(0, 4), slice(0, 4)]


def test_excluded_pixels_do_not_count(scene):
    values = scene.values.copy()
    values[:, 1, 4] = 1e6
    bright = spectral(WAVELENGTH, values).assign_coords(excluded=scene.coords["excluded"])
    assert band_statistics(bright).maximum[1] < 3


def test_json_holds_the_documented_keys(scene):
    document = json.loads(json.dumps(describe_scene(scene).to_json(), allow_nan=False))
    assert document["size"] == {"bands": 6, "rows": 4, "columns": 5}
    assert document["pixels"] == {
        "invalid_share": 0.5,
        "total": 20,
        "valid": 10,
        "no_data": 5,
        "excluded": 2,
        "gaps": 3,
        "fillable": {"1": 0, "2": 1, "3": 1},
        "excluded_by": {"cloud": 4, "snow": 1},
    }
    assert document["crs"] == CRS
    assert document["bands"]["mean"][4] is None
    assert document["bands"]["good"] == [False] + [True] * 5
    assert len(document["footprint"]["longitude_latitude"]) == 4


def test_an_empty_scene_has_no_range():
    found = describe_scene(spectral([400, 500], np.full((2, 3, 3), np.nan)))
    assert found.value_range is None
    assert found.pixels.no_data == 9
    assert found.to_json()["value_range"] is None


def test_the_footprint_of_a_scene_and_of_a_part(tmp_path):
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube()))
    place = footprint_of(scene.isel(y=slice(1, 3)))
    assert place.corners == ((366015, 5809935), (366225, 5809935), (366225, 5809875), (366015, 5809875))
    assert place.pixel_size == (30, 30)
    assert place.rotation == 0
    longitude, latitude = transform(CRS, "EPSG:4326", [366015], [5809935])
    assert place.longitude_latitude[0] == pytest.approx((longitude[0], latitude[0]))


def test_the_footprint_of_a_rotated_scene(tmp_path):
    rotated = TRANSFORM @ Affine.rotation(-30)
    place = footprint_of(open_scene(write_tiff(tmp_path / "a.tif", cube(), transform=rotated)))
    assert place.rotation == pytest.approx(30)
    assert place.pixel_size == pytest.approx((30, 30))
    assert place.corners[2] == pytest.approx(rotated @ (7, 5))


def test_without_georeferencing_there_is_no_footprint(tmp_path):
    scene = open_scene(write_tiff(tmp_path / "a.tif", cube(), crs=None, transform=None))
    assert footprint_of(scene) is None
    assert describe_scene(scene).to_json()["footprint"] is None
    bare = footprint_of(open_scene(write_tiff(tmp_path / "b.tif", cube(), crs=None)))
    assert bare.longitude_latitude is None
