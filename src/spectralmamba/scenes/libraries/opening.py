"""One entrance for spectral libraries: as training data, and for the readers of scenes and labels."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.scenes.bands import in_water_vapour
from spectralmamba.scenes.empty_bands import ENOUGH
from spectralmamba.scenes.libraries import csv_library, envi_library, npz_library
from spectralmamba.scenes.libraries.library import Library
from spectralmamba.scenes.libraries.table import is_text

logger = logging.getLogger(__name__)


class Format(Protocol):
    """What a module has to offer to be a format of libraries."""

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as this format does."""

    def load(self, path: Path) -> Library:
        """Read the file; raises SceneError."""


FORMATS: tuple[Format, ...] = (npz_library, envi_library, csv_library)
"""The formats, asked in this order."""


@dataclass(frozen=True, eq=False)
class LabelledSpectra:
    """Spectra and their classes, as ``SpectralMambaClassifier.fit`` and other classifiers take them.

    Attributes
    ----------
    X : ndarray of float32, shape (n, n_bands)
        By rising wavelength; NaN where missing.
    y : ndarray of str, shape (n,)
        Class names; numbers as text where the file names no classes.
    wavelength, fwhm : ndarray of float64, shape (n_bands,)
        In nm, NaN where unknown.
    good : ndarray of bool, shape (n_bands,)
        False for bands that the file marks as bad, that hold nothing, or that water vapour hides.
    names : ndarray of str, shape (n,), optional
        Of the single spectra.
    attributes : mapping of str to ndarray of str, shape (n,)
        Everything else that the file says of each spectrum, such as groups for cross-validation.
    """

    X: NDArray[np.float32]
    y: NDArray[Any]
    wavelength: NDArray[np.float64]
    fwhm: NDArray[np.float64]
    good: NDArray[np.bool_]
    names: NDArray[Any] | None
    attributes: Mapping[str, NDArray[Any]]


def open_spectra(
    path: str | os.PathLike[str], attribute: str | None = None, *, keep_water_vapour: bool = False
) -> LabelledSpectra:
    """Read labelled spectra as training data for pixelwise models.

    Parameters
    ----------
    path : path
        An ENVI spectral library (``.sli`` or its header; attributes from a CSV of the same stem), a CSV with a spectrum
        a row or a column, or an ``.npz`` with ``X`` and ``y``.
    attribute : str, optional
        The column with the class. Without it: one that is called class, label or the like, else the only one, else the
        names of the spectra without their numbering (``asphalt 1``, ``asphalt 2``).
    keep_water_vapour : bool
        Whether bands that water vapour hides from the air stay ``good``, as ``open_scene`` has it.

    Returns
    -------
    LabelledSpectra
        Spectra without a class are left out.

    Raises
    ------
    SceneError
        There is no such file, or it is no library or damaged.
    LabelError
        It gives no classes, or it is not clear which column does.

    Examples
    --------
    >>> library = open_spectra("urban.sli", attribute="level_2")  # doctest: +SKIP
    >>> SpectralMambaClassifier().fit(library.X[:, library.good], library.y)  # doctest: +SKIP
    """
    library = load_library(Path(path).expanduser())
    classes = library.classes(attribute)
    kept = classes != ""
    if not kept.any():
        raise LabelError(f"{path}: no spectrum has a class; name another attribute, or fill in this one")
    if not kept.all():
        logger.warning("%s: %d spectra without a class are left out", path, int((~kept).sum()))
    order = np.argsort(library.wavelength, kind="stable")  # NaN come last, and all-NaN stay as they are
    return LabelledSpectra(
        library.spectra[kept][:, order],
        classes[kept],
        library.wavelength[order],
        library.fwhm[order],
        _good(library, keep_water_vapour=keep_water_vapour)[order],
        None if library.names is None else library.names[kept],
        {name: values[kept] for name, values in library.attributes.items()},
    )


def _good(library: Library, *, keep_water_vapour: bool) -> NDArray[np.bool_]:
    """Tell the bands (n_bands,) to use, as :func:`spectralmamba.scenes.bands.mark_unusable_bands` does for a scene."""
    there = np.isfinite(library.spectra)
    low, high = (
        f(library.spectra, axis=0, where=there, initial=edge) for f, edge in ((np.min, np.inf), (np.max, -np.inf))
    )
    count = there.sum(axis=0)
    bad = (count == 0) | ((count >= ENOUGH) & (low == high))
    if not keep_water_vapour:
        bad |= in_water_vapour(library.wavelength)
    good = library.good & ~bad
    return good if good.any() else library.good


def load_library(path: Path) -> Library:
    """Read a library of any format.

    Raises
    ------
    SceneError
        There is no such file, it is no library, or it is damaged.
    """
    if not path.exists():
        raise SceneError(f"there is no file {path}; check the path")
    try:
        found = next((one for one in FORMATS if one.recognises(path)), None)
        if found is None:
            raise SceneError(f"{path} holds no spectra: {_what_it_lacks(path)}")
        return found.load(path)
    except OSError as error:
        raise SceneError(f"{path} cannot be read ({error.strerror or error}); check the path and its rights") from error


def _what_it_lacks(path: Path) -> str:
    library = path.with_suffix(".sli")
    if library.is_file():
        return f"it belongs to {library.name}; pass that"
    if is_text(path):
        return "name its columns by their wavelengths, or the first one 'wavelength'"
    return "pass a spectral library of ENVI (.sli), a CSV, or an .npz with an array X of spectra and y of classes"
