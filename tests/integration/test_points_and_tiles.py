"""EnMAP trained on the reference points and evaluated on the tiles' labels: two sources that share names only."""

import json

import numpy as np
import pytest
import yaml

from spectralmamba import open_labels, open_scene
from spectralmamba.cli.main import run as spectralmamba

pytestmark = pytest.mark.real_data

NAMES = "number,name\n1,roof\n2,pavement\n3,low vegetation\n4,tree\n5,soil\n6,water\n"


def test_trained_on_points_evaluated_on_tiles(tmp_path, data_folder, capsys):
    folder = data_folder / "enmap_potsdam"
    images, points, tiles = folder / "images", folder / "landcover_potsdam_point.gpkg", folder / "labels"
    names = tmp_path / "classes.csv"
    names.write_text(NAMES)
    arguments = ["train", images, points, "--attribute", "level_2", "--split", "all", "--epochs", 10]
    assert spectralmamba([str(a) for a in [*arguments, "--out", tmp_path / "run"]]) == 0
    assert yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"][0]["attribute"] == "level_2"
    capsys.readouterr()
    matching = ["--classes", names, "--merge", "roof,pavement=impervious", "--exclude", points]
    assert spectralmamba([str(a) for a in ["evaluate", tmp_path / "run", images, tiles, *matching, "--json"]]) == 0
    result = json.loads(capsys.readouterr().out)

    scene = open_scene(images)
    seen = np.argwhere(open_labels(points, like=scene, attribute="level_2").values)
    assert len(seen) == 75  # of 120 points; 18 of them in the gaps between the tiles
    raster = open_labels(tiles, like=scene)
    rows, columns = np.nonzero(raster.values)
    away = np.abs(np.stack([rows, columns], 1)[:, None] - seen).max(axis=-1).min(axis=1) > 4
    counts = np.bincount(raster.values[rows[away], columns[away]], minlength=7)
    wanted = {
        "impervious": counts[1] + counts[2],
        "low vegetation": counts[3],
        "soil": counts[5],
        "tree": counts[4],
        "water": counts[6],
    }
    assert {row["name"]: row["n_reference"] for row in result["per_class"]} == wanted
    assert result["n_pixels"] == 3849
    assert 0.4 < result["overall_accuracy"] < 1
    assert any(remark.startswith("classes matched by name: low vegetation 3 → 2") for remark in result["remarks"])
    assert any("0 lie within r = 2 and 0 within 2r = 4" in remark for remark in result["remarks"])
