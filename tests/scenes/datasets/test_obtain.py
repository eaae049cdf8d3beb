"""Data sets that are fetched, put in place by hand, changed, and wrong."""

import json
import os
import shutil
import threading

import pytest

from spectralmamba.errors import DatasetError, OutputError
from spectralmamba.scenes.datasets import obtain, open_dataset
from spectralmamba.scenes.datasets.lock import locked
from spectralmamba.scenes.datasets.obtain import download_dataset, verify_dataset
from spectralmamba.scenes.datasets.record import RECORD, state_of

from . import tiny


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "datasets" / "tiny"


def record(folder) -> dict:
    return json.loads((folder / RECORD).read_text())["files"]


def test_a_data_set_is_fetched_once(site, served, folder):
    assert state_of(served, folder) == "absent"
    assert download_dataset("tiny") == folder
    assert names(folder) == {"Tiny.mat", "Tiny_gt.mat", RECORD, ".lock"}
    assert state_of(served, folder) == "there"
    known = record(folder)
    assert known["Tiny.mat"]["sha256"] == tiny.sha256(tiny.SCENE_MAT)
    assert known["Tiny.mat"]["source"] == f"{site.address}/Tiny.mat"
    assert download_dataset("Tiny") == folder
    assert len(site.asked) == 2
    assert verify_dataset("tiny") == folder


def test_a_folder_of_ones_own(served, tmp_path):
    assert download_dataset("tiny", tmp_path / "here") == tmp_path / "here"
    assert verify_dataset("tiny", tmp_path / "here") == tmp_path / "here"
    with pytest.raises(DatasetError, match=r"not whole and verified.*'spectralmamba datasets download tiny'"):
        verify_dataset("tiny")


def test_an_interrupted_download_goes_on(site, served, monkeypatch, folder):
    long = tiny.mat(Tiny=tiny.cube(), more=tiny.cube(bands=2000))
    site.put("Tiny.mat", long)
    site.cuts["/Tiny.mat"] = [40_000]
    with monkeypatch.context() as patched:
        patched.setattr("spectralmamba.scenes.datasets.resume.ATTEMPTS", 1)
        with pytest.raises(DatasetError, match="try again later"):
            download_dataset("tiny")
    assert state_of(served, folder) == "absent"
    download_dataset("tiny")
    assert (folder / "Tiny.mat").read_bytes() == long
    asked = [range_ for path, range_ in site.asked if path == "/Tiny.mat"]
    assert asked == [None, "bytes=32768-"]
    assert sum(path == "/Tiny_gt.mat" for path, _ in site.asked) == 1  # not fetched a second time


def test_a_busy_server_is_asked_again(site, served, folder):
    site.statuses["/Tiny.mat"] = [503]
    assert download_dataset("tiny") == folder


def test_an_address_that_is_gone_says_what_to_do_and_then_takes_what_was_put_there(site, served, folder):
    del site.files["/Tiny.mat"]
    with pytest.raises(DatasetError) as caught:
        download_dataset("tiny")
    line = str(caught.value)
    for part in ("is gone (HTTP 404)", tiny.PAGE, "Tiny.mat", str(folder), "'spectralmamba datasets download tiny'"):
        assert part in line
    assert "\n" not in line
    assert "Tiny_gt.mat" not in line  # that one was fetched
    (folder / "Tiny.mat").write_bytes(tiny.SCENE_MAT)
    assert download_dataset("tiny") == folder
    assert record(folder)["Tiny.mat"]["source"] == "by hand"
    assert record(folder)["Tiny_gt.mat"]["source"] == f"{site.address}/Tiny_gt.mat"


def test_a_published_checksum_that_differs(site, listed, folder):
    scene, labels = site.put("Tiny.mat", tiny.SCENE_MAT), site.put("Tiny_gt.mat", tiny.LABELS_MAT)
    listed(tiny.open_entry(scene, labels, sha256="0" * 64))
    with pytest.raises(DatasetError, match=r"gives another file.*--force"):
        download_dataset("tiny")
    assert "Tiny.mat" not in names(folder)
    (folder / "Tiny.mat").write_bytes(tiny.SCENE_MAT)
    with pytest.raises(DatasetError, match=r"not the file that was published.*--force"):
        download_dataset("tiny")
    assert (folder / "Tiny.mat").exists()  # a person put it there
    download_dataset("tiny", force=True)
    assert verify_dataset("tiny") == download_dataset("tiny") == folder


def test_a_published_checksum_that_agrees(site, listed, folder):
    scene, labels = site.put("Tiny.mat", tiny.SCENE_MAT), site.put("Tiny_gt.mat", tiny.LABELS_MAT)
    listed(tiny.open_entry(scene, labels, sha256=tiny.sha256(tiny.SCENE_MAT)))
    assert download_dataset("tiny") == folder


def test_a_wrong_structure_does_not_count(site, served, folder):
    site.put("Tiny.mat", tiny.mat(Tiny=tiny.cube(bands=9)))
    with pytest.raises(DatasetError, match="9 bands but the scene of Tiny has 6 × 5 pixels and 7"):
        download_dataset("tiny")
    assert state_of(served, folder) == "absent"
    site.put("Tiny.mat", tiny.SCENE_MAT)  # what came is not kept, so the right one is fetched
    assert download_dataset("tiny") == folder


@pytest.mark.parametrize(("file", "role"), [("Tiny.mat", "the scene"), ("Tiny_gt.mat", "a label map")])
def test_something_else_altogether_is_told_by_its_address_and_page(site, served, file, role):
    address = site.put(file, b"MATLAB no more")
    with pytest.raises(DatasetError) as caught:
        download_dataset("tiny")
    text = str(caught.value)
    assert text.startswith(f"{address} is not {role} of Tiny, or it is damaged (")
    assert f"get {file} from {tiny.PAGE}" in text
    assert ".download" not in text
    assert "GeoTIFF" not in text  # the advice of a reader that knows of no data set


def test_wrong_counts_do_not_count_even_with_force(site, listed, folder):
    scene, labels = site.put("Tiny.mat", tiny.SCENE_MAT), site.put("Tiny_gt.mat", tiny.LABELS_MAT)
    entry = listed(tiny.open_entry(scene, labels, counts=(3, 5)))
    with pytest.raises(DatasetError, match=r"4 pixels of class 4 \(Reeds\) but 5 were published"):
        download_dataset("tiny", force=True)
    assert state_of(entry, folder) == "absent"


def test_a_file_that_changes_later_is_refused(served, folder):
    download_dataset("tiny")
    changed = tiny.mat(Tiny=tiny.cube(seed=1))
    (folder / "Tiny.mat").write_bytes(changed)
    for attempt in (download_dataset, verify_dataset):
        with pytest.raises(DatasetError, match="--force"):
            attempt("tiny")
    assert (folder / "Tiny.mat").read_bytes() == changed
    download_dataset("tiny", force=True)
    assert (folder / "Tiny.mat").read_bytes() == tiny.SCENE_MAT


def test_a_forced_download_that_fails_leaves_the_old_one(site, served, folder):
    download_dataset("tiny")
    site.put("Tiny.mat", b"<html></html>")
    with pytest.raises(DatasetError):
        download_dataset("tiny", force=True)
    assert verify_dataset("tiny") == folder


def test_a_file_that_goes_away_later(served, folder):
    download_dataset("tiny")
    (folder / "Tiny_gt.mat").unlink()
    assert state_of(served, folder) == "in part"
    assert download_dataset("tiny") == folder


def test_a_damaged_record(served, folder):
    download_dataset("tiny")
    (folder / RECORD).write_text("{")
    with pytest.raises(DatasetError, match="delete it"):
        download_dataset("tiny")


@pytest.fixture
def split(site, listed):
    train = site.put("train.tif", tiny.tiff(tiny.LABELS[None]))
    test = site.put("test.tif", tiny.tiff(tiny.TEST[None]))
    return listed(tiny.split_entry(train, test))


SCENE_TIF = tiny.tiff(tiny.cube().transpose(2, 0, 1))


def test_a_data_set_that_wants_a_form(split, tmp_path):
    folder = tmp_path / "datasets" / "tiny_split"
    with pytest.raises(DatasetError) as caught:
        download_dataset("tiny_split")
    line = str(caught.value)
    for part in ("wants a form filled in", f"scene.tif from {tiny.PAGE}", "contest.zip", str(folder)):
        assert part in line
    assert "train.tif" not in line
    (folder / "contest.zip").write_bytes(tiny.zip_of({"contest/scene.tif": SCENE_TIF, "contest/other.tif": b"x"}))
    assert download_dataset("tiny_split") == folder
    assert names(folder) == {"scene.tif", "train.tif", "test.tif", "contest.zip", RECORD, ".lock"}
    assert record(folder)["scene.tif"]["source"] == "by hand, in contest.zip"


def test_pages_of_single_files_are_named(site, split):
    site.files.clear()
    with pytest.raises(
        DatasetError, match=r"scene.tif and test.tif from https://owner\S*, and train.tif from https://els"
    ):
        download_dataset("tiny_split")


def test_an_archive_that_is_not_safe(split, tmp_path):
    folder = tmp_path / "to"
    folder.mkdir()
    (folder / "contest.zip").write_bytes(tiny.zip_of({"contest/scene.tif": SCENE_TIF, "../evil": b"x"}))
    with pytest.raises(DatasetError, match="not safe to unpack"):
        download_dataset("tiny_split", folder)
    assert not (tmp_path / "evil").exists()
    assert "scene.tif" not in names(folder)


def test_archives_of_other_things_are_passed_over(split, tmp_path):
    folder = tmp_path / "to"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"cut off")
    (folder / "b.zip").write_bytes(tiny.zip_of({"holiday.jpg": b"x"}))
    with pytest.raises(DatasetError, match=r"form filled in; \S*a\.zip is damaged"):
        download_dataset("tiny_split", folder)
    (folder / "c.zip").write_bytes(tiny.zip_of({"scene.tif": SCENE_TIF}))
    assert download_dataset("tiny_split", folder) == folder


def test_an_archive_for_another_program(split, tmp_path):
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "contest.rar").write_bytes(b"Rar!")
    with pytest.raises(DatasetError, match=r"contest\.rar has to be unpacked"):
        download_dataset("tiny_split", tmp_path / "to")


def test_the_folder_decides_between_members_of_one_name(split, tmp_path):
    folder = tmp_path / "to"
    folder.mkdir()
    members = {"data/contest/scene.tif": SCENE_TIF, "data/another/scene.tif": b"x"}
    (folder / "all.zip").write_bytes(tiny.zip_of(members))
    assert download_dataset("tiny_split", folder) == folder


@pytest.mark.real_data
def test_the_real_salinas_a_by_hand(data_folder, tmp_path):
    """The one complete scene at hand that is in the catalogue, through all checks."""
    for name in ("SalinasA_corrected.mat", "SalinasA_gt.mat"):
        shutil.copy(data_folder / "salinas_a" / name, tmp_path / name)
    assert download_dataset("salinas_a", tmp_path) == tmp_path
    assert {item["source"] for item in record(tmp_path).values()} == {"by hand"}
    opened = open_dataset("salinas_a", tmp_path)
    assert opened.scene.shape == (204, 83, 86)
    assert opened.labels.attrs["classes"].name_of(14) == "Lettuce romaine 7 weeks"


def test_several_at_once(site, served, folder):
    """All come to the same end, and the files are fetched once."""
    ends: list[object] = []

    def one() -> None:
        try:
            ends.append(download_dataset("tiny"))
        except Exception as error:  # noqa: BLE001 - the test looks at it
            ends.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == [folder] * 4
    assert sorted(path for path, _ in site.asked) == ["/Tiny.mat", "/Tiny_gt.mat"]


def test_who_waits_is_told(served, folder, caplog):
    folder.mkdir(parents=True)
    with locked(folder / ".lock"):
        thread = threading.Thread(target=download_dataset, args=["tiny"])
        thread.start()
        while not caplog.records:
            thread.join(0.01)
        assert "waiting" in caplog.text
        assert state_of(served, folder) == "absent"
    thread.join()
    assert state_of(served, folder) == "there"


def test_a_folder_that_cannot_be(served, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="name another folder"):
        download_dataset("tiny", tmp_path / "file" / "tiny")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="rights do not bind the superuser")
def test_a_folder_without_rights(served, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="name another folder"):
        download_dataset("tiny", tmp_path / "locked")


def test_no_network(listed, folder):
    listed(tiny.open_entry("https://owner.example/Tiny.mat", "https://owner.example/Tiny_gt.mat"))
    with pytest.raises(DatasetError, match=r"no network.*try again later"):
        download_dataset("tiny")
    assert names(folder) <= {".lock", obtain._STAGING}


def test_progress_is_told_by_file(served):
    told = []
    download_dataset("tiny", on_bytes=lambda *seen: told.append(seen))
    assert told[-1] == ("Tiny_gt.mat", len(tiny.LABELS_MAT), len(tiny.LABELS_MAT))
    assert {name for name, _, _ in told} == {"Tiny.mat", "Tiny_gt.mat"}
