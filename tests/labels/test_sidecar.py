"""Names and colours in the ``.aux.xml`` that GDAL, QGIS and ArcGIS write beside a raster."""

import numpy as np
import pytest

from spectralmamba import open_labels
from spectralmamba.labels.sidecar import Sidecar, read_sidecar
from tests.scenes.products import write_tiff

COLUMNS = [("Value", "0", "5"), ("Class", "2", "2"), ("R", "0", "6"), ("G", "0", "7"), ("B", "0", "8")]
ROWS = [["0", "none", "0", "0", "0"], ["3", "roof, flat", "255", "0", "300"], ["7.0", " B\xe4ume ", "1", "2", "3"]]


def beside(path, columns, rows, more=""):
    fields = "".join(
        f"<FieldDefn><Name>{n}</Name><Type>{t}</Type><Usage>{u}</Usage></FieldDefn>" for n, t, u in columns
    )
    cells = "".join("<Row>" + "".join(f"<F>{cell}</F>" for cell in row) + "</Row>" for row in rows)
    table = f"<GDALRasterAttributeTable>{fields}{cells}</GDALRasterAttributeTable>"
    text = f'<PAMDataset><PAMRasterBand band="1">{more}{table}</PAMRasterBand></PAMDataset>'
    path.with_name(path.name + ".aux.xml").write_text(text, encoding="utf-8")


def test_an_attribute_table_names_and_colours_classes(tmp_path):
    path = write_tiff(tmp_path / "a.tif", np.array([[3, 7, 0]], np.uint8))
    beside(path, COLUMNS, ROWS)
    found = open_labels(path).attrs["classes"]
    assert found.classes == ((3, "roof, flat", "#ff00ff"), (7, "B\xe4ume", "#010203"))


def test_category_names_go_before_an_attribute_table(tmp_path):
    beside(tmp_path / "a.tif", COLUMNS[:2], ROWS, "<CategoryNames><Category/><Category>tree</Category></CategoryNames>")
    assert read_sidecar(tmp_path / "a.tif").names == {0: "none", 1: "tree", 3: "roof, flat", 7: "B\xe4ume"}


def test_without_a_column_of_values_the_row_counts(tmp_path):
    beside(tmp_path / "a.tif", [("Name", "2", "2")], [["none"], ["tree"]])
    assert read_sidecar(tmp_path / "a.tif") == Sidecar({0: "none", 1: "tree"})


@pytest.mark.parametrize("rows", [[["many", "tree", "0", "0", "0"]], [["inf", "tree", "0", "0", "0"]], [["1"]]])
def test_a_damaged_table_costs_the_names_only(tmp_path, caplog, rows):
    beside(tmp_path / "a.tif", COLUMNS, rows)
    assert read_sidecar(tmp_path / "a.tif") == Sidecar()
    assert "passed over" in caplog.text
