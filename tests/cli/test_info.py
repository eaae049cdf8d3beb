"""``spectralmamba info``, as a user types it."""

import json
import shutil

import numpy as np
import pytest
import rasterio
from affine import Affine

from spectralmamba import open_scene
from spectralmamba.cli.describe import ranges, sparkline
from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.scenes.export import write_scene


def output(capsys, *arguments: object) -> str:
    capsys.readouterr()
    assert spectralmamba([str(a) for a in arguments]) == 0
    return capsys.readouterr().out


def test_a_scene_and_its_labels(capsys, files):
    text = output(capsys, "info", files.scene, files.labels)
    for part in (
        "scene: 48 × 48 pixels, 24 bands, GeoTIFF",
        "CRS EPSG:32633",
        "footprint (longitude latitude)",
        "wavelengths 400.0–2450.0 nm",
        "bands marked good; bad: ",
        "hidden by water vapour: ",
        "valid pixels",
        "mean spectrum ",
        "split by default: ",
        ", since ",
    ):
        assert part in text


def test_json_for_machines(capsys, files):
    document = json.loads(output(capsys, "info", files.scene, files.labels, "--json"))
    assert document["scenes"]["scene"]["size"] == {"bands": 24, "rows": 48, "columns": 48}
    bands, pixels = document["scenes"]["scene"]["bands"], document["scenes"]["scene"]["pixels"]
    assert bands["n_good"] == sum(bands["good"])
    assert bands["wavelength_range_nm"] == pytest.approx([400, 2450])
    assert pixels["invalid_share"] == pytest.approx(1 - pixels["valid"] / pixels["total"])
    assert len(document["labels"]["classes"]) == 3
    assert document["labels"]["split"]["recipe"] in ("regions", "blocks")
    assert json.loads(output(capsys, "info", files.scene, "--json"))["labels"] is None


def test_several_scenes(capsys, files, tmp_path):
    for path in (files.scene, files.labels):
        shutil.copy(path, tmp_path / path.name)
        with rasterio.open(tmp_path / path.name, "r+") as file:
            file.transform = Affine.translation(5000, 0) @ file.transform
    text = output(
        *(capsys, "info", files.scene, files.labels, "--pair", tmp_path / "scene.tif", tmp_path / "labels.tif")
    )
    assert text.count("footprint") == 2
    assert "of 2 scenes" in text
    assert "in scene: " in text
    assert "in scene_2: " in text


def test_why_pixels_are_invalid(capsys, files, tmp_path):
    scene = open_scene(files.scene)
    values = scene.values.copy()
    values[:, 30:32] = np.nan
    values[5, 10:12] = np.nan
    write_scene(scene.copy(data=values), tmp_path / "scene.tif")
    mask = np.zeros((48, 48), np.uint8)
    mask[:4] = 1
    with rasterio.open(files.labels) as file:
        profile = file.profile | {"photometric": None}
    with rasterio.open(tmp_path / "mask.tif", "w", **profile) as file:
        file.write(mask.astype(profile["dtype"]), 1)
    text = output(capsys, "info", tmp_path / "scene.tif", "--mask", tmp_path / "mask.tif")
    assert "without any data" in text
    assert "left out: mask 8.3 %" in text
    assert "values missing in single bands (--fill-gaps would save 1: " in text
    saved = output(capsys, "info", tmp_path / "scene.tif", "--mask", tmp_path / "mask.tif", "--fill-gaps", 1)
    assert "single bands" not in saved


def test_unpaired_scenes_are_refused(capsys, files):
    assert spectralmamba(["info", str(files.scene), "--pair", str(files.scene)]) == 2
    captured = capsys.readouterr()
    assert "give both" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize(
    ("values", "line"),
    [([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"), ([1, np.nan, 2, np.nan], "▁ █"), ([3, 3], "▁▁"), ([np.nan], "")],
)
def test_a_sparkline(values, line):
    assert sparkline(np.array(values, float)) == line
    assert len(sparkline(np.arange(500.0))) == 60


def test_ranges_of_numbers():
    assert ranges(np.array([7, 1, 3, 2])) == "1–3, 7"
