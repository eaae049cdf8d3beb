"""Tiny fake products: what the readers meet in the wild, a few pixels large."""

import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import rasterio
import rasterio.shutil
import scipy.io
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

CRS = "EPSG:32633"
TRANSFORM = Affine(30.0, 0.0, 366015.0, 0.0, -30.0, 5809965.0)


def cube(n_bands: int = 3, height: int = 5, width: int = 7, seed: int = 0) -> np.ndarray:
    """Reflectance × 10⁴, (n_bands, height, width), int16."""
    return np.random.default_rng(seed).integers(1, 10_000, (n_bands, height, width)).astype(np.int16)


def band_tags(n_bands: int, **changes: str) -> list[dict[str, str]]:
    common = {"fwhm": "6.5", "bbl": "1", "wavelength_units": "Nanometers"}
    return [{"wavelength": str(400.5 + 10 * band)} | common | changes for band in range(n_bands)]


def write_tiff(path: Path, values: np.ndarray, **options: Any) -> Path:
    """Write (bands, height, width), or (height, width) as one band.

    ``tags``, ``imagery``: one dict a band. ``scales``, ``offsets``: one number a band. ``colormap``: for band 1.
    ``crs=None, transform=None`` for no georeferencing. The rest goes to GDAL.
    """
    values = values if values.ndim == 3 else values[None]
    tags, imagery = options.pop("tags", []), options.pop("imagery", [])
    scales, offsets, colormap = (options.pop(key, None) for key in ("scales", "offsets", "colormap"))
    profile = {"crs": CRS, "transform": TRANSFORM} | options
    profile = {key: value for key, value in profile.items() if value is not None}
    with warnings.catch_warnings(), _created(path, values, profile) as dataset:
        dataset.write(values)
        for band, tag in enumerate(tags, 1):
            dataset.update_tags(band, **tag)
        for band, tag in enumerate(imagery, 1):
            dataset.update_tags(band, ns="IMAGERY", **tag)
        dataset.scales = scales or dataset.scales
        dataset.offsets = offsets or dataset.offsets
        if colormap is not None:
            dataset.write_colormap(1, colormap)
    return path


def _created(path: Path, values: np.ndarray, profile: dict[str, Any]) -> Any:
    warnings.simplefilter("ignore", NotGeoreferencedWarning)
    count, height, width = values.shape
    size = {"count": count, "height": height, "width": width, "dtype": values.dtype}
    return rasterio.open(path, "w", driver="GTiff", **size, **profile)


def moved(rows: float, cols: float) -> Affine:
    """TRANSFORM of a tile that begins at these rows and columns."""
    return Affine(30.0, 0.0, TRANSFORM.c + 30 * cols, 0.0, -30.0, TRANSFORM.f - 30 * rows)


def write_tiles(folder: Path, whole: np.ndarray, places: dict[str, tuple[int, int, int, int]], **options: Any) -> Path:
    """Cut tiles name -> (row, col, height, width) out of ``whole`` and write them with nodata 0."""
    folder.mkdir()
    for name, (row, col, height, width) in places.items():
        part = whole[:, row : row + height, col : col + width]
        write_tiff(
            folder / name,
            part,
            **({"transform": moved(row, col), "nodata": 0, "tags": band_tags(whole.shape[0])} | options),
        )
    return folder


def write_mat5(path: Path, **arrays: Any) -> Path:
    scipy.io.savemat(path, arrays, do_compression=True)
    return path


def write_mat73(path: Path, **arrays: np.ndarray) -> Path:
    """As MATLAB does: 512 bytes of header, then HDF5 with the axes reversed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            dataset = file.create_dataset(name, data=np.asarray(array).T)
            dataset.attrs["MATLAB_class"] = np.bytes_("double")
        text = file.create_dataset("remark", data=np.array([[72], [105]], np.uint16))
        text.attrs["MATLAB_class"] = np.bytes_("char")
    header = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM"
    with path.open("r+b") as file:
        file.write(header)
    return path


def directory_first(path: Path, **options: Any) -> Path:
    """Write a TIFF again with its directory before the pixels, so that a cut does not reach the directory."""
    target = path.with_name("again_" + path.name)
    rasterio.shutil.copy(path, target, driver="GTiff", COPY_SRC_OVERVIEWS="YES", **options)
    return target


def cut(path: Path, share: float) -> Path:
    """Leave only the first part of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path
