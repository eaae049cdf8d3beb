"""What a spectral library holds, whatever its format, and the classes that its columns or names give."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SceneError

_USUAL = ("class", "classname", "class_name", "class name", "label", "category", "y")
"""Attributes, in lower case, that are taken for the class where none is asked for."""

_NUMBERING = re.compile(r"[\s._\-#]*\(?\d+\)?$")
"""What tells the spectra of one class apart: ``asphalt 1``, ``asphalt_02``, ``asphalt.3``, ``asphalt (4)``."""

_REMEDIES = {".csv": "add a column called class", ".npz": "save it with an array y of classes"}
"""How to say the classes of a library, by the extension of its file; else in a table beside it."""


@dataclass(frozen=True, eq=False)
class Library:
    """Spectra and what is known of them.

    Attributes
    ----------
    path : pathlib.Path
        Where they came from, for messages.
    spectra : ndarray of float32, shape (n, n_bands)
        NaN where missing.
    wavelength, fwhm : ndarray of float64, shape (n_bands,)
        In nm, NaN where unknown.
    good : ndarray of bool, shape (n_bands,)
    names : ndarray of str, shape (n,), optional
        Of the single spectra.
    attributes : mapping of str to ndarray of str, shape (n,)
        Columns beside the spectra; empty text where a spectrum has no value.
    """

    path: Path
    spectra: NDArray[np.float32]
    wavelength: NDArray[np.float64]
    fwhm: NDArray[np.float64]
    good: NDArray[np.bool_]
    names: NDArray[Any] | None = None
    attributes: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n, n_bands = self.spectra.shape
        if n == 0 or n_bands < 2:
            raise SceneError(
                f"{self.path} holds {n} spectra of {n_bands} bands; pass one or more spectra of at least 2 bands"
            )

    def classes(self, attribute: str | None = None) -> NDArray[Any]:
        """Name the class of each spectrum, shape (n,); empty text where it has none.

        Parameters
        ----------
        attribute : str, optional
            The column with the class. Without it: a column that is usually called so, else the only one, else the
            names without their numbering.

        Raises
        ------
        LabelError
            There is no such column, the choice among several is the user's, or names give no classes.
        """
        if attribute is None:
            attribute = self._usual_attribute()
        if attribute is None:
            return self._classes_of_names()
        if attribute not in self.attributes:
            found = ", ".join(self.attributes) or "none"
            raise LabelError(f"{self.path} has no attribute {attribute!r}; choose one of: {found}")
        return np.array([str(value).strip() for value in self.attributes[attribute]])

    def _usual_attribute(self) -> str | None:
        usual = [name for name in self.attributes if name.strip().lower() in _USUAL]
        if len(usual) == 1 or len(self.attributes) == 1:
            return (usual or list(self.attributes))[0]
        if self.attributes:
            raise LabelError(
                f"{self.path} has the attributes {', '.join(self.attributes)}; name the one with the class "
                "(attribute, --attribute)"
            )
        return None

    def _classes_of_names(self) -> NDArray[Any]:
        bare = [_NUMBERING.sub("", str(name)).strip() for name in ([] if self.names is None else self.names)]
        if not bare or not 2 <= len(set(bare)) <= len(bare) / 2:
            raise LabelError(
                f"{self.path}: the names of its spectra give no classes, which at least two spectra each would share "
                f"(such as asphalt 1, asphalt 2); {self._remedy()}"
            )
        return np.array(bare)

    def _remedy(self) -> str:
        table = f"put {self.path.stem}.csv beside it, with a column of names and one of classes"
        return _REMEDIES.get(self.path.suffix.lower(), table)
