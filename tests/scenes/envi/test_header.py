import numpy as np
import pytest

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.header import is_header, read_header


def header(folder, text):
    path = folder / "a.hdr"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_header(path)


def test_fields_in_any_case_and_spacing(tmp_path):
    found = header(tmp_path, "ENVI\r\nSamples=3\r\n  Data   Type =  4 \r\nempty =\r\n")
    assert found.integer("samples") == 3
    assert found.integer("data type") == 4
    assert found.text("empty") is None
    assert found.integer("header offset", 0) == 0


def test_lists_over_many_lines_with_comments_between(tmp_path):
    text = "ENVI\n; lines = 9\ndescription = {a = b;\n samples = 7}\nwavelength = { 1.0,\n; 2.0,\n 3.0 }\nlines = 2\n"
    found = header(tmp_path, text)
    assert "samples" not in found.fields
    assert found.text("description") == "a = b;\n samples = 7"
    assert found.numbers("wavelength", 2).tolist() == [1.0, 3.0]
    assert found.integer("lines") == 2


@pytest.mark.parametrize("text", ["{1.5, 2}", "{1.5 2}", "{ 1.5 , 2 , }", "{1.5D+00,2.0d0}", "1.5, 2"])
def test_numbers_however_they_are_written(tmp_path, text):
    assert header(tmp_path, f"ENVI\nfwhm = {text}\n").numbers("fwhm", 2).tolist() == [1.5, 2.0]


def test_the_last_of_two_counts(tmp_path):
    assert header(tmp_path, "ENVI\nlines = 1\nlines = 2\n").integer("lines") == 2


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfENVI\nwavelength units = \xc2\xb5m\n", b"ENVI\nwavelength units = \xb5m"]
)
def test_utf8_with_a_mark_and_latin1(tmp_path, text):
    assert header(tmp_path, text).text("wavelength units") == "µm"
    assert is_header(tmp_path / "a.hdr")


@pytest.mark.parametrize("text", [b"", b"BYTEORDER I\nNROWS 3\n", b"ENVISAT\n", b"ENVIsion = 1\n", b"\0\1\2"])
def test_what_is_no_header(tmp_path, text):
    (tmp_path / "a.hdr").write_bytes(text)
    assert not is_header(tmp_path / "a.hdr")
    assert not is_header(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wavelength = {1, 2", "opens a brace in its field 'wavelength' and never closes it"),
        ("lines = many", "gives lines as 'many', which is no whole number"),
        ("samples = 2", "has no field 'lines'"),
    ],
)
def test_damaged_headers(tmp_path, text, message):
    with pytest.raises(SceneError, match=message) as caught:
        header(tmp_path, f"ENVI\n{text}\n").integer("lines")
    assert str(tmp_path / "a.hdr") in str(caught.value)


def test_numbers_that_are_none_or_too_few(tmp_path):
    found = header(tmp_path, "ENVI\nwavelength = {1, blue}\nfwhm = {1, 2}\n")
    assert found.numbers("bbl") is None
    with pytest.raises(SceneError, match=r"wavelength that is not a number .*blue"):
        found.numbers("wavelength")
    with pytest.raises(SceneError, match="gives 2 values of fwhm for 3 bands"):
        found.numbers("fwhm", 3)
    assert np.isfinite(found.numbers("fwhm")).all()
