"""Labelled spectra of an ``.npz`` as a library; see :mod:`spectralmamba.scenes.spectra` for the format."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.scenes import spectra
from spectralmamba.scenes.libraries.library import Library

recognises = spectra.recognises

_PLACES, _OF_BANDS = ("row", "col"), ("wavelength", "fwhm", "good")
_NO_CLASS = "0"


def load(path: Path) -> Library:
    """Read the spectra, and every array of one value a spectrum as an attribute; 0 in ``y`` is no class.

    Raises
    ------
    SceneError, LabelError
        The file cannot be used, with the reason.
    """
    file = spectra.load(path)
    n, n_bands = file.spectra.shape
    attributes: dict[str, NDArray[Any]] = {
        name: np.asarray(values).astype(str)
        for name, values in file.arrays.items()
        if values.shape == (n,) and name not in _PLACES and not (n == n_bands and name in _OF_BANDS)
    }
    if "y" in attributes:
        attributes["y"] = _named(path, file.arrays["y"], file.arrays.get("class_names"))
    bands = spectra.band_parameters(path, file)
    unknown = np.full(n_bands, np.nan)
    return Library(
        path,
        file.spectra,
        np.asarray(bands.get("wavelength", unknown), np.float64),
        np.asarray(bands.get("fwhm", unknown), np.float64),
        bands.get("good", np.ones(n_bands, bool)),
        None,
        attributes,
    )


def _named(path: Path, numbers: NDArray[Any], names: NDArray[Any] | None) -> NDArray[Any]:
    """Write class numbers as their names, or as text; empty where unlabelled (0 or NaN)."""
    if numbers.dtype.kind == "f" and (np.isnan(numbers) | (numbers % 1 == 0)).all():
        numbers = np.nan_to_num(numbers).astype(np.int64)  # as MATLAB and tables with gaps have whole numbers
    texts = np.where(numbers.astype(str) == _NO_CLASS, "", numbers.astype(str))
    if names is None:
        return texts
    present = np.unique(numbers[texts != ""])
    if names.shape != present.shape:
        raise LabelError(f"{path} has {names.size} class_names for {present.size} classes; give one each")
    table = {str(number): str(name) for number, name in zip(present, names, strict=True)}
    return np.array([table.get(text, "") for text in texts])
