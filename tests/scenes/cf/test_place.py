import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from tests.scenes.products import cf as product

X = 500.0 + 20 * np.arange(7)
Y = 9000.0 - 20 * np.arange(5)


def write(path, y=Y, x=X, **variables):
    attrs = {"grid_mapping": "crs"} if "crs" in variables else {}
    cube = {"cube": (("band", "y", "x"), product.cube(), attrs), "y": ("y", y), "x": ("x", x)}
    return product.write(path, cube | variables)


def test_centres_become_a_transform(tmp_path):
    scene = open_scene(write(tmp_path / "a.nc"))
    assert tuple(scene.rio.transform())[:6] == (20, 0, 490, 0, -20, 9010)
    assert scene.rio.crs is None


def test_rows_from_south_to_north_are_turned_round(tmp_path):
    where = np.zeros((5, 7), np.uint8)
    where[0, 1] = 1
    scene = open_scene(write(tmp_path / "a.nc", y=Y[::-1], excluded=(("y", "x"), where)))
    np.testing.assert_array_equal(scene.y, Y)
    np.testing.assert_array_equal(scene.values, product.cube()[:, ::-1])
    np.testing.assert_array_equal(scene.isel(y=slice(1, 3)).values, product.cube()[:, ::-1][:, 1:3])
    assert bool(scene.excluded[4, 1])


@pytest.mark.parametrize(("stored", "north_first"), [("490 20 0 9010 0 -20", True), ("490 20 0 8910 0 20", False)])
def test_rows_that_rise_beside_a_geotransform(tmp_path, stored, north_first):
    """As GDAL and a sorted scene of rioxarray have them; a scene whose grid itself runs north stays as it was."""
    mapping = ((), 0, {"spatial_ref": "EPSG:32633", "GeoTransform": stored})
    scene = open_scene(write(tmp_path / "a.nc", y=Y[::-1], crs=mapping))
    np.testing.assert_array_equal(scene.y, Y if north_first else Y[::-1])
    np.testing.assert_array_equal(scene.values, product.cube()[:, ::-1] if north_first else product.cube())


def test_a_grid_mapping_by_its_parameters(tmp_path):
    parameters = {
        "grid_mapping_name": "transverse_mercator",
        "latitude_of_projection_origin": 0.0,
        "longitude_of_central_meridian": 15.0,
        "scale_factor_at_central_meridian": 0.9996,
        "false_easting": 500000.0,
        "false_northing": 0.0,
        "semi_major_axis": 6378137.0,
        "inverse_flattening": 298.257223563,
    }
    scene = open_scene(write(tmp_path / "a.nc", crs=((), 0, parameters)))
    assert scene.rio.crs.is_projected
    assert "15" in scene.rio.crs.to_wkt().split("central_meridian")[1][:5]


def test_a_grid_mapping_that_cannot_be(tmp_path):
    with pytest.raises(SceneError, match=r"grid mapping names no coordinate reference system.*correct its attribute"):
        open_scene(write(tmp_path / "a.nc", crs=((), 0, {"crs_wkt": "somewhere"})))


def test_degrees_without_a_grid_mapping_are_longitude_and_latitude(tmp_path):
    degrees = {"lat": ("lat", 52.0 - 0.1 * np.arange(5), {"units": "degrees_north"})}
    degrees |= {"lon": ("lon", 13.0 + 0.1 * np.arange(7), {"units": "degrees_east"})}
    path = product.write(tmp_path / "a.nc", {"cube": (("band", "lat", "lon"), product.cube())} | degrees)
    scene = open_scene(path)
    assert scene.rio.crs.to_epsg() == 4326
    assert float(scene.y[0]) == pytest.approx(52.0)


def test_uneven_coordinates_are_no_georeferencing(tmp_path, caplog):
    scene = open_scene(write(tmp_path / "a.nc", x=X**2))
    assert "x" not in scene.coords
    assert "coordinates x are not even" in caplog.text
