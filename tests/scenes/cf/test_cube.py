import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from tests.scenes.products import cf as product


@pytest.mark.parametrize(
    "dims",
    [
        ("band", "y", "x"),
        ("y", "x", "band"),
        ("latitude", "longitude", "wavelengths"),
        ("rows", "spectral", "columns"),
        ("a", "b", "bands"),
        ("northing", "easting", "k"),
    ],
)
def test_axes_are_told_by_their_names(tmp_path, dims):
    values = product.cube()
    band = next((dim for dim in dims if dim in ("band", "wavelengths", "spectral", "bands", "k")), None)
    axes = [dims.index(band), *(i for i, dim in enumerate(dims) if dim != band)]
    stored = values.transpose(np.argsort(axes))
    scene = open_scene(product.write(tmp_path / "a.nc", {"cube": (dims, stored)}))
    np.testing.assert_array_equal(scene.values, values)


def test_axes_are_told_by_the_attributes_of_their_coordinates(tmp_path):
    values = product.cube()
    variables = {
        "cube": (("v", "u", "w"), values.transpose(1, 2, 0)),
        "v": ("v", np.arange(5.0)[::-1], {"standard_name": "projection_y_coordinate"}),
        "u": ("u", np.arange(7.0), {"axis": "X"}),
        "w": ("w", product.WAVELENGTHS, {"standard_name": "radiation_wavelength", "units": "nm"}),
    }
    scene = open_scene(product.write(tmp_path / "a.nc", variables))
    np.testing.assert_array_equal(scene.values, values)
    np.testing.assert_array_equal(scene.wavelength, product.WAVELENGTHS)


def test_a_single_date_is_no_axis(tmp_path):
    values = product.cube()
    scene = open_scene(product.write(tmp_path / "a.nc", {"cube": (("time", "band", "y", "x"), values[None])}))
    np.testing.assert_array_equal(scene.values, values)


def test_a_scene_of_one_row_keeps_it(tmp_path):
    scene = open_scene(product.write(tmp_path / "a.nc", {"cube": (("band", "y", "x"), product.cube(height=1))}))
    assert scene.shape == (3, 1, 7)


def test_of_several_cubes_the_reflectance_is_taken(tmp_path):
    dims, values = ("band", "y", "x"), product.cube()
    variables = {"reflectance_uncertainty": (dims, values + 1), "surface_reflectance": (dims, values)}
    np.testing.assert_array_equal(open_scene(product.write(tmp_path / "a.nc", variables)).values, values)


def test_of_several_cubes_one_has_to_be_named(tmp_path):
    dims, values = ("band", "y", "x"), product.cube()
    path = product.write(tmp_path / "a.nc", {"one": (dims, values), "two": (dims, values + 1)})
    with pytest.raises(SceneError, match=r"more than one .*variable=… with one of: one 3 × 5 × 7, two 3 × 5 × 7"):
        open_scene(path)
    np.testing.assert_array_equal(open_scene(path, "two").values, values + 1)
    with pytest.raises(SceneError, match="called 'three'"):
        open_scene(path, "three")


def test_groups_have_what_their_parents_have(tmp_path):
    """The structure of AVIRIS-3 L2A reflectance: places in the root, the cube in a group."""
    path = tmp_path / "a.nc"
    place = {
        "northing": ("northing", 5000.0 - 10 * np.arange(5)),
        "easting": ("easting", 300.0 + 10 * np.arange(7)),
        "transverse_mercator": ((), 0, {"spatial_ref": "EPSG:32611"}),
    }
    product.write(path, place)
    cube = ("wavelength", "northing", "easting"), product.cube(), {"grid_mapping": "transverse_mercator"}
    bands = {"wavelength": ("wavelength", product.WAVELENGTHS, {"units": "nm"}), "fwhm": ("wavelength", [7.0] * 3)}
    product.write(path, {"reflectance": cube} | bands, group="reflectance")
    for variable in (None, "reflectance", "reflectance/reflectance"):
        scene = open_scene(path, variable)
        assert scene.rio.crs.to_epsg() == 32611
        assert (float(scene.x[0]), float(scene.y[0])) == (300.0, 5000.0)
        np.testing.assert_array_equal(scene.wavelength, product.WAVELENGTHS)
        np.testing.assert_array_equal(scene.fwhm, 7.0)


def test_a_file_without_a_cube(tmp_path):
    path = product.write(tmp_path / "a.nc", {"elevation": (("y", "x"), np.zeros((5, 7)))})
    with pytest.raises(SceneError, match="holds no cube of numbers"):
        open_scene(path)


def test_axes_that_nobody_can_tell(tmp_path):
    path = product.write(tmp_path / "a.nc", {"cube": (("a", "b", "c"), product.cube())})
    with pytest.raises(SceneError, match=r"cube \(a, b, c\); name the dimensions"):
        open_scene(path)
