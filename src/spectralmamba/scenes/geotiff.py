"""GeoTIFF: read lazily through GDAL, spectral metadata from the tags of each band.

Specification: OGC GeoTIFF Standard 1.1, https://docs.ogc.org/is/19-008r4/19-008r4.html; scale, offset and the tags of
bands as GDAL writes them, https://gdal.org/en/stable/drivers/raster/gtiff.html, among them those of its IMAGERY domain,
https://gdal.org/en/stable/user/raster_data_model.html.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from spectralmamba.errors import SceneError
from spectralmamba.scenes.contract import make_scene
from spectralmamba.scenes.lazy import WindowedArray
from spectralmamba.scenes.raster import is_tiff, open_tiff, require_complete, transform_of
from spectralmamba.scenes.units import nm_per_unit

logger = logging.getLogger(__name__)

FORMAT = "GeoTIFF"


class GeoTiffArray(WindowedArray):
    """The pixels of a GeoTIFF, scaled, with NaN for nodata.

    Every read opens the file anew (milliseconds): GDAL datasets may not be shared between threads or pickled.
    """

    def __init__(
        self, path: Path, shape: tuple[int, int, int], nodata: float | None, scales: np.ndarray, offsets: np.ndarray
    ) -> None:
        super().__init__(shape)
        self.path = path
        self.nodata = nodata
        self.scales = scales.astype(np.float32)
        self.offsets = offsets.astype(np.float32)

    def read_window(self, bands: np.ndarray, rows: slice, cols: slice) -> np.ndarray:
        """Read bands (from 0) of a window; shape (n, rows, cols), float32.

        Raises
        ------
        SceneError
            The file went away or is damaged where the window lies.
        """
        with open_tiff(self.path) as dataset:
            window = Window.from_slices(rows, cols)
            stored = dataset.read((bands + 1).tolist(), window=window)
            # A mask of its own (inside the file or beside it) counts beside the nodata value.
            masked = MaskFlags.per_dataset in dataset.mask_flag_enums[0]
            inside = dataset.dataset_mask(window=window) > 0 if masked else None
        with np.errstate(over="ignore"):  # what float64 has for missing is often beyond float32
            values: np.ndarray = stored.astype(np.float32, copy=False)
        known = self.nodata is not None and not np.isnan(self.nodata)
        missing = stored == self.nodata if known else None
        # Each pass over a large window takes as long as a good part of unpacking it.
        if (self.scales != 1).any():
            values *= self.scales[bands, None, None]
        if self.offsets.any():
            values += self.offsets[bands, None, None]
        if missing is not None:
            values[missing] = np.nan
        if inside is not None:
            values[:, ~inside] = np.nan
        return values


def recognises(path: Path) -> bool:
    """Whether ``path`` begins like a TIFF."""
    return is_tiff(path)


def read(path: Path, variable: str | None = None) -> xr.DataArray:
    """Open a GeoTIFF as a scene without reading its pixels.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    variable : str, optional
        Must be None: a GeoTIFF holds one array.

    Returns
    -------
    xarray.DataArray
        A scene, see :func:`spectralmamba.scenes.contract.make_scene`.

    Raises
    ------
    SceneError
        The file is truncated or damaged, has one band, complex values, or wavelengths that cannot be understood.
    """
    if variable is not None:
        raise SceneError(f"{path} is a GeoTIFF, which holds one array; leave out variable={variable!r}")
    with open_tiff(path) as dataset:
        _require_hyperspectral(dataset, path)
        require_complete(dataset, path)
        _warn_of_control_points(dataset, path)
        shape = (dataset.count, dataset.height, dataset.width)
        wavelength, fwhm, good = _spectral_metadata(dataset, path)
        array = GeoTiffArray(path, shape, dataset.nodata, np.array(dataset.scales), np.array(dataset.offsets))
        scene = make_scene(
            array.lazy(),
            name=path.stem,
            source=str(path),
            wavelength=wavelength,
            fwhm=fwhm,
            good=good,
            crs=dataset.crs,
            transform=transform_of(dataset),
            nodata=dataset.nodata,
        )
        block_height, block_width = dataset.block_shapes[0]
        # Where xarray's own readers tell it; whoever reads the scene in parts should read whole blocks.
        scene.encoding["preferred_chunks"] = {"band": 1, "y": block_height, "x": block_width}
        return scene


def _warn_of_control_points(dataset: Any, path: Path) -> None:  # noqa: ANN401
    """Say that a scene that is placed in another way than by a transform has no place here."""
    points, _ = dataset.gcps
    if transform_of(dataset) is None and (points or dataset.rpcs):
        logger.warning(
            "%s is placed by %s alone, which is not used: to have maps georeferenced, warp the scene first (gdalwarp)",
            path,
            "ground control points" if points else "rational polynomials (RPC)",
        )


def _require_hyperspectral(dataset: Any, path: Path) -> None:  # noqa: ANN401 - rasterio is untyped
    if dataset.count < 2:
        raise SceneError(
            f"{path} is not a hyperspectral scene: it has 1 band; "
            "pass a file with one band per wavelength (a label raster goes to open_labels)"
        )
    if np.dtype(dataset.dtypes[0]).kind not in "iuf":
        raise SceneError(f"{path} holds {dataset.dtypes[0]} values; pass a scene of real numbers")


def _spectral_metadata(dataset: Any, path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # noqa: ANN401
    """Collect wavelength, fwhm (nm) and good, each of shape (n_bands,), from the tags of the bands."""
    tags = [{key.lower(): value for key, value in dataset.tags(band).items()} for band in dataset.indexes]
    imagery = [dataset.tags(band, ns="IMAGERY") for band in dataset.indexes]
    wavelength, fwhm, multipliers = (_numbers(tags, key, path) for key in ("wavelength", "fwhm", "bbl"))
    factor = _nm_per_unit(tags, wavelength, path)
    return (
        _filled(wavelength * factor, _numbers(imagery, "CENTRAL_WAVELENGTH_UM", path) * 1000.0),
        _filled(fwhm * factor, _numbers(imagery, "FWHM_UM", path) * 1000.0),
        multipliers != 0,  # NaN, a band without the tag, counts as good
    )


def _filled(values: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), fallback, values)


def _numbers(tags: list[dict[str, str]], key: str, path: Path) -> np.ndarray:
    """One number per band, NaN where the tag is missing; shape (n_bands,)."""
    try:
        return np.array([float(tag.get(key, "nan")) for tag in tags])
    except ValueError as error:
        raise SceneError(
            f"{path} has a band whose tag {key} is not a number ({error}); correct or remove the tag"
        ) from error


def _nm_per_unit(tags: list[dict[str, str]], wavelength: np.ndarray, path: Path) -> np.ndarray:
    """Nanometres in one unit of each band's wavelength, shape (n_bands,)."""
    units = [tag.get("wavelength_units", "") for tag in tags]
    remedy = "set the band tag wavelength_units to 'nm' or 'µm'"
    factors = {unit: nm_per_unit(unit, wavelength, str(path), remedy) for unit in sorted(set(units))}
    return np.array([factors[unit] for unit in units])
