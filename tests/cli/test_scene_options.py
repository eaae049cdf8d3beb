"""Options of how a scene is opened, through the commands."""

import json

import geopandas
import numpy as np
import pytest
import rasterio
import xarray as xr
import yaml
from shapely import box

from spectralmamba import open_scene
from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.scenes.bands import in_water_vapour
from spectralmamba.scenes.export import write_scene
from spectralmamba.scenes.resampling import resample
from tests.cli.conftest import QUICK


def output(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def chosen(files, tmp_path_factory):
    """A run on a few ranges of wavelengths, without the west of the scene."""
    folder = tmp_path_factory.mktemp("chosen")
    left, bottom, right, top = open_scene(files.scene).rio.bounds()
    west = box(left, bottom, left + (right - left) / 4, top)
    geopandas.GeoDataFrame(geometry=[west], crs="EPSG:32633").to_crs("EPSG:4326").to_file(folder / "mask.gpkg")
    ranges = ["--wavelengths", "400-1700,2000-2300", "--mask", str(folder / "mask.gpkg")]
    arguments = ["train", str(files.scene), str(files.labels), "--out", str(folder / "run"), *ranges, *QUICK]
    assert spectralmamba(arguments) == 0
    return folder / "run"


def test_what_was_asked_for_is_in_the_run(files, chosen):
    data = yaml.safe_load((chosen / "config.yaml").read_text())["data"][0]
    assert data["wavelengths"] == "400-1700,2000-2300"
    assert "water_vapour" not in data
    assert data["mask"].endswith("mask.gpkg")
    bands = json.loads((chosen / "model.json").read_text())["bands"]
    kept = np.array(bands["wavelength_nm"])[bands["kept"]]
    assert bands["n_scene_bands"] == 19
    assert not ((kept > 1325) & (kept < 1435)).any()
    assert kept.max() < 2300
    assert len(bands["fwhm_nm"]) == 19
    with rasterio.open(chosen / "split" / "train.tif") as file:
        assert not file.read(1)[:, :11].any()


def test_bands_that_water_vapour_hides_are_kept_on_request(capsys, files, tmp_path):
    for name, option in (("a", []), ("b", ["--keep-water-vapour"])):
        output(capsys, "train", files.scene, files.labels, "--out", tmp_path / name, *option, *QUICK)
        bands = json.loads((tmp_path / name / "model.json").read_text())["bands"]
        kept = np.array(bands["wavelength_nm"])[bands["kept"]]
        assert in_water_vapour(kept).any() == bool(option)
    # A model that uses them finds them where they are marked in the file.
    scene = open_scene(files.scene)
    write_scene(scene.isel(band=slice(None, None, -1)), tmp_path / "turned.tif")
    found = json.loads(output(capsys, "evaluate", tmp_path / "b", tmp_path / "turned.tif", files.labels, "--json"))
    kept = json.loads((tmp_path / "b" / "metrics.json").read_text())["test"]
    assert found["confusion_matrix"] == kept["confusion_matrix"]


def test_evaluation_and_map_find_the_models_bands(capsys, files, chosen, tmp_path):
    found = json.loads(output(capsys, "evaluate", chosen, files.scene, files.labels, "--json"))
    kept = json.loads((chosen / "metrics.json").read_text())["test"]
    assert found["confusion_matrix"] == kept["confusion_matrix"]
    output(capsys, "map", chosen, files.scene, "--out", tmp_path / "map.tif")
    scene = open_scene(files.scene)
    write_scene(scene.isel(band=np.random.default_rng(0).permutation(24)), tmp_path / "shuffled.tif")
    output(capsys, "map", chosen, tmp_path / "shuffled.tif", "--out", tmp_path / "again.tif")
    with rasterio.open(tmp_path / "map.tif") as one, rasterio.open(tmp_path / "again.tif") as other:
        assert np.array_equal(one.read(1), other.read(1))
        assert one.read(1).any()


def test_the_share_that_is_left_out_is_said(capsys, files, chosen):
    text = output(capsys, "evaluate", chosen, files.scene, files.labels, "--mask", chosen.parent / "mask.gpkg")
    assert "25.0 % of the pixels are left out (mask 25.0 %)" in text


def test_another_sensors_scene_is_resampled_on_request(capsys, files, tmp_path):
    scene = open_scene(files.scene)
    middles = (scene.wavelength.values[:-1] + scene.wavelength.values[1:]) / 2
    ends = scene.wavelength.values[[0, -1]]
    good = scene.assign_coords(good=("band", np.ones(24, bool)))
    write_scene(resample(good, np.sort([*ends, *middles])), tmp_path / "other.tif")
    for command in (
        ["evaluate", files.run, tmp_path / "other.tif", files.labels],
        ["map", files.run, tmp_path / "other.tif", "--out", tmp_path / "map.tif"],
    ):
        capsys.readouterr()
        assert spectralmamba([str(a) for a in command]) == 2
        line = capsys.readouterr().err
        assert "25 bands but the model was trained on 24" in line
        assert "--resample" in line
        output(capsys, *command, "--resample")
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.read(1).any()


def test_gaps_are_filled_on_request(capsys, files, tmp_path):
    scene = open_scene(files.scene)
    values = scene.values.copy()
    values[5, 10:20] = np.nan
    write_scene(scene.copy(data=values), tmp_path / "gaps.tif")
    for name, options, mapped in (("a", [], False), ("b", ["--fill-gaps", "1"], True)):
        output(capsys, "map", files.run, tmp_path / "gaps.tif", "--out", tmp_path / f"{name}.tif", *options)
        with rasterio.open(tmp_path / f"{name}.tif") as file:
            assert file.read(1)[10:20].any() == mapped
    arguments = [tmp_path / "gaps.tif", files.labels, "--fill-gaps", "1", *QUICK]
    output(capsys, "train", *arguments, "--out", tmp_path / "run")
    assert yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"][0]["fill_gaps"] == "1"


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (["--wavelengths", "900-450"], "lower end first"),
        (["--wavelengths", "5000-6000"], "no band within 5000-6000 nm"),
        (["--fill-gaps", "-1"], "fill-gaps"),
    ],
)
def test_impossible_options_are_one_line(capsys, files, tmp_path, options, part):
    capsys.readouterr()
    assert spectralmamba(["train", str(files.scene), str(files.labels), "--out", str(tmp_path / "run"), *options]) == 2
    captured = capsys.readouterr()
    assert part in captured.err
    assert captured.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_ranges_need_wavelengths(capsys, files, tmp_path):
    scene = open_scene(files.scene)
    write_scene(scene.assign_coords(wavelength=xr.full_like(scene.wavelength, np.nan)), tmp_path / "bare.tif")
    arguments = ["train", tmp_path / "bare.tif", files.labels, "--out", tmp_path / "run", "--wavelengths", "450-900"]
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 2
    assert "does not say its wavelengths" in capsys.readouterr().err
