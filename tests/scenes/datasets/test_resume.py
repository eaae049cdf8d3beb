"""Transfers that stop and go on."""

import errno
import json

import pytest

from spectralmamba.errors import OutputError
from spectralmamba.scenes.datasets import resume
from spectralmamba.scenes.datasets.resume import ATTEMPTS, NotFetched, ResumingDownloader

CONTENT = bytes(range(256)) * 400
PIECE = resume._PIECE
CUT = 2 * PIECE


@pytest.fixture
def fetch(tmp_path):
    """Fetch an address; give the bytes."""

    def run(url: str) -> bytes:
        ResumingDownloader(tmp_path / "file.partial")(url, tmp_path / "file", None)
        assert [path.name for path in tmp_path.iterdir()] == ["file"]
        return (tmp_path / "file").read_bytes()

    return run


@pytest.fixture
def interrupted(site, fetch, monkeypatch, tmp_path):
    """Begin a transfer that ends after 30 000 bytes, as if the machine had been switched off; give the address."""
    url = site.put("file", CONTENT)
    site.cuts["/file"] = [CUT]
    with monkeypatch.context() as patched:
        patched.setattr(resume, "ATTEMPTS", 1)
        with pytest.raises(NotFetched, match=r"ended after|broke off"):
            fetch(url)
    assert (tmp_path / "file.partial").read_bytes() == CONTENT[:CUT]
    return url


def test_a_whole_transfer(site, fetch):
    assert fetch(site.put("file", CONTENT)) == CONTENT
    assert site.asked == [("/file", None)]


def test_an_interrupted_transfer_goes_on_within_one_run(site, fetch):
    url = site.put("file", CONTENT)
    site.cuts["/file"] = [PIECE, PIECE + 5]
    assert fetch(url) == CONTENT
    assert site.asked == [("/file", None), ("/file", f"bytes={PIECE}-"), ("/file", f"bytes={2 * PIECE}-")]


def test_an_interrupted_transfer_goes_on_in_the_next_run(site, fetch, interrupted):
    assert fetch(interrupted) == CONTENT
    assert site.asked[-1] == ("/file", f"bytes={CUT}-")


def test_a_file_that_changed_in_between_comes_anew(site, fetch, interrupted):
    site.files["/file"], site.tag = CONTENT[::-1], '"second"'
    assert fetch(interrupted) == CONTENT[::-1]


def test_a_server_that_gives_no_parts(site, fetch, interrupted):
    site.ranges = False
    assert fetch(interrupted) == CONTENT


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
def test_without_a_strict_state_the_file_comes_anew(site, fetch, tag):
    url = site.put("file", CONTENT)
    site.tag, site.cuts["/file"] = tag, [PIECE]
    assert fetch(url) == CONTENT
    assert site.asked == [("/file", None), ("/file", None)]


def test_a_part_of_another_address_is_not_used(site, fetch, interrupted):
    other = site.put("other", CONTENT[::-1])
    assert fetch(other) == CONTENT[::-1]
    assert site.asked[-1] == ("/other", None)


def test_a_part_that_is_all_there_is(site, fetch, interrupted, tmp_path):
    (tmp_path / "file.partial").write_bytes(CONTENT)
    assert fetch(interrupted) == CONTENT
    assert site.asked[-1] == ("/file", f"bytes={len(CONTENT)}-")


def test_a_part_that_is_too_long_is_thrown_away(site, fetch, interrupted, tmp_path):
    (tmp_path / "file.partial").write_bytes(CONTENT + b"more")
    assert fetch(interrupted) == CONTENT


def test_a_damaged_state_is_no_state(site, fetch, interrupted, tmp_path):
    (tmp_path / "file.partial.json").write_text("{")
    assert fetch(interrupted) == CONTENT
    assert site.asked[-1] == ("/file", None)


def test_a_busy_server_is_asked_again(site, fetch):
    url = site.put("file", CONTENT)
    site.statuses["/file"] = [503, 429]
    assert fetch(url) == CONTENT
    assert len(site.asked) == 3


def test_a_server_that_stays_busy(site, fetch):
    url = site.put("file", CONTENT)
    site.statuses["/file"] = [503] * 20
    with pytest.raises(NotFetched, match="503") as caught:
        fetch(url)
    assert caught.value.later
    assert len(site.asked) == ATTEMPTS


@pytest.mark.parametrize(
    ("status", "words"), [(404, "gone"), (410, "gone"), (401, "login"), (403, "login"), (400, "400")]
)
def test_refusals_are_final(site, fetch, status, words):
    url = site.put("file", CONTENT)
    site.statuses["/file"] = [status]
    with pytest.raises(NotFetched, match=words):
        fetch(url)
    assert len(site.asked) == 1


@pytest.mark.parametrize("start", [b"<!DOCTYPE html>", b"\xef\xbb\xbf\n <HTML lang=en>"])
@pytest.mark.parametrize("with_length", [True, False])
def test_a_web_page_that_is_called_a_file(site, fetch, tmp_path, start, with_length):
    site.content_type, site.with_length = "application/octet-stream", with_length
    with pytest.raises(NotFetched, match="web page in place of the file, which may want a login"):
        fetch(site.put("file", start + b"<body>log in</body></html>"))
    assert not list(tmp_path.rglob("*file*"))


def test_a_web_page_in_place_of_the_file(site, fetch):
    site.content_type = "text/html; charset=utf-8"
    with pytest.raises(NotFetched, match="web page"):
        fetch(site.put("file", b"<html>moved</html>"))


def test_a_length_that_is_not_told(site, fetch, tmp_path):
    site.with_length = False
    assert fetch(site.put("file", CONTENT)) == CONTENT


def test_no_network(fetch):
    with pytest.raises(NotFetched, match="no network") as caught:
        fetch("https://owner.example/file")
    assert caught.value.later


def test_nobody_listens(site, fetch):
    address = site.put("file", CONTENT).replace(site.address, "http://127.0.0.1:9")
    with pytest.raises(NotFetched, match="no connection"):
        fetch(address)


def test_bytes_are_told_as_they_come(site, tmp_path):
    url = site.put("file", CONTENT)
    site.cuts["/file"] = [PIECE]
    told = []
    ResumingDownloader(tmp_path / "p", lambda *seen: told.append(seen))(url, tmp_path / "file", None)
    assert told[0] == ("p", 0, len(CONTENT))
    assert told[-1] == ("p", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


class FullDisk:
    """A file on a disk that has room for one piece."""

    def __init__(self, file):
        self.file, self.pieces = file, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, piece):
        if self.pieces:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.pieces += 1
        return self.file.write(piece)


def test_a_full_disk_keeps_the_part(site, fetch, tmp_path, monkeypatch):
    url = site.put("file", CONTENT * 4)
    opened = resume._opened
    with monkeypatch.context() as patched:
        patched.setattr(resume, "_opened", lambda *arguments: FullDisk(opened(*arguments)))
        with pytest.raises(OutputError, match="free some space"):
            fetch(url)
    assert (tmp_path / "file.partial").stat().st_size > 0
    assert json.loads((tmp_path / "file.partial.json").read_text())["address"] == url
    assert fetch(url) == CONTENT * 4
    assert site.asked[-1][1] is not None


def test_too_little_space_is_seen_beforehand(site, fetch, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr(resume.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OutputError, match="are needed"):
        fetch(site.put("file", CONTENT))
    assert not (tmp_path / "file.partial").exists()
