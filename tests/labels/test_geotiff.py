import numpy as np
import pytest
from affine import Affine
from rasterio.warp import transform

from spectralmamba import open_labels, open_scene
from spectralmamba.errors import LabelError
from spectralmamba.labels.palette import PALETTE
from spectralmamba.scenes.grid import grid_of
from tests.scenes.products import CRS, cube, cut, moved, write_tiff

LABELS = np.array([[0, 1, 1, 0, 2, 2, 14]] * 5, np.uint8)
PLAIN = {"crs": None, "transform": None}


@pytest.fixture
def scene(tmp_path):
    return open_scene(write_tiff(tmp_path / "scene.tif", cube()))


def test_a_label_map_lies_on_the_scene(scene, tmp_path):
    labels = open_labels(write_tiff(tmp_path / "labels.tif", LABELS), like=scene)
    assert labels.dims == ("y", "x")
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels.values, LABELS)
    np.testing.assert_array_equal(labels["x"], scene["x"])
    assert labels.rio.transform() == scene.rio.transform()
    assert labels.rio.crs == scene.rio.crs
    assert labels.attrs["classes"].numbers == (1, 2, 14)
    assert labels.attrs["source"].endswith("labels.tif")


def test_the_class_table_survives(scene, tmp_path):
    labels = open_labels(write_tiff(tmp_path / "labels.tif", LABELS), like=scene)
    for derived in (labels.copy(), labels.copy(deep=True), labels.isel(y=slice(0, 2)), labels.astype(np.int64)):
        assert derived.attrs["classes"] == labels.attrs["classes"]


@pytest.mark.parametrize(("largest", "dtype"), [(255, np.uint8), (256, np.uint16), (70_000, np.uint32)])
def test_the_smallest_type_that_holds_the_numbers(tmp_path, largest, dtype):
    values = LABELS.astype(np.float64)
    values[0, 0] = largest
    labels = open_labels(write_tiff(tmp_path / "a.tif", values))
    assert labels.dtype == dtype
    assert labels.values[0, 0] == largest


def test_nodata_and_nan_are_unlabelled(tmp_path):
    values = LABELS.astype(np.float32)
    values[0] = -9999
    values[1] = np.nan
    labels = open_labels(write_tiff(tmp_path / "a.tif", values, nodata=-9999))
    assert not labels.values[:2].any()
    np.testing.assert_array_equal(labels.values[2:], LABELS[2:])


def test_without_a_scene_the_raster_keeps_its_own_grid(tmp_path):
    labels = open_labels(write_tiff(tmp_path / "a.tif", LABELS, transform=moved(2, 3)))
    assert labels.rio.transform() == moved(2, 3)


@pytest.mark.parametrize(("row", "col"), [(0, 0), (2, 3), (-3, -2), (4, 6), (-4, 6)])
def test_another_extent_of_the_same_grid_is_placed(scene, tmp_path, row, col):
    values = np.arange(1, 36, dtype=np.uint8).reshape(5, 7)
    labels = open_labels(write_tiff(tmp_path / "a.tif", values, transform=moved(row, col)), like=scene)
    wanted = np.zeros((5, 7), np.uint8)
    for y, x in np.ndindex(5, 7):
        if 0 <= y + row < 5 and 0 <= x + col < 7:
            wanted[y + row, x + col] = values[y, x]
    np.testing.assert_array_equal(labels.values, wanted)
    assert labels.attrs["classes"].numbers == tuple(wanted[wanted > 0])


def test_a_part_of_a_scene_gets_its_part_of_the_labels(scene, tmp_path):
    path = write_tiff(tmp_path / "labels.tif", LABELS)
    part = scene.isel(y=slice(1, 3), x=slice(2, 6))
    np.testing.assert_array_equal(open_labels(path, like=part).values, LABELS[1:3, 2:6])


def test_a_part_of_a_rotated_scene_too(tmp_path):
    turned = {"transform": Affine(20.0, 5.0, 366015.0, 5.0, -20.0, 5809965.0)}
    scene = open_scene(write_tiff(tmp_path / "scene.tif", cube(), **turned))
    path = write_tiff(tmp_path / "labels.tif", LABELS, **turned)
    labels = open_labels(path, like=scene.isel(y=slice(1, 3), x=slice(2, 6)))
    np.testing.assert_array_equal(labels.values, LABELS[1:3, 2:6])
    assert grid_of(labels).offset_of(grid_of(open_labels(path))) == (-1, -2)


def test_without_georeferencing_the_size_decides(scene, tmp_path):
    np.testing.assert_array_equal(
        open_labels(write_tiff(tmp_path / "a.tif", LABELS, **PLAIN), like=scene).values, LABELS
    )
    with pytest.raises(LabelError, match=r"4 × 7 pixels but the scene 5 × 7"):
        open_labels(write_tiff(tmp_path / "b.tif", LABELS[:4], **PLAIN), like=scene)
    with pytest.raises(LabelError, match=r"7 × 5 pixels but the scene 5 × 7.*transposed"):
        open_labels(write_tiff(tmp_path / "c.tif", LABELS.T, **PLAIN), like=scene)


def test_tiles_are_placed_by_their_georeferencing(scene, tmp_path):
    folder = tmp_path / "tiles"
    folder.mkdir()
    write_tiff(folder / "a.tif", LABELS[:2, :4], transform=moved(0, 0))
    write_tiff(folder / "b.tif", LABELS[1:, 4:], transform=moved(1, 4))
    (folder / "notes.csv").write_text("not labels")
    wanted = np.zeros_like(LABELS)
    wanted[:2, :4], wanted[1:, 4:] = LABELS[:2, :4], LABELS[1:, 4:]
    for source in (folder, sorted(folder.glob("*.tif"))):
        np.testing.assert_array_equal(open_labels(source, like=scene).values, wanted)
        np.testing.assert_array_equal(open_labels(source).values, wanted)


def test_where_tiles_overlap_the_first_that_labels_a_pixel_wins(tmp_path):
    a = write_tiff(tmp_path / "a.tif", np.array([[0, 1]], np.uint8))
    b = write_tiff(tmp_path / "b.tif", np.array([[2, 2]], np.uint8))
    assert open_labels([a, b]).values.tolist() == [[2, 1]]


def test_colours_of_the_file_are_kept(tmp_path):
    path = write_tiff(tmp_path / "a.tif", LABELS, colormap={1: (255, 0, 0, 255), 14: (0, 0, 254, 255)})
    assert open_labels(path).attrs["classes"].colours == ("#ff0000", PALETTE[1], "#0000fe")


def test_names_from_our_own_tags(tmp_path):
    path = write_tiff(tmp_path / "a.tif", LABELS, tags=[{"CLASS_1": "roof", "CLASS_14": "water", "CLASS_x": "?"}])
    assert open_labels(path).attrs["classes"].names == ("roof", "class 2", "water")


def test_names_from_the_sidecar_of_gdal(tmp_path):
    path = write_tiff(tmp_path / "a.tif", LABELS)
    names = "".join(f"<Category>{name}</Category>" for name in ("unlabelled", "tree", "tree"))
    sidecar = tmp_path / "a.tif.aux.xml"
    sidecar.write_text(
        f'<PAMDataset><PAMRasterBand band="1"><CategoryNames>{names}</CategoryNames></PAMRasterBand></PAMDataset>'
    )
    assert open_labels(path).attrs["classes"].names == ("tree", "tree (2)", "class 14")


def test_a_broken_sidecar_costs_the_names_only(tmp_path, caplog):
    path = write_tiff(tmp_path / "a.tif", LABELS)
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset><PAM")
    assert open_labels(path).attrs["classes"].names == ("class 1", "class 2", "class 14")
    assert "passed over" in caplog.text


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (LABELS + 0.5, {}, "value 0.5, which is not a class number"),
        (LABELS.astype(np.int16) - 1, {}, "value -1, which is not"),
        (LABELS * np.float32(np.inf) ** (LABELS == 1), {}, "value inf, which is not"),
        (LABELS * 0, {}, "no labelled pixel: every value is 0"),
        (LABELS * 0 + 1, {"nodata": 1}, "no labelled pixel"),
        (LABELS, {"transform": moved(50, 0)}, "no labelled pixel inside the scene"),
        (LABELS, {"crs": "EPSG:32634"}, "no labelled pixel inside the scene"),
        (LABELS, {"crs": None, "transform": moved(0.5, 0)}, "has no CRS but the scene has one; assign it"),
        (np.stack([LABELS] * 3), {}, "has 3 bands"),
        (LABELS.astype(np.complex64), {}, "complex64 values"),
    ],
)
def test_bad_rasters(scene, tmp_path, values, options, message):
    with pytest.raises(LabelError, match=message) as caught:
        open_labels(write_tiff(tmp_path / "bad.tif", values, **options), like=scene)
    assert "bad.tif" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_truncated_file(tmp_path):
    path = cut(write_tiff(tmp_path / "a.tif", np.ones((100, 100), np.uint8)), 0.9)
    with pytest.raises(LabelError, match=r"truncated|damaged"):
        open_labels(path)


def test_tiles_that_do_not_fit_are_named(tmp_path):
    a = write_tiff(tmp_path / "a.tif", LABELS)
    b = write_tiff(tmp_path / "b.tif", LABELS, transform=moved(0.5, 7))
    with pytest.raises(LabelError, match=r"b\.tif and .*a\.tif differ in alignment"):
        open_labels([a, b])
    c = write_tiff(tmp_path / "c.tif", LABELS, **PLAIN)
    with pytest.raises(LabelError, match=r"c\.tif has no georeferencing"):
        open_labels([a, c])


@pytest.mark.real_data
def test_the_enmap_tiles(data_folder):
    scene = open_scene(data_folder / "enmap_potsdam/images")
    labels = open_labels(data_folder / "enmap_potsdam/labels", like=scene)
    assert labels.dtype == np.uint8
    assert np.bincount(labels.values.ravel())[1:].tolist() == [505, 953, 1694, 2070, 91, 359]


def test_another_resolution_is_warped_and_said_so(scene, tmp_path, caplog):
    """Pixels of 10 m: each of the scene's takes the label of the one in its middle."""
    fine = np.arange(1, 15 * 21 + 1, dtype=np.uint16).reshape(15, 21)
    path = write_tiff(tmp_path / "fine.tif", fine, transform=Affine(10.0, 0.0, 366015.0, 0.0, -10.0, 5809965.0))
    labels = open_labels(path, like=scene)
    np.testing.assert_array_equal(labels.values, fine[1::3, 1::3])
    assert "fine.tif lies on another grid" in labels.attrs["remarks"][0]
    assert "nearest neighbour" in caplog.text


def test_no_transformation_to_warp_by(scene, tmp_path):
    quarry = 'LOCAL_CS["a quarry",UNIT["metre",1],AXIS["X",EAST],AXIS["Y",NORTH]]'
    path = write_tiff(tmp_path / "a.tif", LABELS, crs=quarry)
    wanted = r"^there is no transformation from the CRS of .*a\.tif \(a quarry\) to the scene's \(WGS 84 / UTM .*\);"
    with pytest.raises(LabelError, match=wanted):
        open_labels(path, like=scene)


def test_another_crs_is_warped(scene, tmp_path):
    """A band of class 7 drawn in degrees over the scene's middle column."""
    x, y = np.asarray(scene.x.values), np.asarray(scene.y.values)
    (west, east), (south, north) = transform(CRS, "EPSG:4326", [x[3] - 15, x[3] + 15], [y[-1] - 200, y[0] + 200])
    values = np.full((1, 1), 7, np.uint8)
    degrees = Affine(east - west, 0, west, 0, south - north, north)
    labels = open_labels(write_tiff(tmp_path / "a.tif", values, crs="EPSG:4326", transform=degrees), like=scene)
    assert (labels.values[:, 3] == 7).all()
    assert not labels.values[:, [0, 1, 5, 6]].any()
