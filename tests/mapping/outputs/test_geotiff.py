"""Maps, confidences and probabilities, read back with GDAL."""

import os
import re
import resource

import numpy as np
import pytest
import rasterio
from rio_cogeo.cogeo import cog_validate

from spectralmamba.errors import OutputError
from spectralmamba.labels import ClassTable, open_labels
from spectralmamba.labels.table_qml import read_qml
from spectralmamba.mapping.outputs import write_class_map, write_confidence, write_probabilities
from tests.mapping.outputs.fakes import NORTH_UP, ROTATED, TABLE, UTM, grid, made_map, stored

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

PLACES = {"north up": (NORTH_UP, UTM), "rotated": (ROTATED, UTM), "no CRS": (NORTH_UP, None), "nowhere": (None, None)}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("size", [(1, 1), (3, 700), (600, 530)])
def test_a_map_is_cloud_optimized_and_reads_back(tmp_path, place, size):
    classes, _, _ = made_map(*size)
    write_class_map(classes, grid(*size, *place), TABLE, tmp_path / "map.tif")
    assert cog_validate(tmp_path / "map.tif", strict=True) == (True, [], [])
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (file.crs, file.nodata, file.dtypes) == (place[1], 0, ("uint8",))
        assert (file.profile["tiled"], file.compression.name, file.colorinterp[0].name) == (True, "deflate", "palette")
        assert file.descriptions == ("class",)
        assert file.tags(1) == {"CLASS_2": "water & ice", "CLASS_5": "Wälder", "CLASS_9": "roofs"}
        colours = file.colormap(1)
        assert [colours[n] for n in (0, 2, 5, 9)] == [
            (0, 0, 0, 0),
            (0, 0, 255, 255),
            (0, 160, 0, 255),
            (255, 0, 0, 255),
        ]
        assert np.array_equal(file.read(1), classes)
        if place[0] is None:
            assert file.transform.is_identity
        else:
            assert file.transform.almost_equals(place[0], precision=1e-9)


def test_class_names_are_where_gdal_and_qgis_look(tmp_path):
    write_class_map(made_map(30, 20)[0], grid(30, 20), TABLE, tmp_path / "map.tif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["map.qml", "map.tif", "map.tif.aux.xml"]
    names = re.findall("<Category ?/?>([^<]*)", (tmp_path / "map.tif.aux.xml").read_text())
    assert (len(names), names[0], names[2], names[9]) == (10, "no data", "water &amp; ice", "roofs")
    assert read_qml(tmp_path / "map.qml") == TABLE
    assert open_labels(tmp_path / "map.tif").attrs["classes"] == TABLE


def read_overview(path, level=0):
    with rasterio.open(path, overview_level=level) as file:
        return file.read()


def test_overviews_show_the_most_frequent_class_and_have_colours(tmp_path):
    classes = np.zeros((600, 528), np.uint8)
    classes[:, 100:] = 5
    classes[::2, 100::2] = 9  # one pixel in four
    write_class_map(classes, grid(600, 528), TABLE, tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        assert file.overviews(1) == [2, 4]
    for level, factor in enumerate((2, 4)):
        with rasterio.open(tmp_path / "map.tif", overview_level=level) as file:
            assert file.colormap(1)[5] == (0, 160, 0, 255)
        assert np.array_equal(read_overview(tmp_path / "map.tif", level)[0], classes[1::factor, 1::factor])


@pytest.mark.parametrize("size", [(600, 520), (601, 523)])
def test_overviews_of_all_files_have_data_where_a_pixel_below_has(tmp_path, size):
    classes, confidence, probabilities = made_map(*size)
    classes[:, 400:], confidence[:, 400:], probabilities[..., 400:] = 0, np.nan, np.nan
    write_class_map(classes, grid(*size), TABLE, tmp_path / "map.tif")
    write_confidence(confidence, grid(*size), tmp_path / "confidence.tif")
    write_probabilities(probabilities, grid(*size), TABLE, tmp_path / "probabilities.tif")
    data = read_overview(tmp_path / "map.tif")[0] > 0
    assert 0 < data.mean() < 1
    certainty, shares = read_overview(tmp_path / "confidence.tif")[0], read_overview(tmp_path / "probabilities.tif")
    assert np.array_equal(np.isfinite(certainty), data)
    assert np.array_equal(np.isfinite(shares), np.stack([data] * 3))
    assert not data[:, 201:].any()
    assert np.allclose(shares.sum(axis=0)[data], 1, atol=1e-5)
    if size == (600, 520):  # 2 × 2 pixels each
        blocks = confidence.reshape(300, 2, 260, 2)
        known = np.isfinite(blocks)
        assert np.array_equal(known.any(axis=(1, 3)), data)
        means = np.nansum(blocks, axis=(1, 3))[data] / known.sum(axis=(1, 3))[data]
        assert np.allclose(certainty[data], means, atol=1e-5)


def test_confidence_and_probabilities_read_back(tmp_path):
    _, confidence, probabilities = made_map(300, 270)
    write_confidence(confidence, grid(300, 270, ROTATED), tmp_path / "confidence.tif")
    write_probabilities(probabilities, grid(300, 270, ROTATED), TABLE, tmp_path / "probabilities.tif")
    for name, values, names in [
        ("confidence", confidence[None], ("confidence",)),
        ("probabilities", probabilities, TABLE.names),
    ]:
        assert cog_validate(tmp_path / f"{name}.tif", strict=True) == (True, [], [])
        with rasterio.open(tmp_path / f"{name}.tif") as file:
            assert (set(file.dtypes), file.descriptions, file.crs) == ({"float32"}, names, UTM)
            assert np.isnan(file.nodata)
            assert file.transform.almost_equals(ROTATED, precision=1e-9)
            assert np.array_equal(file.read(), values, equal_nan=True)
    with rasterio.open(tmp_path / "probabilities.tif") as file:
        assert [file.tags(band)["CLASS"] for band in (1, 2, 3)] == ["2", "5", "9"]


def test_the_same_bytes_again_and_from_arrays_in_files(tmp_path):
    classes, confidence, probabilities = made_map(600, 530)
    where, contents = grid(600, 530), []
    in_memory = (classes, confidence, probabilities)
    in_files = [stored(tmp_path, name, values) for name, values in zip("ijk", in_memory, strict=True)]
    for folder, sources in {"a": in_memory, "b": in_memory, "c": in_files}.items():
        (tmp_path / folder).mkdir()
        write_class_map(sources[0], where, TABLE, tmp_path / folder / "map.tif")
        write_confidence(sources[1], where, tmp_path / folder / "confidence.tif")
        write_probabilities(sources[2], where, TABLE, tmp_path / folder / "probabilities.tif")
        contents.append({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()})
    assert len(contents[0]) == 5
    assert contents[0] == contents[1] == contents[2]
    for array in in_files:
        array.close()


def test_large_class_numbers_have_colours_too(tmp_path):
    table = ClassTable.from_numbers([1, 300, 65535])
    classes = np.array([[0, 1, 300, 65535]], np.uint16)
    write_class_map(classes, grid(1, 4), table, tmp_path / "map.tif")
    with rasterio.open(tmp_path / "map.tif") as file:
        assert np.array_equal(file.read(1), classes)
        assert file.colormap(1)[65535] == (*bytes.fromhex(table.colours[2][1:]), 255)
    assert open_labels(tmp_path / "map.tif").attrs["classes"] == table


def noise(size):
    """What no compression makes smaller."""
    return np.random.default_rng(0).integers(0, 2**32, (size, size), np.uint32).view(np.float32)


@pytest.mark.parametrize(("limit", "size"), [(100, 300), (300_000, 300), (400_000, 300)])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, limit, size):
    """In a process of its own: a file may not grow past the limit, at the head, in the plain file, in the copy."""
    (tmp_path / "confidence.tif").write_text("precious")
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        status = 1
        try:
            write_confidence(noise(size), grid(size, size), tmp_path / "confidence.tif")
        except OutputError as error:
            text = str(error)
            status = 0 if str(tmp_path / "confidence.tif") in text and "free some space" in text else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["confidence.tif"]
    assert (tmp_path / "confidence.tif").read_text() == "precious"


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*map\.tif"):
        write_class_map(made_map(5, 5)[0], grid(5, 5), TABLE, tmp_path / "no" / "map.tif")
