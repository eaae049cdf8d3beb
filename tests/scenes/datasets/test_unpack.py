"""Archives that are not to be trusted."""

import io
import tarfile
import zipfile

import pytest

from spectralmamba.errors import DatasetError
from spectralmamba.scenes.datasets import unpack as module
from spectralmamba.scenes.datasets.unpack import list_archive, unpack

from .tiny import zip_of


def tar_of(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode=mode) as archive:
            for info, content in members:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return file.getvalue()


def special(name: str, kind: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info, b""


def zip_link() -> bytes:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(info, "/etc/passwd")
        return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", zip_of({"folder/a.mat": b"A" * 1000, "b.mat": b"B"})),
        ("a.tar", tar_of((tarfile.TarInfo("./folder/a.mat"), b"A" * 1000), (tarfile.TarInfo("b.mat"), b"B"))),
        (
            "a.tar.xz",
            tar_of((tarfile.TarInfo("folder/a.mat"), b"A" * 1000), (tarfile.TarInfo("b.mat"), b"B"), mode="w:xz"),
        ),
    ],
)
def test_good_archives(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert [path.removeprefix("./") for path in list_archive(tmp_path / name)] == ["folder/a.mat", "b.mat"]
    unpack(tmp_path / name, tmp_path / "out")
    assert (tmp_path / "out" / "folder" / "a.mat").read_bytes() == b"A" * 1000
    unpack(tmp_path / name, tmp_path / "out", only=["b.mat"])
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.mat"]


BAD = {
    "a path that leads out": (zip_of({"ok": b"", "../evil": b"x"}), "leads out"),
    "a path that leads out further in": (zip_of({"a/../../evil": b"x"}), "leads out"),
    "backslashes that lead out": (zip_of({"..\\evil": b"x"}), "leads out"),
    "an absolute path": (zip_of({"/evil": b"x"}), "absolute"),
    "a Windows drive": (zip_of({"C:/evil": b"x"}), "absolute"),
    "names that differ in case": (zip_of({"a.mat": b"x", "A.MAT": b"y"}), "one file on some systems"),
    "a link in a zip": (zip_link(), "link"),
    "a link in a tar": (tar_of(special("link", tarfile.SYMTYPE)), "link"),
    "a hard link in a tar": (tar_of(special("link", tarfile.LNKTYPE)), "link"),
    "a device in a tar": (tar_of(special("null", tarfile.CHRTYPE)), "device"),
    "a path that leads out of a tar": (tar_of((tarfile.TarInfo("../evil"), b"x")), "leads out"),
    "no archive": (b"<html>not found</html>" * 100, "damaged"),
    "half an archive": (zip_of({"a": bytes(range(256)) * 99})[:-60], "damaged"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=list(BAD))
def test_bad_archives_leave_nothing(tmp_path, content, words):
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "bad.zip").write_bytes(content)
    for attempt in (list_archive, lambda path: unpack(path, folder / "out")):
        with pytest.raises(DatasetError, match=words):
            attempt(folder / "bad.zip")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["inner", "inner/bad.zip"]


def test_a_damaged_member(tmp_path):
    content = bytearray(zip_of({"a": bytes(range(256)) * 99}))
    content[60] ^= 0xFF
    (tmp_path / "bad.zip").write_bytes(content)
    with pytest.raises(DatasetError, match="damaged"):
        unpack(tmp_path / "bad.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_much(tmp_path, monkeypatch):
    (tmp_path / "bomb.zip").write_bytes(zip_of({"a": bytes(10_000), "b": bytes(10_000)}))
    monkeypatch.setattr(module, "LARGEST", 15_000)
    with pytest.raises(DatasetError, match="unpacks to more"):
        unpack(tmp_path / "bomb.zip", tmp_path / "out")


def test_more_than_it_says(tmp_path):
    """The directory of the archive says ten bytes; a thousand come."""
    content = zip_of({"a": b"x" * 1000})
    size = (1000).to_bytes(4, "little")
    (tmp_path / "liar.zip").write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(DatasetError):
        unpack(tmp_path / "liar.zip", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_archives_for_other_programs(tmp_path):
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    with pytest.raises(DatasetError, match="another program"):
        unpack(tmp_path / "a.rar", tmp_path / "out")


def test_a_password(tmp_path):
    content = bytearray(zip_of({"a": b"x"}))
    content[6] |= 1  # the flag of encryption, in the file's header and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(content)
    with pytest.raises(DatasetError, match="another program"):
        unpack(tmp_path / "locked.zip", tmp_path / "out")
