"""A scene that is rotated against north, through the whole job: everything lies where GDAL says it does."""

import shutil

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely import Polygon

from spectralmamba import open_labels, open_scene
from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.evaluation.seen import seen_pixels
from spectralmamba.sampling.split import Split
from spectralmamba.scenes.mask import with_mask
from tests.small import write_files

QUICK = ["--split", "random", "--epochs", "3", "--batch-size", "32"]


@pytest.fixture(scope="module")
def rotated(tmp_path_factory):
    """The small problem, upright and turned by 30 degrees."""
    folder = tmp_path_factory.mktemp("rotated")
    upright = write_files(folder)
    turned = [shutil.copy(path, folder / f"turned_{path.name}") for path in upright]
    for path in turned:
        with rasterio.open(path, "r+") as file:
            file.transform = file.transform @ Affine.rotation(30)
    return folder, upright, turned


def command(capsys, *arguments: object) -> str:
    capsys.readouterr()
    code = spectralmamba([str(a) for a in arguments])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return captured.out


def test_train_evaluate_and_map(capsys, rotated, tmp_path):
    _, upright, turned = rotated
    for name, (scene, labels) in (("upright", upright), ("turned", turned)):
        command(capsys, "train", scene, labels, "--out", tmp_path / name, *QUICK)
        command(capsys, "map", tmp_path / name, scene, "--out", tmp_path / f"{name}.tif", "--labels", labels)
    with rasterio.open(tmp_path / "upright.tif") as plain, rasterio.open(tmp_path / "turned.tif") as file:
        assert np.array_equal(plain.read(1), file.read(1))
        with rasterio.open(turned[0]) as scene:
            assert file.transform.almost_equals(scene.transform)
            assert file.crs == scene.crs
    text = command(capsys, "evaluate", tmp_path / "turned", turned[0], turned[1])
    assert "the run's own" in text
    seen = seen_pixels(Split.load(tmp_path / "turned" / "split"), open_scene(turned[0]).isel(y=slice(5, 20)))
    whole = seen_pixels(Split.load(tmp_path / "turned" / "split"), open_scene(turned[0]))
    assert np.array_equal(seen.trained, whole.trained[5:20])


def test_info_says_so(capsys, rotated):
    _, _, turned = rotated
    assert "rotated by -30.00° against north" in command(capsys, "info", *turned)


def test_polygons_lie_where_they_should(rotated, tmp_path):
    _, _, turned = rotated
    scene = open_scene(turned[0])
    with rasterio.open(turned[0]) as file:
        shapes = [
            Polygon([file.transform @ corner for corner in ((c, r), (c + 6, r), (c + 6, r + 4), (c, r + 4))])
            for r, c in ((3, 5), (20, 30))
        ]
        crs = file.crs
    geopandas.GeoDataFrame({"kind": ["a", "b"]}, geometry=shapes, crs=crs).to_file(tmp_path / "labels.gpkg")
    labels = open_labels(tmp_path / "labels.gpkg", like=scene, attribute="kind").values
    expected = np.zeros((48, 48), int)
    expected[3:7, 5:11], expected[20:24, 30:36] = 1, 2
    assert np.array_equal(labels, expected)


def test_a_mask_that_is_north_up_is_warped(rotated, tmp_path):
    """Against the centres of the scene's pixels, as GDAL places them."""
    _, _, turned = rotated
    scene = open_scene(turned[0])
    with rasterio.open(turned[0]) as file:
        transform, crs = file.transform, file.crs
    left, top = transform.c - 200, transform.f + 200
    mask = np.zeros((40, 40), np.uint8)
    mask[:, :20] = 1  # west of left + 200
    place = Affine(10, 0, left, 0, -10, top)
    profile = {"driver": "GTiff", "height": 40, "width": 40, "count": 1, "dtype": "uint8", "crs": crs}
    with rasterio.open(tmp_path / "mask.tif", "w", transform=place, **profile) as file:
        file.write(mask, 1)
    excluded = with_mask(scene, tmp_path / "mask.tif").coords["excluded"].values
    columns, rows = np.meshgrid(np.arange(48) + 0.5, np.arange(48) + 0.5)
    x = transform.a * columns + transform.b * rows + transform.c
    y = transform.d * columns + transform.e * rows + transform.f
    inside = (y < top) & (y > top - 400) & (x > left)
    clear = np.abs(x - (left + 200)) > 0.5  # of the edge between the two
    assert np.array_equal(excluded[inside & clear], (x < left + 200)[inside & clear])
    assert 0 < excluded.sum() < excluded.size
