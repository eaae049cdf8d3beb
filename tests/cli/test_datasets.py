"""``spectralmamba datasets``, against a server on this machine."""

import json

import pytest

from spectralmamba.cli.main import run as spectralmamba
from spectralmamba.scenes.datasets import resume
from spectralmamba.scenes.datasets.catalogue import CATALOGUE
from tests.scenes.datasets import tiny
from tests.scenes.datasets.guard import forbid_the_internet
from tests.scenes.datasets.server import serving


@pytest.fixture(autouse=True)
def site(monkeypatch, tmp_path):
    """A server with a tiny data set that is in the catalogue; nothing else can be reached."""
    forbid_the_internet(monkeypatch)
    monkeypatch.setattr(resume, "BACK_OFF_S", 0.0)
    monkeypatch.setenv("SPECTRALMAMBA_DATASETS", str(tmp_path))
    with serving() as site:
        scene, labels = site.put("Tiny.mat", tiny.SCENE_MAT), site.put("Tiny_gt.mat", tiny.LABELS_MAT)
        monkeypatch.setitem(CATALOGUE, "tiny", tiny.open_entry(scene, labels))
        yield site


@pytest.fixture
def run(capsys):
    """Run a command; give exit code, output, and what went to standard error."""

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = spectralmamba(["datasets", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_list(run, tmp_path):
    code, out, err = run("list")
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == len(CATALOGUE) + 1
    assert lines[0].split()[0] == "name"
    assert any(line.startswith("botswana ") and "1476 × 256 × 145" in line for line in lines)
    assert lines[-1].split()[0] == "tiny"
    assert lines[-1].endswith("absent")
    assert str(tmp_path) in err
    run("download", "tiny")
    assert run("list")[1].splitlines()[-1].endswith("there")


def test_list_as_json(run, tmp_path):
    run("download", "tiny")
    found = {entry["name"]: entry for entry in json.loads(run("list", "--json")[1])}
    assert set(found) == set(CATALOGUE)
    assert (found["houston2013"]["height"], found["houston2013"]["width"], found["houston2013"]["bands"]) == (
        349,
        1905,
        144,
    )
    assert found["houston2013"]["classes"][0] == {"number": 1, "name": "Healthy grass", "train": 198, "test": 1053}
    assert found["tiny"]["state"] == "there"
    assert found["tiny"]["folder"] == str(tmp_path / "tiny")
    assert found["ksc"]["state"] == "absent"


def test_download_and_verify(run, tmp_path):
    code, out, err = run("download", "tiny")
    assert code == 0
    assert out == f"tiny is whole and verified in {tmp_path / 'tiny'}\n"
    for part in ("fetching Tiny.mat", "cite: Somebody", "terms: none", f"train {tmp_path}/tiny/Tiny.mat"):
        assert part in err
    code, out, _ = run("verify", "tiny")
    assert code == 0
    assert "6 × 5 pixels, 7 bands, 7 labelled pixels of 2 classes" in out


def test_download_to_a_folder(run, site, tmp_path):
    code, out, _ = run("download", "tiny", "--to", tmp_path / "here")
    assert (code, out) == (0, f"tiny is whole and verified in {tmp_path / 'here'}\n")
    site.put("Tiny_gt.mat", tiny.LABELS_MAT)
    before = len(site.asked)
    assert run("download", "tiny", "--to", tmp_path / "here", "--force")[0] == 0
    assert len(site.asked) == before + 2


def test_the_command_that_is_told_trains(run, tmp_path, monkeypatch):
    """The words after 'to train on it' name files that the program can open."""
    _, _, err = run("download", "tiny")
    line = next(line for line in err.splitlines() if line.startswith("to train on it: "))
    words = line.removeprefix("to train on it: ").split()
    assert spectralmamba(["info", *words[2:4]]) == 0


def one_line(err: str) -> str:
    lines = [line for line in err.splitlines() if not line.startswith("fetching ")]
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.mark.parametrize("arguments", [("download", "nothing"), ("verify", "nothing")])
def test_an_unknown_name(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "known are houston2013" in one_line(err)


def test_verify_before_download(run):
    code, _, err = run("verify", "tiny")
    assert code == 2
    assert "spectralmamba datasets download tiny" in one_line(err)


def test_an_address_that_is_gone(run, site, tmp_path):
    site.files.clear()
    code, _, err = run("download", "tiny")
    assert code == 2
    line = one_line(err)
    for part in ("HTTP 404", tiny.PAGE, "Tiny.mat and Tiny_gt.mat", str(tmp_path / "tiny")):
        assert part in line


def test_a_data_set_by_hand(run, tmp_path):
    code, _, err = run("download", "longkou", "--to", tmp_path / "my folder")
    assert code == 2
    line = one_line(err)
    for part in ("rsidea.whu.edu.cn", "WHU_Hi_LongKou.mat", f"--to '{tmp_path / 'my folder'}'"):
        assert part in line


def test_no_network(run):
    code, _, err = run("download", "ksc")
    assert code == 2
    assert "no network" in one_line(err)


def test_wrong_bands(run, site):
    site.put("Tiny.mat", tiny.mat(Tiny=tiny.cube(bands=9)))
    code, _, err = run("download", "tiny")
    assert code == 2
    assert "9 bands" in one_line(err)


def test_a_damaged_record_does_not_hide_the_others(run, tmp_path):
    run("download", "tiny")
    (tmp_path / "tiny" / "checksums.json").write_text("[]")
    code, out, _ = run("list")
    assert code == 0
    assert out.splitlines()[-1].endswith("record damaged")


def test_a_group_without_a_command_shows_help(run):
    code, out, _ = run()
    assert code == 2
    assert "download" in out
