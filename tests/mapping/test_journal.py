"""Journals: what they say is true, however they end."""

import pytest

from spectralmamba.mapping.journal import Journal, JournalError, read_journal

JOB = {"model": "x", "tile size": [3, 4]}


@pytest.fixture
def written(tmp_path):
    journal = Journal.create(tmp_path / "journal", JOB)
    journal.add({3: {"classes": 7}})
    journal.add({1: {"classes": 8}, 0: {"classes": 9}})
    journal.close()
    return tmp_path / "journal"


def test_it_is_read_back(written):
    noted = read_journal(written)
    assert noted.job == JOB
    assert noted.done == {3: {"classes": 7}, 1: {"classes": 8}, 0: {"classes": 9}}
    assert noted.length == written.stat().st_size


def test_cut_anywhere_it_holds_what_was_whole_and_can_be_gone_on_with(written, tmp_path):
    content = written.read_bytes()
    ends = [i + 1 for i, byte in enumerate(content) if byte == ord("\n")]
    for length in range(len(content) + 1):
        cut = tmp_path / "cut"
        cut.write_bytes(content[:length])
        noted = read_journal(cut)
        whole = sum(end <= length for end in ends)
        if whole == 0:
            assert noted is None
            continue
        assert list(noted.done) == [3, 1, 0][: whole - 1]
        journal = Journal(cut, noted)
        journal.add({5: {"classes": 1}})
        journal.close()
        assert list(read_journal(cut).done) == [*[3, 1, 0][: whole - 1], 5]


def test_a_damaged_record_ends_what_counts(written):
    content = bytearray(written.read_bytes())
    content[content.index(b"\n") + 15] ^= 1
    written.write_bytes(content)
    assert read_journal(written).done == {}


def test_there_is_none(tmp_path):
    assert read_journal(tmp_path / "journal") is None


@pytest.mark.parametrize("change", [lambda c: b"z" + c[1:], lambda c: b"hello\n", lambda c: b"hello"])
def test_a_damaged_head_is_an_error(written, change):
    written.write_bytes(change(written.read_bytes()))
    with pytest.raises(JournalError, match="damaged"):
        read_journal(written)


def test_another_format_is_an_error(written, monkeypatch):
    monkeypatch.setattr("spectralmamba.mapping.journal.FORMAT", 2)
    with pytest.raises(JournalError, match="format 1, this version reads 2"):
        read_journal(written)
