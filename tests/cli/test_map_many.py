"""``spectralmamba map`` with several scenes."""

import json
import shutil

import pytest

from spectralmamba.cli.main import run as spectralmamba


@pytest.fixture
def scenes(files, tmp_path):
    """Two scenes of one name and one that is none."""
    paths = [tmp_path / "a" / "scene.tif", tmp_path / "b" / "scene.tif", tmp_path / "notes.tif"]
    for path in paths[:2]:
        path.parent.mkdir()
        shutil.copy(files.scene, path)
    paths[2].write_text("not a scene")
    return [str(path) for path in paths]


def run_map(capsys, files, scenes, out, *options):
    capsys.readouterr()
    code = spectralmamba(["map", str(files.run), *scenes, "--out", str(out), *map(str, options)])
    return code, capsys.readouterr()


def test_a_bad_scene_is_skipped_and_the_rest_is_mapped(capsys, files, scenes, tmp_path):
    code, text = run_map(capsys, files, [scenes[0], scenes[2], scenes[1]], tmp_path / "maps")
    assert code == 2
    errors = [line for line in text.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "notes.tif" in errors[0]
    assert "2 of 3 scenes have a map" in text.err
    assert text.out.count("mapped") == 2
    assert "failed" in text.out
    first, second = ((tmp_path / "maps" / name).read_bytes() for name in ("scene.tif", "b_scene.tif"))
    assert first == second


def test_all_well_is_code_0_and_confidences_have_a_folder(capsys, files, scenes, tmp_path):
    code, text = run_map(capsys, files, scenes[:2], tmp_path / "maps", "--confidence", tmp_path / "sure")
    assert code == 0
    assert "2 of 2 scenes have a map" in text.err
    assert {path.name for path in (tmp_path / "sure").iterdir()} >= {"scene.tif", "b_scene.tif"}


def test_resume_skips_what_is_whole(capsys, files, scenes, tmp_path):
    run_map(capsys, files, scenes[:1], tmp_path / "alone.tif")
    run_map(capsys, files, scenes[:2], tmp_path / "maps")
    before = (tmp_path / "maps" / "scene.tif").stat().st_mtime_ns
    (tmp_path / "maps" / "b_scene.tif").unlink()
    code, text = run_map(capsys, files, scenes[:2][::-1], tmp_path / "maps", "--resume")
    assert code == 0
    assert text.out.count("whole") == 1
    assert text.out.count("mapped") == 1
    assert (tmp_path / "maps" / "scene.tif").stat().st_mtime_ns == before
    assert (tmp_path / "maps" / "b_scene.tif").read_bytes() == (tmp_path / "alone.tif").read_bytes()


def test_without_resume_whole_maps_are_kept(capsys, files, scenes, tmp_path):
    run_map(capsys, files, scenes[:2], tmp_path / "maps")
    code, text = run_map(capsys, files, scenes[:2], tmp_path / "maps")
    assert code == 2
    assert text.err.count("is there already") == 2
    assert run_map(capsys, files, scenes[:2], tmp_path / "maps", "--overwrite")[0] == 0


def test_a_map_of_a_changed_scene_is_not_taken_for_whole(capsys, files, scenes, tmp_path):
    run_map(capsys, files, scenes[:2], tmp_path / "maps")
    shutil.copy(files.scene, scenes[0])  # another time of change
    code, text = run_map(capsys, files, scenes[:2], tmp_path / "maps", "--resume")
    assert code == 2
    assert "another scene or model" in text.err


def test_the_register_says_what_is_in_the_folder(capsys, files, scenes, tmp_path):
    run_map(capsys, files, scenes[:2], tmp_path / "maps")
    maps = json.loads((tmp_path / "maps" / "maps.json").read_text())["maps"]
    assert [entry["map"] for entry in maps] == ["scene.tif", "b_scene.tif"]
    assert sum(maps[0]["pixels"].values()) == 48 * 48


@pytest.mark.parametrize("there", [True, False])
def test_a_single_scene_may_go_into_a_folder(capsys, files, scenes, tmp_path, there):
    """As a shell's pattern gives it that fits one file only."""
    if there:
        (tmp_path / "maps").mkdir()
    code, text = run_map(capsys, files, scenes[:1], tmp_path / "maps")
    assert code == 0
    assert "1 of 1 scenes have a map" in text.err
    assert (tmp_path / "maps" / "scene.tif").is_file()
    assert run_map(capsys, files, scenes[:2], tmp_path / "maps", "--resume")[0] == 0
    assert (tmp_path / "maps" / "b_scene.tif").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--figure", "f.png"], "go with one scene"),
        (["--mask", "m.tif"], "go with one scene"),
        (["--confidence", "maps"], "a folder of its own"),
        (["--out", "maps.tif"], "name a folder"),
    ],
)
def test_what_does_not_go_with_several_scenes(capsys, files, scenes, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    code, text = run_map(capsys, files, scenes[:2], "maps", *options)
    assert code == 2
    assert message in text.err
    assert not (tmp_path / "maps").exists()
