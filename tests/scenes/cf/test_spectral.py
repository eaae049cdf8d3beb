import numpy as np
import pytest

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from tests.scenes.products import cf as product

CUBE = (("band", "y", "x"), product.cube())


def write(path, **variables):
    return product.write(path, {"cube": CUBE} | variables)


@pytest.mark.parametrize(
    ("values", "units"), [(product.WAVELENGTHS, "nm"), (product.WAVELENGTHS / 1000, "um"), (product.WAVELENGTHS, None)]
)
def test_wavelengths_come_in_nanometres(tmp_path, values, units):
    attrs = {} if units is None else {"units": units}
    scene = open_scene(
        write(tmp_path / "a.nc", center_wavelength=("band", values, attrs), fwhm=("band", values, attrs))
    )
    np.testing.assert_allclose(scene.wavelength, product.WAVELENGTHS)
    np.testing.assert_allclose(scene.fwhm, product.WAVELENGTHS)


def test_widths_without_a_unit_have_that_of_the_wavelengths(tmp_path):
    micrometres = ("band", product.WAVELENGTHS / 1000, {"units": "micrometers"})
    scene = open_scene(write(tmp_path / "a.nc", wavelength=micrometres, fwhm=("band", [0.01, 0.01, 0.02])))
    np.testing.assert_allclose(scene.fwhm, [10, 10, 20])


def test_unknown_units_are_refused(tmp_path):
    with pytest.raises(SceneError, match="'furlong', which is not a known unit; set the attribute units"):
        open_scene(write(tmp_path / "a.nc", wavelength=("band", product.WAVELENGTHS, {"units": "furlong"})))


def test_without_wavelengths_they_are_unknown(tmp_path):
    scene = open_scene(write(tmp_path / "a.nc"))
    assert scene.wavelength.isnull().all()
    assert scene.good.all()


@pytest.mark.parametrize("name", ["good_wavelengths", "bbl", "good"])
def test_bands_that_are_not_good(tmp_path, name):
    scene = open_scene(write(tmp_path / "a.nc", **{name: ("band", np.array([1, 0, 1], np.uint8))}))
    assert scene.good.values.tolist() == [True, False, True]


def test_parameters_in_a_group_of_their_own(tmp_path):
    path = write(tmp_path / "a.nc")
    product.write(path, {"wavelengths": ("band", product.WAVELENGTHS)}, group="sensor_band_parameters")
    np.testing.assert_array_equal(open_scene(path).wavelength, product.WAVELENGTHS)
