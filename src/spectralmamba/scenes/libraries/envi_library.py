"""ENVI spectral libraries: a file of numbers (``.sli``), a spectrum a line, and its header.

Specification: https://www.nv5geospatialsoftware.com/docs/ENVIHeaderFiles.html (``file type = ENVI Spectral Library``:
``samples`` are the bands and ``lines`` the spectra; ``spectra names``). A CSV of the same stem, with a row a spectrum
and its name in the first column, adds attributes, as EnMAP-Box and VIPER Tools write them.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.envi.array import is_ignored, require_complete
from spectralmamba.scenes.envi.files import header_beside, pair_of
from spectralmamba.scenes.envi.header import Header, read_header
from spectralmamba.scenes.envi.layout import layout_of
from spectralmamba.scenes.envi.spectral import good_bands, ignored_value, scaling_of, wavelengths_of
from spectralmamba.scenes.libraries.library import Library
from spectralmamba.scenes.libraries.table import read_table

logger = logging.getLogger(__name__)

FORMAT = "ENVI spectral library"

_KIND = "envi spectral library"


def recognises(path: Path) -> bool:
    """Whether ``path`` is the header of an ENVI spectral library, or the numbers beside one."""
    header = header_beside(path)
    return header is not None and (read_header(header).text("file type") or "").lower() == _KIND


def load(path: Path) -> Library:
    """Read a library.

    Raises
    ------
    SceneError
        Header or numbers are missing, damaged, or at odds with each other.
    """
    header, numbers = pair_of(path)
    layout = layout_of(header)
    if layout.shape[0] != 1:
        raise SceneError(
            f"{header.path} says {layout.shape[0]} bands, but a spectral library has 1 (spectra are its lines); "
            "correct it"
        )
    require_complete(numbers, layout)
    n_bands = layout.shape[2]
    stored = layout.view(numbers)[0]
    gains, offsets = scaling_of(header, n_bands)
    spectra = (stored * gains + offsets).astype(np.float32)
    ignored = ignored_value(header)
    if ignored is not None:
        spectra[is_ignored(stored, ignored)] = np.nan
    wavelength, fwhm = wavelengths_of(header, n_bands)
    names = _names(header, len(spectra))
    attributes = _attributes_beside(numbers, names, len(spectra))
    return Library(numbers, spectra, wavelength, fwhm, good_bands(header, n_bands), names, attributes)


def _names(header: Header, n: int) -> NDArray[Any] | None:
    names = [" ".join(name.split()) for name in header.items("spectra names")]
    if not names:
        return None
    if len(names) != n:
        raise SceneError(f"{header.path} gives {len(names)} spectra names for {n} spectra; correct the header")
    return np.array(names)


def _attributes_beside(path: Path, names: NDArray[Any] | None, n: int) -> dict[str, NDArray[Any]]:
    """Read the table of the library's stem: rows by name where they have the library's, else by their order."""
    table = path.with_suffix(".csv")
    if not table.is_file():
        return {}
    header, *rows = read_table(table)
    columns = header[1:]
    by_name = {" ".join(row[0].split()): row for row in rows}
    if names is not None and len(by_name) == len(rows) and set(by_name) & set(names):
        empty = [""] * len(header)
        rows = [by_name.get(name, empty) for name in names]
    elif len(rows) != n:
        logger.warning("%s has neither the names nor the number of the spectra of %s; it is passed over", table, path)
        return {}
    return {name: np.array([row[i] for row in rows]) for i, name in enumerate(columns, start=1) if name.strip()}
