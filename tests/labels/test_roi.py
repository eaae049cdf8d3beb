"""Regions of ENVI as text."""

import numpy as np
import pytest
import rasterio

from spectralmamba import open_labels, open_scene
from spectralmamba.errors import LabelError
from tests.scenes.products import cube, write_tiff

TEXT = """; ENVI Output of ROIs (4.8) [Tue Oct 31 19:11:26 2023]
; Number of ROIs: 2
; File Dimension: 7 x 5
;
; ROI name: grass
; ROI rgb value: {0, 205, 0}
; ROI npts: 2
;
; ROI name: railway, old
; ROI rgb value: {0, 0, 0}
; ROI npts: 3
;    ID     X    Y
      1     1    1
      2     7    5

      1     2    1
      2     3    1
      3     4    2
"""


def write(path, text=TEXT):
    path.write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    return path


@pytest.fixture
def scene(tmp_path):
    return open_scene(write_tiff(tmp_path / "scene.tif", cube()))


def test_regions_become_a_label_map(tmp_path, scene):
    path = write(tmp_path / "samples.txt")
    for labels in (open_labels(path), open_labels(path, like=scene)):
        wanted = np.zeros((5, 7))
        wanted[0, 0] = wanted[4, 6] = 1
        wanted[0, 1] = wanted[0, 2] = wanted[1, 3] = 2
        np.testing.assert_array_equal(labels.values, wanted)
        assert labels.attrs["classes"].classes == ((1, "grass", "#00cd00"), (2, "railway, old", "#000000"))


def test_map_coordinates_beside_the_pixels(tmp_path):
    text = TEXT.replace("ID     X    Y", "ID     X    Y       Map X       Map Y").replace(
        "1    1\n", "1    1  366015.0 5.0\n"
    )
    assert open_labels(write(tmp_path / "a.txt", text)).values[0, 0] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_with_umlauts(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(TEXT.replace("grass", "Gewässer").encode(encoding))
    assert open_labels(tmp_path / "a.txt").attrs["classes"].names == ("Gewässer", "railway, old")


def test_regions_of_one_name_are_one_class(tmp_path):
    labels = open_labels(write(tmp_path / "a.txt", TEXT.replace("railway, old", "grass")))
    assert labels.attrs["classes"].names == ("grass",)
    assert (labels.values == 1).sum() == 5


def test_regions_that_overlap(tmp_path):
    path = write(tmp_path / "a.txt", TEXT.replace("2     3    1", "2     1    1"))
    with pytest.raises(LabelError, match="first at row 0, column 0 by 'grass' and 'railway, old'"):
        open_labels(path)
    assert [open_labels(path, overlap=rule).values[0, 0] for rule in ("first", "last", "drop")] == [1, 2, 0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2     7    5", "2     8    5", "X = 8, Y = 5 lies outside the image of 7 × 5"),
        ("1     1    1", "1     0    1", "X = 0, Y = 1 lies outside"),
        ("      3     4    2\n", "", "its header names 5 pixels but it holds 4"),
        ("3     4    2", "3     4", "a line has no X and Y"),
        ("3     4    2", "3     four 2", "a line has no X and Y"),
        ("; File Dimension: 7 x 5\n", "", "does not give the image's size"),
        ("; ROI npts: 2\n", "", "does not give"),
        ("ID     X    Y", "ID  Map X  Map Y", "no line names its columns X and Y"),
        (";    ID     X    Y\n", "", "no line names its columns X and Y"),
    ],
)
def test_broken(tmp_path, old, new, message):
    assert old in TEXT
    with pytest.raises(LabelError, match=message) as caught:
        open_labels(write(tmp_path / "bad.txt", TEXT.replace(old, new)))
    assert "bad.txt" in str(caught.value)


def test_another_size_than_the_scene(tmp_path):
    scene = open_scene(write_tiff(tmp_path / "scene.tif", cube(3, 7, 5)))
    with pytest.raises(LabelError, match=r"5 × 7 pixels but the scene 7 × 5.*transposed"):
        open_labels(write(tmp_path / "a.txt"), like=scene)
    with pytest.raises(LabelError, match="leave out variable"):
        open_labels(write(tmp_path / "a.txt"), variable="grass")


@pytest.mark.real_data
def test_the_contest_file_equals_its_raster(data_folder):
    folder = data_folder / "houston2013"
    labels = open_labels(folder / "2013_IEEE_GRSS_DF_Contest_Samples_VA.txt")
    with rasterio.open(folder / "2013_IEEE_GRSS_DF_Contest_Samples_VA.tif") as file:
        np.testing.assert_array_equal(labels.values, file.read(1))
    table = labels.attrs["classes"]
    assert (len(table), table.name_of(11), table.colours[0]) == (15, "railway", "#00cd00")
