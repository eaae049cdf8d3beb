"""Maps that were interrupted: killed, failed, or taken up by somebody else."""

import errno
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from spectralmamba.errors import ConfigError, OutputError, SceneError
from spectralmamba.labels import ClassTable
from spectralmamba.mapping import map_scene, mapper
from spectralmamba.mapping.identity import installed_versions
from spectralmamba.mapping.journal import read_journal
from spectralmamba.mapping.outputs import write
from spectralmamba.mapping.work import folder_of, locked_folder
from tests.mapping.fakes import Neighbourhood
from tests.mapping.test_mapper import random_scene

IDENTITY = {"model": "fake"}
TILES = 25


@dataclass(frozen=True, eq=False)
class Stopping(Neighbourhood):
    """Fails at a tile."""

    at: int = 8

    def logits(self, window):
        if len(self.sizes) == self.at:
            raise SceneError("the file went away; bring it back")
        return super().logits(window)


@pytest.fixture
def scene():
    return random_scene(40, 40)


def mapped(folder: Path, scene, predictor=None, **options):
    predictor = Neighbourhood() if predictor is None else predictor
    return map_scene(predictor, scene, folder / "map.tif", **{"tile_size": 8, "identity": IDENTITY} | options)


def stop(folder: Path, scene, **options) -> str:
    with pytest.raises(SceneError) as caught:
        mapped(folder, scene, Stopping(), **options)
    return str(caught.value)


def test_killed_at_any_moment_and_resumed_to_the_same_bytes(tmp_path):
    """The script compares every file with those of an uninterrupted map."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.mapping.killed", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    resumed = dict(re.findall(r"(.+): (?:\d+ kills, )?(\d+) tiles resumed", done.stdout))
    assert len(resumed) == 8
    assert int(resumed["between the data and their record"]) == 4
    assert int(resumed["in the middle of a record"]) == 7
    assert int(resumed["between two final files"]) == 36
    kills = [int(n) for n in re.findall(r"(\d+) kills", done.stdout)]
    assert sum(kills) > 0


def test_an_error_keeps_what_is_done_and_says_so(tmp_path, scene):
    line = stop(tmp_path, scene)
    assert line.startswith("the file went away")
    assert f"8 of {TILES} tiles are kept: --resume goes on" in line
    assert not (tmp_path / "map.tif").exists()


def test_only_what_is_left_is_computed(tmp_path, scene):
    stop(tmp_path, scene)
    predictor, calls = Neighbourhood(), []
    summary = mapped(tmp_path, scene, predictor, resume=True, on_tile=lambda *done: calls.append(done))
    assert len(predictor.sizes) == TILES - 8
    assert (summary.resumed, summary.tiles) == (8, TILES)
    assert calls == [(i, TILES) for i in range(9, TILES + 1)]
    mapped(tmp_path / "whole", scene)
    assert (tmp_path / "map.tif").read_bytes() == (tmp_path / "whole" / "map.tif").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.qml", "map.tif", "map.tif.aux.xml", "whole"]


def test_the_tile_size_is_remembered(tmp_path, scene):
    stop(tmp_path, scene)
    assert mapped(tmp_path, scene, resume=True, tile_size=None).tiles == TILES


def test_without_resume_or_restart_it_is_refused_and_kept(tmp_path, scene):
    stop(tmp_path, scene)
    with pytest.raises(OutputError, match=r"8 tiles .* --resume, or begin anew with --overwrite"):
        mapped(tmp_path, scene)
    assert len(read_journal(folder_of(tmp_path / "map.tif") / "journal").done) == 8


def test_restart_begins_anew(tmp_path, scene):
    stop(tmp_path, scene)
    predictor = Neighbourhood()
    assert mapped(tmp_path, scene, predictor, restart=True).resumed == 0
    assert len(predictor.sizes) == TILES


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("model", {"identity": {"model": "another"}}),
        ("tile size", {"tile_size": 16}),
        ("class table", {"predictor": Neighbourhood(classes=ClassTable.from_numbers([1, 2, 3]))}),
        ("temperature", {"predictor": Neighbourhood(temperature=1.0)}),
        ("scene", {"scene": random_scene(40, 40, seed=1)}),
        ("mask", {"scene": random_scene(40, 40).assign_coords(excluded=(("y", "x"), np.eye(40, dtype=bool)))}),
        ("scene's grid", {"scene": random_scene(40, 40, crs="EPSG:32633")}),
        ("outputs", {"confidence": "confidence.tif"}),
    ],
)
def test_a_foreign_journal_is_refused_by_name(tmp_path, scene, what, change):
    stop(tmp_path, scene)
    if "confidence" in change:
        change = {"confidence": tmp_path / "confidence.tif"}
    with pytest.raises(OutputError, match=rf"is of another job \(different: {what}\)"):
        mapped(tmp_path, change.pop("scene", scene), change.pop("predictor", None), resume=True, **change)
    assert mapped(tmp_path, scene, resume=True).resumed == 8


@pytest.mark.parametrize("package", ["spectralmamba", "numba", "torch"])
def test_a_journal_of_another_version_is_refused(tmp_path, scene, monkeypatch, package):
    stop(tmp_path, scene)
    others = installed_versions() | {package: "99"}
    monkeypatch.setattr("spectralmamba.mapping.identity.installed_versions", lambda: others)
    with pytest.raises(OutputError, match=rf"different: version of {package}\)"):
        mapped(tmp_path, scene, resume=True)


def test_a_damaged_journal_is_refused(tmp_path, scene):
    stop(tmp_path, scene)
    journal = folder_of(tmp_path / "map.tif") / "journal"
    journal.write_bytes(b"x" + journal.read_bytes()[1:])
    with pytest.raises(OutputError, match="its journal is damaged; begin anew with --overwrite"):
        mapped(tmp_path, scene, resume=True)
    assert mapped(tmp_path, scene, restart=True).resumed == 0


def test_tiles_whose_data_were_damaged_are_computed_again(tmp_path, scene):
    stop(tmp_path, scene)
    array = folder_of(tmp_path / "map.tif") / "classes.array"
    content = bytearray(array.read_bytes())
    content[3] ^= 255
    array.write_bytes(content)
    assert mapped(tmp_path, scene, resume=True).resumed == 7
    mapped(tmp_path / "whole", scene)
    assert (tmp_path / "map.tif").read_bytes() == (tmp_path / "whole" / "map.tif").read_bytes()


@pytest.mark.parametrize("length", [None, 7])
def test_arrays_that_went_away_are_told(tmp_path, scene, length):
    stop(tmp_path, scene)
    array = folder_of(tmp_path / "map.tif") / "classes.array"
    if length is None:
        array.unlink()
    else:
        array.write_bytes(array.read_bytes()[:length])
    with pytest.raises(OutputError, match=r"its data are not there any more .*; begin anew with --overwrite"):
        mapped(tmp_path, scene, resume=True)
    assert mapped(tmp_path, scene, restart=True).resumed == 0


def test_without_an_identity_nothing_is_kept_nor_resumed(tmp_path, scene):
    assert "--resume" not in stop(tmp_path, scene, identity=None)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match="identity"):
        mapped(tmp_path, scene, identity=None, resume=True)


def test_resume_and_restart_contradict_each_other(tmp_path, scene):
    with pytest.raises(ConfigError, match="contradict"):
        mapped(tmp_path, scene, resume=True, restart=True)


def test_resume_where_nothing_is_unfinished_begins(tmp_path, scene):
    assert mapped(tmp_path, scene, resume=True).resumed == 0


def test_one_process_at_a_time(tmp_path, scene):
    with locked_folder(tmp_path / "map.tif"), pytest.raises(OutputError, match="another process is writing"):
        mapped(tmp_path, scene)
    mapped(tmp_path, scene)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.qml", "map.tif", "map.tif.aux.xml"]


@pytest.mark.parametrize("resume", [False, True])
def test_a_disk_that_fills_up_keeps_what_is_done(tmp_path, scene, monkeypatch, resume):
    """The arrays' space is taken at the start; what can still fail is a copy-on-write disk, or the journal."""
    put, calls = mapper.Work.put, []

    def full(self, results):
        calls.append(results)
        if len(calls) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, results)

    with monkeypatch.context() as patch:
        patch.setattr(mapper.Work, "put", full)
        with pytest.raises(OutputError, match=rf"No space left .* \(5 of {TILES} tiles are kept"):
            mapped(tmp_path, scene, resume=resume)
    assert mapped(tmp_path, scene, resume=True).resumed == 5


def test_a_final_file_that_does_not_fit_keeps_all_tiles(tmp_path, scene, monkeypatch):
    def full(*args):
        raise OutputError("cannot write the map (No space left on device); free some space or name another")

    with monkeypatch.context() as patch:
        patch.setattr(write, "write_class_map", full)
        with pytest.raises(OutputError, match=rf"\({TILES} of {TILES} tiles are kept"):
            mapped(tmp_path, scene)
    predictor = Neighbourhood()
    assert mapped(tmp_path, scene, predictor, resume=True).resumed == TILES
    assert predictor.sizes == []


def test_a_disk_without_space_is_found_out_at_once(tmp_path):
    """A limit on the size of files stands for a disk that is nearly full."""
    code = """
import resource, sys
from pathlib import Path
from spectralmamba.errors import OutputError
from spectralmamba.mapping import map_scene
from tests.mapping.fakes import Neighbourhood
from tests.mapping.test_mapper import random_scene
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
folder = Path(sys.argv[1])
try:
    map_scene(Neighbourhood(), random_scene(40, 40), folder / "map.tif")
except OutputError as error:
    left = list(folder.iterdir())
    sys.exit(0 if "free some space" in str(error) and not left else f"{error} {left}")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_a_killed_process_left_of_final_files_goes(tmp_path, scene):
    stop(tmp_path, scene)
    (tmp_path / ".map.tif.123.partial").write_text("half")
    (tmp_path / ".map.tif.abcd_123").mkdir()
    (tmp_path / ".map.tif.mine").write_text("not ours")
    mapped(tmp_path, scene, resume=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".map.tif.mine",
        "map.qml",
        "map.tif",
        "map.tif.aux.xml",
    ]


def test_a_scene_without_data_leaves_nothing_to_resume(tmp_path):
    with pytest.raises(SceneError, match="nothing to map"):
        mapped(tmp_path, random_scene(6, 6, holes=1.1))
    assert list(tmp_path.iterdir()) == []
