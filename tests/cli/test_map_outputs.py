"""``spectralmamba map``: all that a map can be written as."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.mapping.outputs import sieve_classes


def command(*words) -> int:
    return spectralmamba([str(word) for word in words])


def test_every_output_of_one_map(capsys, files, tmp_path):
    plain, base = tmp_path / "plain.tif", ("map", files.run, files.scene, "--out")
    assert command(*base, plain, "--confidence", tmp_path / "plain_c.tif") == 0
    out = tmp_path / "map.tif"
    more = ("--confidence", tmp_path / "c.tif", "--probabilities", tmp_path / "p.tif")
    more = (*more, "--polygons", tmp_path / "map.gpkg", "--sieve", 4, "--figure", tmp_path / "map.png")
    capsys.readouterr()
    assert command(*base, out, *more) == 0
    printed = capsys.readouterr()
    assert all(str(path) in printed.err.replace("\n", "") for path in (out, tmp_path / "p.tif", tmp_path / "map.gpkg"))
    with rasterio.open(plain) as unsieved, rasterio.open(out) as file:
        classes = file.read(1)
        assert np.array_equal(classes, sieve_classes(unsieved.read(1), 4))
        assert not np.array_equal(classes, unsieved.read(1))
    assert f"{(classes == classes.max()).sum():,} pixels" in printed.out
    assert (tmp_path / "c.tif").read_bytes() == (tmp_path / "plain_c.tif").read_bytes()
    with rasterio.open(tmp_path / "p.tif") as file, rasterio.open(tmp_path / "c.tif") as confidence:
        probabilities = file.read()
        assert np.array_equal(probabilities.max(axis=0), confidence.read(1), equal_nan=True)
        assert file.descriptions[0]
    polygons = gpd.read_file(tmp_path / "map.gpkg", layer="map")
    assert polygons["pixels"].sum() == (classes > 0).sum()
    assert (tmp_path / "map.qml").exists()
    assert (tmp_path / "map.png").exists()


def test_zarr_with_a_figure_again_and_resumed(capsys, files, tmp_path):
    base = ("map", files.run, files.scene, "--out", tmp_path / "map.zarr")
    assert command(*base, "--figure", tmp_path / "map.png") == 0
    assert command("map", files.run, files.scene, "--out", tmp_path / "map.tif") == 0
    with xr.open_zarr(tmp_path / "map.zarr") as dataset, rasterio.open(tmp_path / "map.tif") as file:
        assert np.array_equal(dataset["classes"], file.read(1))
        assert np.array_equal(dataset["probabilities"].max("class_number"), dataset["confidence"], equal_nan=True)
    capsys.readouterr()
    assert command(*base) == 2
    assert "map.zarr is there already" in capsys.readouterr().err
    assert command(*base, "--resume") == 0
    assert "whole already" in capsys.readouterr().err
    assert command(*base, "--overwrite") == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_several_scenes_into_folders(files, tmp_path):
    second = tmp_path / "second.tif"
    second.write_bytes(files.scene.read_bytes())
    folders = {name: tmp_path / name for name in ("maps", "shares", "shapes")}
    arguments = ("--out", folders["maps"], "--probabilities", folders["shares"], "--polygons", folders["shapes"])
    assert command("map", files.run, files.scene, second, *arguments, "--sieve", 4) == 0
    names = [files.scene.stem, "second"]
    assert sorted(path.stem for path in folders["maps"].glob("*.tif")) == sorted(names)
    assert sorted(path.name for path in folders["shares"].iterdir()) == sorted(f"{name}.tif" for name in names)
    assert sorted(path.name for path in folders["shapes"].iterdir()) == sorted(f"{name}.gpkg" for name in names)
    assert command("map", files.run, files.scene, second, *arguments, "--sieve", 4, "--resume") == 0
    assert command("map", files.run, files.scene, second, *arguments, "--sieve", 5, "--resume") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "map.png"], "name a file that ends in .tif or .tiff or .zarr"),
        (["--out", "map.tif", "--polygons", "map.shp"], "name a file that ends in .gpkg"),
        (["--out", "map.tif", "--probabilities", "p.zarr"], "name a file that ends in .tif or .tiff"),
        (["--out", "map.tif", "--probabilities", "map.tif"], "two outputs would both be"),
        (["--out", "map.tif", "--sieve", "0"], "fewer than 0 pixels"),
        (["--out", "map.zarr", "--figure", "map.zarr/map.png"], "would lie in"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(capsys, files, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert command("map", files.run, files.scene, *arguments) == 2
    line = capsys.readouterr().err
    assert message in line.replace("\n", " ")
    assert line.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_style_that_is_there_is_kept_unless_told_otherwise(capsys, files, tmp_path):
    (tmp_path / "map.qml").write_text("mine")
    base = ("map", files.run, files.scene, "--out", tmp_path / "map.tif")
    assert command(*base) == 2
    assert "map.qml is there already" in capsys.readouterr().err
    assert (tmp_path / "map.qml").read_text() == "mine"
    assert command(*base, "--overwrite") == 0
    assert (tmp_path / "map.qml").read_text() != "mine"
