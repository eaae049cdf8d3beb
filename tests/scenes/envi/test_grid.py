import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from tests.scenes.products import cube

from .made import write_envi

VALUES = cube(2, 3, 4)
WKT = rasterio.crs.CRS.from_epsg(32633).to_wkt(version="WKT1_ESRI")


def opened(folder, **fields):
    path = write_envi(folder / "a.img", VALUES, **fields)
    return open_scene(path), path


def place(scene, row, col):
    """Coordinates of a pixel's centre by the scene's transform."""
    t = scene.rio.transform()
    col, row = col + 0.5, row + 0.5
    return t.a * col + t.b * row + t.c, t.d * col + t.e * row + t.f


@pytest.mark.parametrize(
    "fields",
    [
        {"map_info": "{UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, units=Meters}"},
        {"map_info": "{UTM, 1.5, 1.5, 366030.0, 5809950.0, 30, 30, 33, South, WGS-84}"},
        {"map_info": "{UTM, 3, 2, 366015, 5809965, 30, 20, 10, North, North America 1983, units=Meters}"},
        {"map_info": "{UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, units=Meters, rotation=75.00000000}"},
        {"map_info": "{UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, units=Meters, rotation=-48.5}"},
        {"map_info": "{UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, units=Meters, rotation=180}"},
        {"map_info": "{Geographic Lat/Lon, 1, 1, 13.0, 52.5, 0.0003, 0.0002, WGS-84, units=Degrees}"},
        {"map_info": "{Geographic Lat/Lon, 1, 1, 46800, 189000, 1, 1, WGS-84, units=Seconds}"},
        {"map_info": "{Transverse Mercator, 1, 1, 366015, 5809965, 30, 30}", "coordinate_system_string": f"{{{WKT}}}"},
        {
            "map_info": "{Albers Conical Equal Area, 1, 1, -1e5, 2e6, 30, 30, WGS-84, units=Meters}",
            "projection_info": "{9, 6378137.0, 6356752.3, 23.0, -96.0, 0.0, 0.0, 29.5, 45.5, WGS-84, Albers}",
        },
    ],
)
def test_places_are_those_of_gdal_to_the_pixel_centre(tmp_path, fields):
    scene, path = opened(tmp_path, **fields)
    with rasterio.open(path, driver="ENVI") as dataset:
        assert scene.rio.crs == dataset.crs
        assert scene.rio.crs is not None
        for row, col in ((0, 0), (2, 3), (1, 0)):
            np.testing.assert_allclose(place(scene, row, col), dataset.xy(row, col), rtol=1e-12)
        if "x" in scene.coords:
            centres = float(scene["x"][3]), float(scene["y"][2])
            np.testing.assert_allclose(centres, dataset.xy(2, 3), rtol=1e-12)


@pytest.mark.parametrize("rotation", ["rotation=30", "rotation = 30", "Rotation=30.0"])
def test_the_reference_pixel_of_a_rotated_image_lies_where_the_header_says(tmp_path, rotation):
    scene, _ = opened(tmp_path, map_info=f"{{UTM, 2.5, 3.5, 366015, 5809965, 30, 30, 33, North, WGS-84, {rotation}}}")
    np.testing.assert_allclose(place(scene, 2, 1), (366015, 5809965))
    # One column further is 30 m away, 30 degrees to the north of east.
    np.testing.assert_allclose(place(scene, 2, 2), (366015 + 30 * np.cos(np.pi / 6), 5809965 + 15))
    assert "x" not in scene.coords


@pytest.mark.parametrize("turns", ["360", "-360.0", "720.00000000"])
def test_whole_turns_are_no_rotation(tmp_path, turns):
    scene, _ = opened(tmp_path, map_info=f"{{UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, rotation={turns}}}")
    assert tuple(scene.rio.transform())[:6] == (30, 0, 366015, 0, -30, 5809965)
    assert scene["x"].values[0] == 366030


@pytest.mark.parametrize("map_info", [None, "{Arbitrary, 1, 1, 0, 0, 1, 1, 0, North}"])
def test_images_without_a_place(tmp_path, map_info):
    scene, _ = opened(tmp_path, map_info=map_info)
    assert scene.rio.crs is None
    assert "spatial_ref" not in scene.coords
    assert "x" not in scene.coords


@pytest.mark.parametrize(("name", "more"), [("Home Made", ""), ("UTM", ", 61, North, WGS-84")])
def test_a_projection_that_nobody_knows(tmp_path, caplog, name, more):
    scene, _ = opened(tmp_path, map_info=f"{{{name}, 1, 1, 366015, 5809965, 30, 30{more}}}")
    assert scene.rio.crs is None
    assert scene["x"].values[0] == 366030
    assert f"{name!r} is not known" in caplog.text
