import numpy as np
import pytest
import rasterio

from spectralmamba import open_scene
from spectralmamba.errors import SceneError
from tests.scenes.envi.made import listed, write_envi

from . import cube

NG = "ang20170323t202244"
AV3 = "AV320230821t173024"
ROTATED = "{UTM, 1.000, 1.000, 724522.127, 4074620.759, 1.1, 1.1, 12, North, WGS-84, units=Meters, rotation=75.0}"


def spectra(seed):
    values = cube(5, 4, 6, seed).astype(np.float32) / 1000
    values[:, 0, 0] = -9999
    return values


def write(folder, name, seed=0, **fields):
    own = {"wavelength": listed([400, 500, 600, 700, 800]), "fwhm": listed([5] * 5), "interleave": "bil"}
    return write_envi(folder / name, spectra(seed), **(own | fields))


def write_delivery(folder):
    """Orthorectified radiance and reflectance, radiance as the sensor saw it, and geometry."""
    write(folder, f"{NG}_rdn_v2p9_img", 1, map_info=ROTATED)
    write(folder, f"{NG}_rdn_v2p9", 2, map_info=None)
    write(folder, f"{NG}_rfl_v2p9_img", 3, map_info=ROTATED)
    for kind in ("rdn_v2p9_glt", "rdn_v2p9_obs_ort", "rdn_v2p9_loc", "h2o_v2p9_img"):
        write_envi(folder / f"{NG}_{kind}", cube(3, 4, 6).astype(np.float64))
    (folder / f"{NG}_README_v2p9.txt").write_text("AVIRIS-NG Distribution Document")
    return folder


def test_a_delivery_opens_as_its_orthorectified_reflectance(tmp_path):
    scene = open_scene(write_delivery(tmp_path))
    assert scene.name == f"{NG}_rfl_v2p9_img"
    assert scene.attrs["quantity"] == "reflectance"
    assert scene.attrs["format"] == "AVIRIS flight line (ENVI)"
    np.testing.assert_array_equal(scene.values, np.where(spectra(3) == -9999, np.nan, spectra(3)))
    transform = scene.rio.transform()
    angle = np.deg2rad(75)
    np.testing.assert_allclose(
        transform[:6],
        (1.1 * np.cos(angle), 1.1 * np.sin(angle), 724522.127, 1.1 * np.sin(angle), -1.1 * np.cos(angle), 4074620.759),
    )
    assert scene.rio.crs.to_epsg() == 32612


@pytest.mark.parametrize("end", ["", ".hdr"])
def test_an_image_as_the_sensor_saw_it_has_no_coordinates(tmp_path, end):
    scene = open_scene(write_delivery(tmp_path) / f"{NG}_rdn_v2p9{end}")
    assert scene.attrs["quantity"] == "radiance"
    assert scene.rio.crs is None
    assert "x" not in scene.coords
    assert np.isnan(scene.values[:, 0, 0]).all()


def test_without_reflectance_the_orthorectified_radiance(tmp_path):
    write_delivery(tmp_path)
    for path in tmp_path.glob("*_rfl_*"):
        path.unlink()
    assert open_scene(tmp_path).name == f"{NG}_rdn_v2p9_img"


def test_aviris_3(tmp_path):
    write(tmp_path, f"{AV3}_L1B_RDN_main_d71e8b07_RDN_ORT", 1, map_info=ROTATED)
    write(tmp_path, f"{AV3}_L2A_OE_main_27577724_RFL_ORT", 2, map_info=ROTATED)
    write(tmp_path, f"{AV3}_L2A_OE_main_27577724_UNC_ORT", 3, map_info=ROTATED)
    write_envi(tmp_path / f"{AV3}_L1B_ORT_main_d71e8b07_OBS_ORT", cube(3, 4, 6).astype(np.float64))
    scene = open_scene(tmp_path)
    assert scene.name == f"{AV3}_L2A_OE_main_27577724_RFL_ORT"
    assert float(scene[2, 1, 1]) == spectra(2)[2, 1, 1]


def test_pixel_centres_of_a_rotated_line_are_where_gdal_has_them(tmp_path):
    path = write(tmp_path, f"{NG}_rfl_v2p9_img", map_info=ROTATED)
    transform = open_scene(path).rio.transform()
    with rasterio.open(path, driver="ENVI") as dataset:
        for row, col in ((0, 0), (3, 5), (1, 2)):
            np.testing.assert_allclose(transform @ (col + 0.5, row + 0.5), dataset.xy(row, col), rtol=1e-12)


def test_a_value_to_ignore_in_the_header_counts(tmp_path):
    scene = open_scene(write(tmp_path, f"{NG}_rdn_v2p9_img", data_ignore_value=-50))
    assert float(scene[0, 0, 0]) == -9999


@pytest.mark.parametrize("kind", ["rdn_v2p9_glt", "rdn_v2p9_obs_ort", "rdn_v2p9_loc", "h2o_v2p9_img"])
def test_what_holds_no_spectra(tmp_path, kind):
    with pytest.raises(SceneError, match="holds no spectra; pass its radiance"):
        open_scene(write_delivery(tmp_path) / f"{NG}_{kind}")


def test_several_flight_lines(tmp_path):
    write(tmp_path, f"{NG}_rdn_v2p9_img")
    write(tmp_path, "ang20170323t203000_rdn_v2p9_img")
    with pytest.raises(SceneError, match="2 flight lines"):
        open_scene(tmp_path)


def test_one_array_has_no_variables(tmp_path):
    with pytest.raises(SceneError, match="leave out variable='x'"):
        open_scene(write_delivery(tmp_path), variable="x")


@pytest.mark.real_data
def test_real_flight_lines(data_folder):
    folder = data_folder / "sensor_io"
    line = open_scene(folder / "aviris_ng")
    assert line.name == "ang20170323t202244_rdn_7000-7010"
    assert line.attrs["quantity"] == "radiance"
    values = line.values
    blue, swir = (int(np.argmin(np.abs(line["wavelength"].values - nm))) for nm in (480, 2200))
    assert values[blue].mean() > 10 * values[swir].mean() > 0  # sunlight
    assert open_scene(folder / "prism_two_px").attrs["quantity"] == "radiance"
    with pytest.raises(SceneError, match="holds no spectra"):
        open_scene(folder / "aviris_ng/ang20170323t202244_loc_7000-7010")
