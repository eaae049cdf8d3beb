"""Files appear whole or not at all."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from spectralmamba.errors import OutputError
from spectralmamba.files import replacing, replacing_folder, require_writable, write_text


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    write_text(tmp_path / "a.txt", "old")

    def fail():
        with replacing(tmp_path / "a.txt") as partial:
            partial.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    for content in ("one", "two"):
        with replacing_folder(tmp_path / "f") as partial:
            (partial / content).write_text(content)
    assert [p.name for p in (tmp_path / "f").iterdir()] == ["two"]
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_remains_of_a_killed_process_do_not_matter(tmp_path):
    (tmp_path / ".f.partial").mkdir()
    (tmp_path / ".f.partial" / "half").write_text("")
    with replacing_folder(tmp_path / "f") as partial:
        (partial / "whole").write_text("")
    assert [p.name for p in (tmp_path / "f").iterdir()] == ["whole"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        write_text(tmp_path / "nowhere" / "a.txt", "")


def test_writable_is_asked_without_writing(tmp_path):
    require_writable(tmp_path / "a" / "b" / "c")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="not a folder"):
        require_writable(tmp_path / "file" / "b")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_failure_leaves_no_folder_though_a_thread_still_writes(tmp_path):
    def write(partial):
        for i in range(30):
            partial.mkdir(exist_ok=True)
            (partial / f"{i}").write_bytes(b"late")
            time.sleep(0.005)

    def fail(pool):
        with replacing_folder(tmp_path / "map.zarr") as partial:
            pool.submit(write, partial)
            raise ZeroDivisionError

    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        fail(pool)
    assert list(tmp_path.iterdir()) == []
