"""Lists of scenes and labels."""

from pathlib import Path

import pytest

from spectralmamba.errors import ConfigError
from spectralmamba.sampling.pairs import Pair, read_pairs


def written(folder: Path, text: str) -> Path:
    (folder / "scenes.csv").write_text(text, encoding="utf-8")
    return folder / "scenes.csv"


def test_paths_are_relative_to_the_file_and_empty_cells_are_not_given(tmp_path):
    path = written(
        tmp_path,
        "Scene,labels,name,part,mask,attribute\n"
        "a/scene.tif,a/labels.gpkg,north,test,clouds.tif,cover\n"
        "\n"
        f'"{tmp_path / "b, too.tif"}",b.tif,,,,\n',
    )
    first, second = read_pairs(path)
    options = {"mask": str(tmp_path / "clouds.tif"), "attribute": "cover"}
    assert first == Pair(tmp_path / "a/scene.tif", tmp_path / "a/labels.gpkg", "north", "test", options)
    assert second == Pair(tmp_path / "b, too.tif", tmp_path / "b.tif")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_a_byte_order_mark(tmp_path, separator):
    path = written(tmp_path, "\ufeff" + separator.join(["labels", "scene"]) + "\n" + separator.join(["l.tif", "s.tif"]))
    assert read_pairs(path) == (Pair(tmp_path / "s.tif", tmp_path / "l.tif"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has to name the columns scene, labels"),
        ("scene,name\na.tif,x\n", "has to name the columns scene, labels"),
        ("scene,labels\n", "has no scene"),
        ("scene,labels,prat\na,b,test\n", "has the column 'prat'"),
        ("scene,labels\na.tif,\n", "line 2 has no labels"),
        ("scene,labels\na.tif,b.tif,c.tif\n", "line 2 has more values than columns"),
        ("scene,labels\na.tif,b.tif\na.tif,c.tif\n", r"the scene .*a\.tif twice"),
        ("scene,labels,name\na.tif,b.tif,x\nc.tif,d.tif,x\n", "the name x twice"),
        ("scene,labels,part\na.tif,b.tif,tset\n", "the part 'tset'; use one of: train, validation, test"),
        ('scene,labels\n"a.tif,b.tif\n', "line 2 cannot be read"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, text, reason):
    with pytest.raises(ConfigError, match=reason):
        read_pairs(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the list of scenes"):
        read_pairs(tmp_path / "nowhere.csv")
