import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.libraries import csv_library
from spectralmamba.scenes.libraries.opening import load_library

from . import files


@pytest.mark.parametrize(
    "headings",
    [
        ["2200", "450.5", "560", "1650.25"],
        ["2200 nm", "450.5nm", "560 nm", "1650.25 nm"],
        ["X2200", "X450.5", "X560", "X1650.25"],
        ["2.2 um", "0.4505 um", "0.56 um", "1.65025 um"],
        ["2.2", ".4505", "0.56", "1.65025"],
        ["wl_2.2µm", "wl_0.4505", "wl_0.56", "wl_1.65025"],
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spectrum_a_row(tmp_path, headings, delimiter):
    library = csv_library.load(files.write_rows(tmp_path / "a.csv", headings, delimiter))
    np.testing.assert_array_equal(library.spectra, files.spectra())
    np.testing.assert_allclose(library.wavelength, files.WAVELENGTHS)
    assert library.names.tolist() == list(files.NAMES)
    assert library.attributes["class"].tolist() == list(files.CLASSES)


@pytest.mark.parametrize(
    ("first", "scale"),
    [
        ("wavelength", 1),
        ("Wavelength (nm)", 1),
        ("wavelength [µm]", 1e-3),
        ("wl_um", 1e-3),
        ("Wavelengths", 1e-3),
        ("lambda nm", 1),
    ],
)
@pytest.mark.parametrize("with_classes", [False, True])
def test_a_spectrum_a_column(tmp_path, first, scale, with_classes):
    library = csv_library.load(files.write_columns(tmp_path / "a.csv", first, scale, with_classes))
    np.testing.assert_array_equal(library.spectra, files.spectra())
    np.testing.assert_allclose(library.wavelength, files.WAVELENGTHS)
    assert library.names.tolist() == list(files.NAMES)
    assert {name: values.tolist() for name, values in library.attributes.items()} == (
        {"class": list(files.CLASSES)} if with_classes else {}
    )


def test_decimal_commas_and_empty_cells(tmp_path):
    path = files.write_table(tmp_path / "a.csv", [["class", 400, 500, 600], ["roof", "0,25", "", "1e-1"]], ";")
    np.testing.assert_allclose(csv_library.load(path).spectra, [[0.25, np.nan, 0.1]], rtol=1e-6)


def test_a_byte_order_mark_comments_and_latin_1(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("﻿# made by hand\nclass,400,500,600\nHäuser,1,2,3\n".encode())
    assert csv_library.recognises(path)
    assert csv_library.load(path).attributes["class"].tolist() == ["Häuser"]
    path.write_bytes("class,400,500,600\nHäuser,1,2,3\n".encode("latin-1"))
    assert csv_library.load(path).attributes["class"].tolist() == ["Häuser"]


@pytest.mark.parametrize("unit", ["", " nm"])
@pytest.mark.parametrize("order", ["{0};{1}", "{1};{0}"])
def test_decimal_commas_in_headings_too(tmp_path, unit, order):
    spectral = ";".join(f"{nm}{unit}" for nm in ("450,5", "550,25", "650"))
    rows = [order.format("class", spectral), order.format("roof", "0,1;0,2;3"), order.format("tree", "0,4;;6")]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(rows))
    library = csv_library.load(path)
    assert library.wavelength.tolist() == [450.5, 550.25, 650]
    np.testing.assert_allclose(library.spectra, [[0.1, 0.2, 3], [0.4, np.nan, 6]])
    assert library.attributes["class"].tolist() == ["roof", "tree"]


def test_commas_in_headings_of_another_delimiter_only(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('class,400,500,600,"remark; long"\nroof,1,2,3,a\n')
    assert csv_library.load(path).wavelength.tolist() == [400, 500, 600]


@pytest.mark.parametrize("word", ["", "NaN", "NA", "n/a", "NULL"])
def test_words_for_a_missing_value(tmp_path, word):
    path = files.write_table(tmp_path / "a.csv", [["class", 400, 500, 600], ["roof", 1, word, 3]])
    assert np.isnan(csv_library.load(path).spectra[0]).tolist() == [False, True, False]


@pytest.mark.parametrize("first", [0, 1])
def test_columns_that_are_only_numbered_have_no_wavelengths(tmp_path, first):
    path = files.write_table(tmp_path / "a.csv", [["class", *range(first, first + 4)], ["roof", 1, 2, 3, 4]])
    assert np.isnan(csv_library.load(path).wavelength).all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["class", 400, 500, 600], ["roof", 1, "two", 3]], "row 2 has 'two' in the column '500'"),
        ([["class", 400, 500, 600], ["roof", 1, 2]], "row 2 has 3 cells but the header 4"),
        ([["class", 400, 500, 600]], "no row below its header"),
        ([["class", "400 furlong", 500, 600], ["roof", 1, 2, 3]], "'furlong', which is not a known unit"),
        ([["wavelength (furlong)", "a"], [400, 1], [500, 2]], "'furlong', which is not a known unit"),
        ([["wavelength", "a 1"], ["four hundred", 1]], "'wavelength' holds no number"),
        ([["wavelength", "a 1"], [400, 1]], "1 spectra of 1 bands"),
        ([["class", "height", "width"], ["roof", 1, 2]], "name its columns by their wavelengths"),
    ],
)
def test_tables_that_are_no_library(tmp_path, rows, message):
    with pytest.raises(SceneError, match=message):
        load_library(files.write_table(tmp_path / "a.csv", rows))


def test_other_tables_and_files_are_passed_over(tmp_path):
    assert not csv_library.recognises(files.write_table(tmp_path / "a.csv", [["number", "name"], [1, "roof"]]))
    (tmp_path / "b").write_bytes(b"400,500,600\n\x00\x01")
    assert not csv_library.recognises(tmp_path / "b")
    (tmp_path / "c").write_bytes(b"")
    assert not csv_library.recognises(tmp_path / "c")
