"""Labels in ERDAS IMAGINE files and PNGs, written by GDAL."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from affine import Affine

from spectralmamba import open_labels
from spectralmamba.errors import LabelError
from tests.scenes.products import write_tiff

VALUES = np.array([[0, 1, 2, 2], [1, 1, 7, 7], [0, 0, 2, 7]], np.uint8)
PLACE = {"crs": "EPSG:32633", "transform": Affine(30, 0, 300000, 0, -30, 5800000)}
TABLE = """<PAMDataset><PAMRasterBand band="1"><GDALRasterAttributeTable tableType="thematic">
<FieldDefn index="0"><Name>Value</Name><Type>0</Type><Usage>5</Usage></FieldDefn>
<FieldDefn index="1"><Name>Class_Names</Name><Type>2</Type><Usage>2</Usage></FieldDefn>
<Row index="0"><F>0</F><F>none</F></Row><Row index="1"><F>1</F><F>wheat</F></Row>
<Row index="2"><F>2</F><F>rye</F></Row></GDALRasterAttributeTable></PAMRasterBand></PAMDataset>"""
NAMED = """<PAMDataset><PAMRasterBand band="1"><CategoryNames><Category>none</Category><Category>wheat</Category>
<Category>rye</Category></CategoryNames></PAMRasterBand></PAMDataset>"""


def made(path: Path, driver: str, *, values: np.ndarray = VALUES, beside: str = "", palette: bool = False) -> Path:
    """Write a raster by way of a GeoTIFF, as GDAL's translation does."""
    between = path.with_name("between.tif")
    bands = values if values.ndim == 3 else values[None]
    profile = {"height": bands.shape[1], "width": bands.shape[2], "count": len(bands), "dtype": bands.dtype}
    with rasterio.open(between, "w", driver="GTiff", **profile, **PLACE) as file:
        file.write(bands)
        if palette:
            file.write_colormap(1, {1: (200, 0, 0, 255), 2: (0, 100, 0, 255), 7: (0, 0, 90, 255)})
    if beside:
        between.with_name("between.tif.aux.xml").write_text(beside)
    rasterio.shutil.copy(between, path, driver=driver)
    rasterio.shutil.delete(between)
    return path


@pytest.mark.parametrize(("driver", "suffix"), [("HFA", ".img"), ("PNG", ".png"), ("HFA", ".data")])
def test_numbers_names_colours_and_place(tmp_path, driver, suffix):
    path = made(tmp_path / f"labels{suffix}", driver, beside=NAMED, palette=True)
    labels = open_labels(path)
    np.testing.assert_array_equal(labels.values, VALUES)
    assert labels.rio.crs == PLACE["crs"]
    assert labels.rio.transform() == PLACE["transform"]
    classes = labels.attrs["classes"]
    assert classes.numbers == (1, 2, 7)
    assert classes.names[:2] == ("wheat", "rye")
    assert classes.colours == ("#c80000", "#006400", "#00005a")


def test_names_inside_an_imagine_file(tmp_path):
    path = made(tmp_path / "labels.img", "HFA", beside=TABLE, palette=True)
    (tmp_path / "labels.img.aux.xml").unlink(missing_ok=True)
    assert open_labels(path).attrs["classes"].names[:2] == ("wheat", "rye")


def test_a_table_that_makes_no_sense_is_passed_over_with_a_warning(tmp_path, caplog):
    text = TABLE.replace("<Type>0</Type>", "<Type>2</Type>").replace("<F>1</F>", "<F>one</F>")
    path = made(tmp_path / "labels.png", "PNG")
    path.with_name("labels.png.aux.xml").write_text(text)
    np.testing.assert_array_equal(open_labels(path).values, VALUES)
    assert "class names in" in caplog.text
    assert "labels.png are passed over" in caplog.text


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_png_alone_has_the_size_of_the_scene_and_no_place(tmp_path, dtype):
    path = made(tmp_path / "labels.png", "PNG", values=VALUES.astype(dtype))
    for beside in tmp_path.glob("labels.*"):
        if beside != path:
            beside.unlink()
    labels = open_labels(path)
    np.testing.assert_array_equal(labels.values, VALUES)
    assert labels.rio.crs is None


@pytest.mark.parametrize(("driver", "name"), [("PNG", "picture.png"), ("HFA", "scene.img")])
def test_several_bands_are_refused(tmp_path, driver, name):
    path = made(tmp_path / name, driver, values=np.stack([VALUES] * 3))
    with pytest.raises(LabelError, match=f"{name} is not a label raster: it has 3 bands"):
        open_labels(path)


@pytest.mark.parametrize(("driver", "name"), [("PNG", "cut.png"), ("HFA", "cut.img")])
@pytest.mark.parametrize("kept", [0.001, 0.3, 0.95])
def test_a_cut_file_is_one_sentence(tmp_path, driver, name, kept):
    path = made(tmp_path / name, driver, values=np.random.default_rng(0).integers(1, 5, (200, 200)).astype(np.uint8))
    whole = path.read_bytes()
    path.write_bytes(whole[: 20 + int(kept * len(whole))])
    with pytest.raises(LabelError, match=rf"{name} (cannot be read as a raster|is cut off)"):
        open_labels(path)


def test_a_variable_is_refused(tmp_path):
    path = made(tmp_path / "labels.img", "HFA")
    with pytest.raises(LabelError, match="an ERDAS IMAGINE raster, which holds one array"):
        open_labels(path, variable="gt")


def test_pictures_beside_label_tiles_are_passed_over(tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    write_tiff(folder / "tile.tif", VALUES[None])
    made(folder / "quicklook.png", "PNG", values=np.stack([VALUES] * 3))
    np.testing.assert_array_equal(open_labels(folder).values, VALUES)
