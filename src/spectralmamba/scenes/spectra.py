"""Labelled spectra without their scene: an ``.npz`` with ``X`` (n, bands), a scene of the pixels that are there.

Research data are often handed on as the spectra of the labelled pixels alone. Each stands where ``row`` and ``col``
say, everything else of the scene is missing; so splits by region, training and evaluation work as on any scene.

Specification of the container: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.units import nm_per_unit

FORMAT = "spectra (.npz)"
_ZIP = b"PK\x03\x04"
_SPECTRA = "X.npy"
APART = 2  # pixels without a place are laid out so that no two touch


@dataclass(frozen=True, eq=False)
class SpectraFile:
    """What an ``.npz`` of labelled spectra holds.

    Attributes
    ----------
    spectra : ndarray of float32, shape (n, n_bands)
        NaN where missing.
    rows, columns : ndarray of int, shape (n,)
        Where each pixel lies: as the file says; without ``row`` and ``col`` each ``region`` in a row of its own, and
        without these, too, all pixels apart.
    arrays : dict of str to ndarray
        Everything else: ``y``, ``folds``, ``wavelength`` …
    """

    spectra: NDArray[np.float32]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    arrays: dict[str, NDArray[Any]]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the smallest scene, from row and column 0, that has all pixels."""
        return int(self.rows.max()) + 1, int(self.columns.max()) + 1


def recognises(path: Path) -> bool:
    """Whether ``path`` is an ``.npz`` with an array ``X``."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return _SPECTRA in archive.namelist()
    except zipfile.BadZipFile:
        return path.suffix.lower() == ".npz"  # so that a damaged one is reported as what it is


def load(path: Path) -> SpectraFile:
    """Read and check a file of labelled spectra; pickled objects are refused.

    Raises
    ------
    SceneError
        The file is damaged, ``X`` is no matrix of real numbers, the arrays do not go together, or two spectra claim
        the same pixel.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())
        raise SceneError(f"{path} cannot be read as an .npz file ({reason}); save it with numpy.savez") from error
    spectra = arrays.pop("X", None)
    if spectra is None or spectra.ndim != 2 or spectra.dtype.kind not in "biuf" or 0 in spectra.shape:
        raise SceneError(f"{path} holds no spectra; its array X has to be numbers of shape (n, bands)")
    if spectra.shape[1] < 2:
        raise SceneError(f"{path} is not hyperspectral: its spectra have 1 band; pass spectra of several bands")
    for name in ("y", "row", "col", "region"):
        if name in arrays and arrays[name].shape != spectra.shape[:1]:
            raise SceneError(f"{path}: {name} has shape {arrays[name].shape} for {len(spectra)} spectra; give one each")
    rows, columns = _places(path, arrays, len(spectra))
    return SpectraFile(spectra.astype(np.float32), rows, columns, arrays)


def _places(path: Path, arrays: dict[str, NDArray[Any]], n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    if ("row" in arrays) != ("col" in arrays):
        raise SceneError(f"{path} has only one of row and col; give both, or neither")
    if "row" not in arrays:
        return laid_out(arrays.get("region"), n)
    places = [arrays[name] for name in ("row", "col")]
    if any(place.dtype.kind not in "iu" or (place.astype(np.int64) < 0).any() for place in places):
        raise SceneError(f"{path}: row and col have to be whole numbers from 0")
    rows, columns = (place.astype(np.intp) for place in places)
    twice = n - len(np.unique(np.stack([rows, columns]), axis=1).T)
    if twice:
        raise SceneError(f"{path} has {twice} spectra in a pixel that has one already; keep one a pixel")
    return rows, columns


def laid_out(regions: NDArray[Any] | None, n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of pixels that have none: a region's pixels side by side, all others apart."""
    if regions is None:
        width = int(np.ceil(np.sqrt(n)))
        return APART * (np.arange(n) // width), APART * (np.arange(n) % width)
    _, region = np.unique(regions, return_inverse=True)
    columns = np.zeros(n, np.intp)
    for number in range(int(region.max()) + 1):
        members = np.flatnonzero(region == number)
        columns[members] = np.arange(members.size)
    return (APART * region).astype(np.intp), columns


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open labelled spectra as a scene, everything but their pixels missing.

    Parameters
    ----------
    path : pathlib.Path
        An ``.npz`` with ``X`` (n, bands); ``row``, ``col``, ``region``, and of the bands ``wavelength``, ``fwhm`` and
        ``good`` are used where they are there. Wavelengths are in ``wavelength_units``, without it in nm, or in µm
        where all are below 100.
    variable : str, optional
        Must be None: the spectra are ``X``.

    Raises
    ------
    SceneError
        See :func:`load`.
    """
    if variable is not None:
        raise SceneError(f"{path} holds labelled spectra, which are its array X; leave out variable={variable!r}")
    file = load(path)
    bands = band_parameters(path, file)
    return make_scene(
        SparseScene(file).lazy(),
        name=path.stem,
        source=str(path),
        wavelength=bands.get("wavelength"),
        fwhm=bands.get("fwhm"),
        good=bands.get("good"),
    )


def band_parameters(path: Path, file: SpectraFile) -> dict[str, NDArray[Any]]:
    """Give what the file says of its bands, each (n_bands,): ``wavelength`` and ``fwhm`` in nm, and ``good``.

    Raises
    ------
    SceneError
        An array has not one value a band, or the unit of the wavelengths is not known.
    """
    names = ("wavelength", "fwhm", "good")
    found: dict[str, NDArray[Any]] = {name: file.arrays[name] for name in names if name in file.arrays}
    for name, values in found.items():
        if values.shape != file.spectra.shape[1:] or values.dtype.kind not in "biuf":
            raise SceneError(f"{path}: {name} has shape {values.shape} of {values.dtype}; give one number a band")
    if "good" in found:
        found["good"] = found["good"] != 0
    units = np.ravel(file.arrays.get("wavelength_units", "")).astype(str)  # some write bytes
    unit = str(units[0]) if units.size else None
    known = found.get("wavelength", np.full(1, np.nan)).astype(np.float64)
    factor = nm_per_unit(unit, known, str(path), "set its array wavelength_units to 'nm' or 'um'")
    return {name: values if name == "good" else values * factor for name, values in found.items()}


class SparseScene(WindowedArray):
    """A scene of which only some pixels are there, kept as these."""

    def __init__(self, file: SpectraFile) -> None:
        super().__init__((file.spectra.shape[1], *file.shape))
        self.spectra = file.spectra
        self.index = np.full(file.shape, -1, np.int32)
        self.index[file.rows, file.columns] = np.arange(len(file.spectra))

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> NDArray[np.float32]:
        """Pick bands of a window out of the spectra; shape (n, rows, cols), NaN where there is none."""
        index = self.index[rows, cols]
        block = np.full((bands.size, *index.shape), np.nan, np.float32)
        there = index >= 0
        block[:, there] = self.spectra[index[there]][:, bands].T
        return block
