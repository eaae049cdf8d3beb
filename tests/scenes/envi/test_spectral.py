import numpy as np
import pytest

from spectralmamba import open_scene
from tests.scenes.products import cube

from .made import listed, write_envi

VALUES = cube(3, 2, 4)


def opened(folder, **fields):
    return open_scene(write_envi(folder / "a.img", fields.pop("values", VALUES), **fields))


@pytest.mark.parametrize(
    ("unit", "wavelength", "fwhm"),
    [
        ("Nanometers", [450, 550, 650], [5, 6, 7]),
        ("nm", [450, 550, 650], [5, 6, 7]),
        (None, [450, 550, 650], [5, 6, 7]),
        ("Micrometers", [0.45, 0.55, 0.65], [0.005, 0.006, 0.007]),
        ("µm", [0.45, 0.55, 0.65], [0.005, 0.006, 0.007]),
        ("Unknown", [0.45, 0.55, 0.65], [0.005, 0.006, 0.007]),
        (None, [0.45, 0.55, 0.65], [0.005, 0.006, 0.007]),
    ],
)
def test_wavelengths_come_in_nanometres(tmp_path, unit, wavelength, fwhm):
    scene = opened(tmp_path, wavelength=listed(wavelength), fwhm=listed(fwhm), wavelength_units=unit)
    np.testing.assert_allclose(scene["wavelength"], [450, 550, 650])
    np.testing.assert_allclose(scene["fwhm"], [5, 6, 7])


def test_band_numbers_are_no_wavelengths(tmp_path):
    scene = opened(tmp_path, wavelength="{1, 2, 3}", wavelength_units="Index")
    assert scene["wavelength"].isnull().all()
    assert opened(tmp_path)["wavelength"].isnull().all()


def test_bad_bands(tmp_path):
    assert opened(tmp_path, bbl="{1, 0, 1}")["good"].values.tolist() == [True, False, True]
    assert opened(tmp_path)["good"].all()


@pytest.mark.parametrize(
    ("fields", "gains", "offsets"),
    [
        ({}, 1, 0),
        ({"reflectance_scale_factor": "10000.0"}, 1e-4, 0),
        ({"scale_factor": "10000"}, 1e-4, 0),
        ({"scale_factor": "0.0001"}, 1e-4, 0),
        ({"reflectance_scale_factor": "0.0001"}, 1e-4, 0),
        ({"data_gain_values": "{0.1, 0.2, 0.3}", "data_offset_values": "{1, 2, 3}"}, [0.1, 0.2, 0.3], [1, 2, 3]),
        ({"data_gain_values": "{0.1, 0.2, 0.3}"}, [0.1, 0.2, 0.3], 0),
        ({"data_offset_values": "{1, 2, 3}"}, 1, [1, 2, 3]),
        ({"data_gain_values": "{9, 9, 9}", "data_reflectance_gain_values": "{0.1, 0.2, 0.3}"}, [0.1, 0.2, 0.3], 0),
        ({"data_gain_values": "{9, 9, 9}", "reflectance_scale_factor": "100"}, 0.01, 0),
    ],
)
def test_scaling(tmp_path, fields, gains, offsets):
    scene = opened(tmp_path, data_ignore_value="-9999", **fields)
    gains, offsets = (np.broadcast_to(each, 3)[:, None, None] for each in (gains, offsets))
    np.testing.assert_allclose(scene.values, VALUES * gains + offsets, rtol=1e-6)


def test_gains_that_a_scale_factor_overrules_are_mentioned(tmp_path, caplog):
    opened(tmp_path, data_gain_values="{9, 9, 9}", reflectance_scale_factor="100")
    assert "its data gain values are not" in caplog.text
    caplog.clear()
    opened(tmp_path, data_gain_values="{0.01, 0.01, 0.01}", reflectance_scale_factor="100")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("dtype", "ignored", "stored"),
    [
        ("i2", "-9999", -9999),
        ("f4", "-3.40282346639e+38", np.finfo("f4").min),
        ("f4", "-3.40282e+038", np.finfo("f4").min),
        ("f8", "-1.797693e+308", np.finfo("f8").min),
        ("f4", "-9.99999979e+033", -1e34),
        ("f8", "-1.0E-34", -1e-34),
        ("u1", "255", 255),
        ("f4", "nan", np.nan),
        ("i4", "{-9999, -9999, -9999}", -9999),
    ],
)
def test_the_value_to_ignore_is_missing_whatever_the_scale(tmp_path, dtype, ignored, stored):
    values = (VALUES % 100).astype(dtype)
    values[1, 0, 2] = stored
    scene = opened(tmp_path, values=values, data_ignore_value=ignored, reflectance_scale_factor=10)
    assert np.argwhere(np.isnan(scene.values)).tolist() == [[1, 0, 2]]
    assert np.isnan(scene.rio.nodata)


@pytest.mark.parametrize(("dtype", "ignored"), [("u1", "-9999"), ("f4", "1.7976931348623157e+308"), ("i2", "1e30")])
def test_a_value_to_ignore_that_the_type_cannot_hold_ignores_nothing(tmp_path, dtype, ignored):
    scene = opened(tmp_path, values=(VALUES % 100).astype(dtype), data_ignore_value=ignored)
    assert not np.isnan(scene.values).any()
