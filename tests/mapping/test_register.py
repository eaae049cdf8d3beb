"""Names of maps in a folder, and which of them are whole."""

import json
from pathlib import Path

import pytest

from spectralmamba.errors import OutputError
from spectralmamba.mapping.register import Register


def names(folder: Path, *scenes: str) -> list[str]:
    return list(Register(folder).names_for([Path(scene) for scene in scenes]).values())


def test_scenes_of_one_name_have_maps_of_different_names(tmp_path):
    found = names(tmp_path, "/a/x/s.tif", "/b/x/s.tif", "/c/x/s.tif", "/d/y/S.hdr")
    assert found == ["s.tif", "x_s.tif", "x_s_2.tif", "y_S.tif"]


def test_a_scene_keeps_its_name_whatever_is_mapped_with_it(tmp_path):
    names(tmp_path, "/a/s.tif", "/b/s.tif")
    assert names(tmp_path, "/b/s.tif") == ["b_s.tif"]
    assert names(tmp_path, "/c/s.tif", "/b/s.tif") == ["c_s.tif", "b_s.tif"]


def test_files_that_are_there_keep_their_names(tmp_path):
    (tmp_path / "s.tif").write_text("mine")
    assert names(tmp_path, "/a/s.tif") == ["a_s.tif"]


def test_names_are_safe_and_visible(tmp_path):
    assert names(tmp_path, "/a/.hidden:1 2.tif") == ["hidden_1_2.tif"]


def test_only_what_was_noted_and_is_there_is_whole(tmp_path):
    register, scene = Register(tmp_path / "maps"), Path("/a/s.tif")
    register.names_for([scene])
    assert register.whole(scene) is None
    register.note(scene, "digest", {0: 3, 7: 5}, 1.5)
    assert register.whole(scene) is None  # no file
    (tmp_path / "maps" / "s.tif").write_text("")
    entry = Register(tmp_path / "maps").whole(scene)
    assert (entry.job, entry.pixels, entry.seconds) == ("digest", {"0": 3, "7": 5}, 1.5)


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1, "maps": [{"colour": 3}]}'])
def test_a_damaged_register_is_refused(tmp_path, content):
    (tmp_path / "maps.json").write_text(content)
    with pytest.raises(OutputError, match="damaged"):
        names(tmp_path, "/a/s.tif")


def test_a_register_of_another_format_is_refused(tmp_path):
    (tmp_path / "maps.json").write_text(json.dumps({"format": 9, "maps": []}))
    with pytest.raises(OutputError, match="format 9"):
        names(tmp_path, "/a/s.tif")


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        names(tmp_path / "file" / "maps", "/a/s.tif")
