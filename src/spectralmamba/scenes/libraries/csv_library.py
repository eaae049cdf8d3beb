"""Spectral libraries as CSV, in either of two forms.

*A spectrum a row*: columns named by wavelengths (``450.5``, ``450.5 nm``, ``X450.5`` as R writes it) are the spectra;
all other columns are attributes, among them the class; one called ``name``, ``spectrum`` or ``id`` has the names.

*A spectrum a column*: the first column is called ``wavelength`` (``wavelength (µm)``, ``wl_nm``) and holds them; the
other columns' headings are the names. Rows whose first cell is no number are attributes (``class, roof, roof, tree``).

Wavelengths without a unit are in nanometres, or in micrometres where all are below 100. Columns that are numbered from
0 or 1 have no wavelengths. Where cells are not parted by commas, a comma in a number is its decimal point (``450,5``),
in headings too. Empty cells, and ``NaN``, ``NA``, ``N/A`` or ``null``, are missing values.

Specification: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180, and what spreadsheets of other countries write.
"""

import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.libraries.library import Library
from spectralmamba.scenes.libraries.table import delimiter_of, first_row, is_text, read_table
from spectralmamba.scenes.units import nm_per_unit

FORMAT = "spectra (CSV)"

_COLUMN = re.compile(r"(?:x|wl_?|wavelength_?)?\s*(\d+(?:[.,]\d*)?|\.\d+)\s*([^\W\d_]*)", re.IGNORECASE)
_FIRST_COLUMN = re.compile(r"(?:wavelengths?|wl|lambda)(?:[\s_]*[(\[]?\s*([^)\]]*?)\s*[)\]]?)?", re.IGNORECASE)
_NAMES = ("name", "names", "spectrum", "spectra names", "id", "spectrum_id")
_FEWEST_COLUMNS = 3
_MISSING = ("", "nan", "na", "n/a", "null")
_REMEDY = "write nm or um behind the wavelengths in the header"


def recognises(path: Path) -> bool:
    """Whether ``path`` is a text table whose header has wavelengths, or begins with the word."""
    if not is_text(path):
        return False
    header = first_row(path)
    return len(header) > 1 and (_by_column(header) or len(_spectral_columns(header)) >= _FEWEST_COLUMNS)


def load(path: Path) -> Library:
    """Read a library of either form.

    Raises
    ------
    SceneError
        It is no such table, a value is no number, or the unit of the wavelengths is not known.
    """
    header, *rows = read_table(path)
    decimal_comma = delimiter_of(path) != ","
    if _by_column(header):
        return _read_columns(path, header, rows, decimal_comma=decimal_comma)
    return _read_rows(path, header, rows, decimal_comma=decimal_comma)


def _by_column(header: list[str]) -> bool:
    return _FIRST_COLUMN.fullmatch(header[0]) is not None


def _spectral_columns(header: list[str]) -> list[int]:
    return [i for i, name in enumerate(header) if _COLUMN.fullmatch(name)]


def _read_rows(path: Path, header: list[str], rows: list[list[str]], *, decimal_comma: bool) -> Library:
    columns = _spectral_columns(header)
    parts = [found.groups() for i in columns if (found := _COLUMN.fullmatch(header[i])) is not None]
    # Some units stand behind the first wavelength only; the most frequent is that of all.
    unit = Counter(unit for _, unit in parts if unit).most_common(1)
    wavelength = _in_nanometres(path, np.array([_point(number) for number, _ in parts]), unit[0][0] if unit else None)
    spectra = [[_number(path, row[i], n, header[i], decimal_comma) for i in columns] for n, row in enumerate(rows, 2)]
    texts = {name: np.array([row[i] for row in rows]) for i, name in enumerate(header) if i not in columns and name}
    named = next((name for name in texts if name.lower() in _NAMES), None)
    names = None if named is None else texts.pop(named)
    return _library(path, np.array(spectra, np.float32), wavelength, names, texts)


def _read_columns(path: Path, header: list[str], rows: list[list[str]], *, decimal_comma: bool) -> Library:
    found = _FIRST_COLUMN.fullmatch(header[0])
    unit = found.group(1) if found else None
    spectral = [(n, row) for n, row in enumerate(rows, 2) if _is_number(row[0], decimal_comma)]
    texts = {row[0]: np.array(row[1:]) for row in rows if row[0] and not _is_number(row[0], decimal_comma)}
    if not spectral:
        raise SceneError(f"{path}: its column {header[0]!r} holds no number; put the wavelengths there")
    values = [[_number(path, cell, n, header[i], decimal_comma) for i, cell in enumerate(row)] for n, row in spectral]
    table = np.array(values)
    wavelength = _in_nanometres(path, table[:, 0], unit)
    return _library(path, table[:, 1:].T.astype(np.float32), wavelength, np.array(header[1:]), texts)


def _library(
    path: Path,
    spectra: NDArray[np.float32],
    wavelength: NDArray[np.float64],
    names: NDArray[np.str_] | None,
    texts: dict[str, NDArray[np.str_]],
) -> Library:
    n_bands = wavelength.size
    return Library(path, spectra, wavelength, np.full(n_bands, np.nan), np.ones(n_bands, bool), names, texts)


def _in_nanometres(path: Path, wavelength: NDArray[np.float64], unit: str | None) -> NDArray[np.float64]:
    if unit is None and any(np.array_equal(wavelength, np.arange(first, first + wavelength.size)) for first in (0, 1)):
        return np.full(wavelength.size, np.nan)
    return np.asarray(wavelength * nm_per_unit(unit, wavelength, str(path), _REMEDY), np.float64)


def _number(path: Path, cell: str, row: int, column: str, decimal_comma: bool) -> float:
    if cell.lower() in _MISSING:
        return np.nan
    try:
        return _point(cell) if decimal_comma else float(cell)
    except ValueError as error:
        raise SceneError(
            f"{path}: row {row} has {cell!r} in the column {column!r}, which is no number; correct or empty it"
        ) from error


def _is_number(cell: str, decimal_comma: bool) -> bool:
    try:
        return bool(np.isfinite(_point(cell) if decimal_comma else float(cell)))
    except ValueError:
        return False


def _point(text: str) -> float:
    """Read a number with a point or a comma."""
    return float(text.replace(",", "."))
