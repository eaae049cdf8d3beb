"""ENVI classifications, written by hand and by GDAL."""

import numpy as np
import pytest

from spectralmamba import open_labels, open_scene
from spectralmamba.errors import LabelError
from tests.scenes.products import CRS, TRANSFORM, cube, write_tiff

VALUES = np.array([[0, 1, 1, 0, 2, 2, 3]] * 5, np.uint8)
HEADER = """ENVI
samples = 7
lines = 5
bands = 1
header offset = 0
file type = ENVI Classification
data type = 1
interleave = bsq
byte order = 0
classes = 4
class names = {Unclassified, roof,
 low vegetation, roof}
class lookup = {0, 0, 0, 255, 0, 0,
 0, 205, 0, 0, 0, 255}
map info = {UTM, 1, 1, 366015, 5809965, 30, 30, 33, North, WGS-84, units=Meters}
"""


def write(folder, header=HEADER):
    (folder / "classes.hdr").write_text(header)
    (folder / "classes").write_bytes(VALUES.tobytes())
    return folder / "classes"


@pytest.fixture
def scene(tmp_path):
    return open_scene(write_tiff(tmp_path / "scene.tif", cube()))


@pytest.mark.parametrize("name", ["classes", "classes.hdr"])
def test_names_colours_and_place(tmp_path, scene, name):
    write(tmp_path)
    labels = open_labels(tmp_path / name, like=scene)
    np.testing.assert_array_equal(labels.values, VALUES)
    table = labels.attrs["classes"]
    assert table.names == ("roof", "low vegetation", "roof (3)")
    assert table.colours == ("#ff0000", "#00cd00", "#0000ff")
    assert open_labels(tmp_path / name).rio.transform() == TRANSFORM
    shifted = open_labels(tmp_path / name, like=scene.isel(x=slice(2, 7)))
    np.testing.assert_array_equal(shifted.values, VALUES[:, 2:])


def test_a_folder_lists_an_image_once(tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    write(folder)
    np.testing.assert_array_equal(open_labels(folder).values, VALUES)


def test_what_gdal_writes(tmp_path):
    import rasterio

    path = tmp_path / "gdal.img"
    size = {"count": 1, "height": 5, "width": 7, "dtype": "uint8", "crs": CRS, "transform": TRANSFORM}
    with rasterio.open(path, "w", driver="ENVI", **size) as file:
        file.write(VALUES, 1)
    labels = open_labels(path)
    np.testing.assert_array_equal(labels.values, VALUES)
    assert labels.rio.crs.to_epsg() == 32633


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lines = 5", "lines = 6", "truncated"),
        ("bands = 1", "bands = 2", "it has 2 bands; pass one with one band"),
        ("data type = 1", "data type = 77", "data type 77"),
        ("interleave = bsq\n", "", "interleave"),
        ("units=Meters}", "units=Meters", "never closes"),
    ],
)
def test_broken(tmp_path, old, new, message):
    write(tmp_path, HEADER.replace(old, new))
    with pytest.raises(LabelError, match=message):
        open_labels(tmp_path / "classes")


def test_a_header_alone(tmp_path):
    (tmp_path / "a.hdr").write_text(HEADER)
    with pytest.raises(LabelError, match="no image beside it"):
        open_labels(tmp_path / "a.hdr")
    write(tmp_path)
    with pytest.raises(LabelError, match="leave out variable"):
        open_labels(tmp_path / "classes", variable="x")
