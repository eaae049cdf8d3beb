import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.libraries import envi_library

from . import files


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", ">i2"])
def test_types_and_byte_orders(tmp_path, dtype):
    library = envi_library.load(files.write_envi(tmp_path, dtype=dtype))
    np.testing.assert_array_equal(library.spectra, files.spectra())
    np.testing.assert_allclose(library.wavelength, files.WAVELENGTHS)


def test_the_header_stands_for_the_library(tmp_path):
    path = files.write_envi(tmp_path)
    assert envi_library.recognises(path)
    assert envi_library.recognises(tmp_path / "library.hdr")
    np.testing.assert_array_equal(envi_library.load(tmp_path / "library.hdr").spectra, files.spectra())


@pytest.mark.parametrize("name", ["library.esl", "library.lib", "library", "library.sli"])
def test_numbers_under_other_names(tmp_path, name):
    path = files.write_envi(tmp_path).rename(tmp_path / name)
    (tmp_path / "library.csv").write_text("name,letter\nasphalt 1,a\n")
    for opened in (path, tmp_path / "library.hdr"):
        assert envi_library.recognises(opened)
        np.testing.assert_array_equal(envi_library.load(opened).spectra, files.spectra())
    assert not envi_library.recognises(tmp_path / "library.csv")


def test_a_table_gives_classes_to_spectra_without_names(tmp_path):
    path = files.write_envi(tmp_path, spectra_names=None)
    files.write_table(tmp_path / "library.csv", [["number", "letter"], *([i, kind] for i, kind in enumerate("abcdef"))])
    assert envi_library.load(path).attributes["letter"].tolist() == list("abcdef")


def test_scale_missing_values_and_bad_bands(tmp_path):
    values = files.spectra()
    values[2, 1] = -9999
    fields = {"reflectance_scale_factor": 10000, "data_ignore_value": -9999, "bbl": "{1, 0, 1, 1}"}
    library = envi_library.load(files.write_envi(tmp_path, values, fwhm="{0.01,0.01,0.01,0.02}", **fields))
    assert np.isnan(library.spectra[2, 1])
    np.testing.assert_allclose(library.spectra[0], values[0] / 10000, rtol=1e-6)
    assert library.good.tolist() == [True, False, True, True]
    np.testing.assert_allclose(library.fwhm, [10, 10, 10, 20])


def test_a_table_beside_it_is_matched_by_name_else_by_order(tmp_path, caplog):
    path = files.write_envi(tmp_path)
    table = tmp_path / "library.csv"
    rows = [[name, kind] for name, kind in zip(files.NAMES, "abcdef", strict=True)]
    files.write_table(table, [["Name", "letter"], *rows[::-1]])
    assert envi_library.load(path).attributes["letter"].tolist() == list("abcdef")
    files.write_table(table, [["Name", "letter"], *rows[1:3]], ";")
    assert envi_library.load(path).attributes["letter"].tolist() == ["", "b", "c", "", "", ""]
    files.write_table(table, [["Number", "letter"], *([i, kind] for i, kind in enumerate("abcdef"))])
    assert envi_library.load(path).attributes["letter"].tolist() == list("abcdef")
    files.write_table(table, [["Number", "letter"], *([i, kind] for i, kind in enumerate("abc"))])
    assert envi_library.load(path).attributes == {}
    assert "passed over" in caplog.text


def test_a_table_that_is_broken(tmp_path):
    path = files.write_envi(tmp_path)
    files.write_table(tmp_path / "library.csv", [["Name", "letter"], ["asphalt 1", "a", "b"]])
    with pytest.raises(SceneError, match="row 2 has 3 cells but the header 2"):
        envi_library.load(path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"spectra_names": "{one, two}"}, "2 spectra names for 6 spectra"),
        ({"bands": 2}, "says 2 bands"),
        ({"wavelength_units": "furlong"}, "'furlong', which is not a known unit"),
        ({"lines": 60}, "is truncated"),
    ],
)
def test_headers_that_do_not_fit(tmp_path, fields, message):
    with pytest.raises(SceneError, match=message):
        envi_library.load(files.write_envi(tmp_path, **fields))


def test_a_part_that_is_missing(tmp_path):
    path = files.write_envi(tmp_path)
    path.unlink()
    with pytest.raises(SceneError, match="no numbers beside it"):
        envi_library.load(tmp_path / "library.hdr")
    path = files.write_envi(tmp_path)
    (tmp_path / "library.hdr").unlink()
    with pytest.raises(SceneError, match="no ENVI header"):
        envi_library.load(path)


def test_other_images_are_no_libraries(tmp_path):
    assert not envi_library.recognises(files.write_envi(tmp_path, file_type="ENVI Standard"))
