"""A spectral library as a scene of pixels that do not touch, so that it trains a pixelwise model as any scene does."""

from pathlib import Path
from types import ModuleType

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.libraries import csv_library, envi_library
from spectralmamba.scenes.libraries.library import Library
from spectralmamba.scenes.spectra import SparseScene, SpectraFile, laid_out

_FORMATS = (envi_library, csv_library)  # an .npz may say where its pixels lie, and has a reader of its own


def recognises(path: Path) -> bool:
    """Whether ``path`` is a spectral library of ENVI or a CSV of spectra."""
    return any(one.recognises(path) for one in _FORMATS)


def load(path: Path) -> Library:
    """Read a file that :func:`recognises` knows; raises SceneError."""
    library: Library = _format_of(path).load(path)
    return library


def _format_of(path: Path) -> ModuleType:
    return next(one for one in _FORMATS if one.recognises(path))


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open a library as a scene, everything between its pixels missing.

    Parameters
    ----------
    path : pathlib.Path
    variable : str, optional
        Must be None: a library holds spectra only. The class column is chosen when it is opened as labels.

    Raises
    ------
    SceneError
        The library is damaged.
    """
    if variable is not None:
        raise SceneError(f"{path} is a spectral library, which holds spectra only; leave out variable={variable!r}")
    library = load(path)
    return make_scene(
        SparseScene(pixels_of(library)).lazy(),
        name=path.stem,
        source=str(library.path),
        wavelength=library.wavelength,
        fwhm=library.fwhm,
        good=library.good,
        attrs={"format": _format_of(path).FORMAT},
    )


def pixels_of(library: Library) -> SpectraFile:
    """Lay the spectra out as pixels of which no two touch."""
    return SpectraFile(library.spectra, *laid_out(None, len(library.spectra)), {})
