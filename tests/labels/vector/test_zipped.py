"""Vector files in a zip archive, read without unpacking."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from spectralmamba import open_labels
from spectralmamba.errors import LabelError
from spectralmamba.labels.vector import recognition
from tests.labels.vector.drawn import box, small_scene, write

FIELDS, CROPS = [box(0, 0, 3, 4), box(3, 4, 2, 6)], ["wheat", "maize"]


@pytest.fixture
def scene(tmp_path):
    return small_scene(tmp_path)


def packed(archive: Path, *files: Path, folder: str = "") -> Path:
    """Add files, each with what belongs to it, to an archive; then take them away."""
    with ZipFile(archive, "a") as out:
        for file in files:
            for part in sorted(file.parent.glob(f"{file.stem}.*")):
                out.write(part, f"{folder}{part.name}")
                part.unlink()
    return archive


@pytest.mark.parametrize("archive", ["fields.zip", "two words.ZIP", "fields.data"])
@pytest.mark.parametrize("folder", ["", "export/2026 spring/"])
@pytest.mark.parametrize("kind", ["shp", "gpkg", "fgb", "geojson", "gml"])
def test_a_zipped_file_labels_as_itself(tmp_path, scene, archive, folder, kind):
    (tmp_path / "in").mkdir()
    file = write(tmp_path / "in" / f"fields.{kind}", FIELDS, crop=CROPS)
    wanted = open_labels(file, like=scene, attribute="crop")
    path = packed(tmp_path / archive, file, folder=folder)
    with ZipFile(path, "a") as out:
        out.writestr("readme.txt", "fields of 2026")
        out.writestr("__MACOSX/._fields.shp", b"left by a Macintosh")
    labels = open_labels(path, like=scene, attribute="crop")
    np.testing.assert_array_equal(labels.values, wanted.values)
    assert labels.attrs["classes"].names == ("maize", "wheat")


def test_a_zipped_geodatabase(tmp_path, scene):
    database = write(tmp_path / "fields.gdb", FIELDS, crop=CROPS)
    wanted = open_labels(database, like=scene).values
    with ZipFile(tmp_path / "fields.zip", "w") as out:
        for part in sorted(database.iterdir()):
            out.write(part, f"export/fields.gdb/{part.name}")
    np.testing.assert_array_equal(open_labels(tmp_path / "fields.zip", like=scene).values, wanted)


def test_several_shapefiles_of_a_folder_are_layers(tmp_path, scene):
    (tmp_path / "in").mkdir()
    files = [
        write(tmp_path / "in" / f"{name}.shp", [field], crop=[name]) for name, field in zip("ab", FIELDS, strict=True)
    ]
    path = packed(tmp_path / "both.zip", *files)
    with pytest.raises(LabelError, match=r"several layers \(a, b\)"):
        open_labels(path, like=scene)
    assert (open_labels(path, like=scene, layer=["a", "b"]).values > 0).sum() == 12 + 12


def test_files_in_several_folders_are_refused(tmp_path, scene):
    (tmp_path / "in").mkdir()
    path = tmp_path / "apart.zip"
    for name, field in zip("ab", FIELDS, strict=True):
        packed(path, write(tmp_path / "in" / f"{name}.shp", [field], crop=[name]), folder=f"{name}/")
    with pytest.raises(LabelError, match=r"holds several vector files \(a/a\.shp, b/b\.shp\); unpack it"):
        open_labels(path, like=scene)


@pytest.mark.parametrize("bytes_kept", [40, -30])
def test_a_damaged_archive_is_one_sentence(tmp_path, scene, bytes_kept):
    (tmp_path / "in").mkdir()
    path = packed(tmp_path / "bad.zip", write(tmp_path / "in" / "a.shp", FIELDS, crop=CROPS))
    path.write_bytes(path.read_bytes()[:bytes_kept])
    with pytest.raises(LabelError, match=r"bad\.zip"):
        open_labels(path, like=scene)


def test_an_archive_of_other_things_is_no_vector_file(tmp_path):
    np.savez(tmp_path / "arrays.npz", X=np.zeros((2, 3)), y=np.ones(2))
    assert not recognition.recognises(tmp_path / "arrays.npz")


def test_the_archive_beside_its_contents_is_passed_over(tmp_path, scene):
    folder = tmp_path / "labels"
    folder.mkdir()
    file = write(folder / "fields.shp", FIELDS, crop=CROPS)
    with ZipFile(folder / "fields.zip", "w") as out:
        for part in sorted(folder.glob("fields.*")):
            if part.suffix != ".zip":
                out.write(part, part.name)
    np.testing.assert_array_equal(open_labels(folder, like=scene).values, open_labels(file, like=scene).values)
