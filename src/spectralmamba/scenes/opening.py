"""One entrance for every scene: a file, a folder of tiles, or a list of tiles."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import xarray as xr

from spectralmamba.errors import SceneError
from spectralmamba.scenes import geotiff, matlab, netcdf, spectra, zarr_store
from spectralmamba.scenes.bands import in_order_of_wavelength, mark_unusable_bands
from spectralmamba.scenes.envi import reader as envi
from spectralmamba.scenes.libraries import reader as libraries
from spectralmamba.scenes.mosaic import mosaic
from spectralmamba.scenes.products import aviris, desis, emit, emit_mask, enmap, prisma
from spectralmamba.scenes.quality import without_exclusions


class Reader(Protocol):
    """What a module has to offer to be a format: tell its files by their content, and read one."""

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as this format does, or the folder is a product of it."""

    def read(self, path: Path, variable: str | None) -> xr.DataArray:
        """Open the file as a scene; raises SceneError."""


READERS: tuple[Reader, ...] = (
    enmap,
    desis,
    geotiff,
    prisma,  # before MATLAB, whose newer files are HDF5 too, under any name
    emit,
    matlab,
    netcdf,
    zarr_store,
    spectra,
    libraries,
    aviris,
    envi,
)
"""The formats, asked in this order. A later format is a module with these two functions and a place here."""

_FORMATS = (
    "a GeoTIFF, an ENVI image, a MATLAB file, EnMAP, DESIS or EMIT L2A, PRISMA L2D, NetCDF, Zarr, "
    "or spectra in an .npz, a CSV or a spectral library of ENVI"
)


def holds_spectra_alone(source: str | os.PathLike[str]) -> bool:
    """Whether a file holds labelled spectra without their scene, so nothing of the pixels about them."""
    return any(reader.recognises(Path(source)) for reader in (spectra, libraries))


def open_scene(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    variable: str | None = None,
    *,
    quality: bool = True,
    keep_water_vapour: bool = False,
) -> xr.DataArray:
    """Open a hyperspectral scene, lazily where its format allows.

    Parameters
    ----------
    source : path or sequence of paths
        A file; the folder of a product, or one that holds nothing else, or any of its files; or a folder, or a list,
        of georeferenced tiles (files or products) that become one mosaic. A folder's tiles are sorted by name, and its
        files of other formats are passed over.
    variable : str, optional
        Which array, where a file holds several.
    quality : bool
        Whether pixels that the product's own quality layers mark (cloud, shadow, haze, snow …) are left out, as
        ``coords["excluded"]``; :func:`spectralmamba.scenes.exclusion_counts` gives their number by reason.
    keep_water_vapour : bool
        Whether bands that water vapour hides stay ``good`` where the product does not mark them.

    Returns
    -------
    xarray.DataArray
        dims ``(band, y, x)``, float32, NaN where missing; coordinates ``wavelength`` and ``fwhm`` (nm), ``good``, and
        ``band``, the band's number in the file, from 1; bands in order of wavelength where it is known. Not ``good``
        are bands that the product marks as bad, those in windows of water vapour, and those that are empty in a few
        windows that are read. CRS, transform and nodata by rioxarray's conventions. Named after the file, or the folder
        of a mosaic; ``attrs["format"]`` says what kind of file it is.

    Raises
    ------
    SceneError
        There is no such file, it is no scene, it is damaged, or the tiles do not fit together.

    Examples
    --------
    >>> scene = open_scene("flight.tif")  # doctest: +SKIP
    >>> scene.isel(y=slice(0, 64)).values  # reads 64 rows  # doctest: +SKIP
    """
    if isinstance(source, str | os.PathLike):
        scene = _open_guarded(Path(source).expanduser(), variable)
    else:
        scene = _open_tiles([Path(path).expanduser() for path in source], variable)
    scene = in_order_of_wavelength(scene if quality else without_exclusions(scene))
    return mark_unusable_bands(scene, keep_water_vapour=keep_water_vapour)


def _open_guarded(path: Path, variable: str | None) -> xr.DataArray:
    try:
        return _open_path(path, variable)
    except OSError as error:
        raise SceneError(f"{path} cannot be read ({error.strerror or error}); check the path and its rights") from error


def _open_path(path: Path, variable: str | None) -> xr.DataArray:
    if not path.exists():
        raise SceneError(f"there is no file or folder {path}; check the path")
    reader = _reader_of(path)
    if reader is not None:
        scene = reader.read(path, variable)
        scene.attrs.setdefault("format", getattr(reader, "FORMAT", _module_name(reader)))
        return scene
    if path.is_dir():
        return _open_folder(path, variable)
    if path.is_file() and emit_mask.is_companion(path):
        raise SceneError(
            f"{path} comes with a scene of EMIT's and is none by itself; pass EMIT_L2A_RFL_….nc (a mask beside it is "
            "used, any other with --mask)"
        )
    raise SceneError(f"{path} is not a scene in a format that this version reads; pass {_FORMATS}")


def _module_name(reader: Reader) -> str:
    return str(getattr(reader, "__name__", type(reader).__name__)).rsplit(".", 1)[-1]


def _reader_of(path: Path) -> Reader | None:
    return next((reader for reader in READERS if reader.recognises(path)), None)


def _open_folder(folder: Path, variable: str | None) -> xr.DataArray:
    inside = sorted(path for path in folder.iterdir() if _reader_of(path) is not None)
    if not inside:
        raise SceneError(f"the folder {folder} holds no scene; pass one whose files are {_FORMATS}")
    if len(inside) == 1 and inside[0].is_dir():  # as an archive of a product unpacks
        return _open_path(inside[0], variable)
    # Of a scene in two files, such as an ENVI image and its header, either stands for both.
    opened = {scene.attrs["source"]: scene for scene in (_open_path(path, variable) for path in inside)}
    return mosaic(list(opened.values()), name=folder.resolve().name, source=str(folder))


def _open_tiles(paths: list[Path], variable: str | None) -> xr.DataArray:
    if not paths:
        raise SceneError("the list of tiles is empty; pass at least one file")
    tiles = [_open_guarded(path, variable) for path in paths]
    folder = paths[0].resolve().parent
    return mosaic(tiles, name=folder.name, source=str(folder))
