"""A scene as another sensor's bands would see it.

A band is described by its centre and its full width at half maximum (FWHM), its response taken for a Gaussian. A band
of FWHM t is what a band of FWHM s sees, smoothed by a Gaussian of FWHM √(t² − s²), since the variances of convolved
Gaussians add. So each target band is the source's spectrum, linear between the bands' centres, averaged under that
Gaussian; where the source's bands are as wide as the target's, or wider, nothing is left to smooth and the spectrum is
interpolated linearly. Weights are not negative and sum to 1; the same bands give the same values, and spectra that are
linear in wavelength stay what they are. FWHM that are not known are taken to equal the distance between bands, as ENVI
does (documentation of its spectral resampling).
"""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from spectralmamba.errors import SceneError
from spectralmamba.scenes.bands import local_spacing
from spectralmamba.scenes.derived import Floats, Source, derive
from spectralmamba.scenes.lazy import WindowedArray

FWHM_PER_SIGMA = 2 * np.sqrt(2 * np.log(2))
NODES = np.linspace(-3, 3, 61)
"""Where, in standard deviations from a band's centre, the Gaussian is evaluated to average under it."""

MOST_MISSING = 0.5
"""Share of a target band's weight that may fall on missing values; the rest then counts for all."""


def resample(scene: xr.DataArray, wavelengths: ArrayLike, fwhm: ArrayLike | None = None) -> xr.DataArray:
    """Give a scene the bands of another sensor.

    Only bands that are good and whose wavelengths are known are used. Where some of the bands that a target is made
    from are missing in a pixel, the others count for them, as long as they have half of the weight; else the value is
    missing.

    Parameters
    ----------
    scene : xarray.DataArray
        A scene; stays as lazy as it is, the computing is done where a window is read.
    wavelengths : array_like of float, shape (n,)
        Centres of the wanted bands, nm.
    fwhm : array_like of float, shape (n,), optional
        Their widths, nm; the distance between them where not given or NaN.

    Returns
    -------
    xarray.DataArray
        A scene of n bands, all good, numbered from 1.

    Raises
    ------
    SceneError
        The scene's wavelengths are not known, or a wanted band lies outside its range or in a gap between its bands.
    """
    centres = np.asarray(wavelengths, np.float64)
    widths = band_widths(centres, None if fwhm is None else np.asarray(fwhm, np.float64))
    weights = resampling_weights(scene, centres, widths)
    bands = {
        "band": np.arange(1, centres.size + 1),
        "wavelength": ("band", centres, {"units": "nm"}),
        "fwhm": ("band", np.full(centres.size, np.nan) if fwhm is None else widths, {"units": "nm"}),
        "good": ("band", np.ones(centres.size, bool)),
    }
    return derive(scene, ResampledArray(scene, weights), bands, resampled_from=scene.sizes["band"])


def resampling_weights(
    scene: xr.DataArray, centres: NDArray[np.float64], widths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Compute how much of each band of a scene goes into each target band, (n_targets, n_bands); rows sum to 1.

    Raises
    ------
    SceneError
        See :func:`resample`.
    """
    wavelength = np.asarray(scene.coords["wavelength"].values, np.float64)
    used = np.flatnonzero(np.isfinite(wavelength) & np.asarray(scene.coords["good"].values, bool))
    if used.size < 2:
        raise SceneError(
            f"scene {scene.name} has fewer than two good bands of known wavelength, so it cannot be resampled; "
            "add wavelengths to the file"
        )
    used = used[np.argsort(wavelength[used], kind="stable")]
    own = wavelength[used]
    own_widths = band_widths(own, np.asarray(scene.coords["fwhm"].values, np.float64)[used])
    _require_covered(str(scene.name), own, own_widths, centres, widths)
    weights = np.zeros((centres.size, wavelength.size))
    for i, (centre, width) in enumerate(zip(centres, widths, strict=True)):
        weights[i, used] = _row(own, own_widths, centre, width)
    return weights


def _row(own: NDArray[np.float64], own_widths: NDArray[np.float64], centre: float, width: float) -> NDArray[np.float64]:
    """Weights (n_bands,) of one target: linear interpolation, averaged under what is left of its Gaussian."""
    nearest = own_widths[np.argmin(np.abs(own - centre))]
    sigma = np.sqrt(max(width**2 - nearest**2, 0.0)) / FWHM_PER_SIGMA
    # Near the ends of the spectrum the Gaussian is cut on both sides alike, or it would lean inwards.
    reach = max(min(centre - own[0], own[-1] - centre), 0.0)
    nodes = NODES[np.abs(NODES * sigma) <= reach]
    density = np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()
    at = np.clip(centre + sigma * nodes, own[0], own[-1])
    high = np.clip(np.searchsorted(own, at), 1, own.size - 1)
    span = own[high] - own[high - 1]
    share = np.where(span > 0, (at - own[high - 1]) / np.where(span > 0, span, 1.0), 0.5)  # twins count half each
    row = np.zeros(own.size)
    np.add.at(row, high - 1, density * (1 - share))
    np.add.at(row, high, density * share)
    return row


def band_widths(centres: NDArray[np.float64], fwhm: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """FWHM (nm) of bands, those that are not known from the distances between the bands."""
    order = np.argsort(centres, kind="stable")
    spacing = np.empty(centres.size)
    spacing[order] = local_spacing(centres[order])
    spacing[~np.isfinite(spacing)] = 0.0
    return spacing if fwhm is None else np.where(np.isfinite(fwhm) & (fwhm > 0), fwhm, spacing)


def _require_covered(
    name: str,
    own: NDArray[np.float64],
    own_widths: NDArray[np.float64],
    centres: NDArray[np.float64],
    widths: NDArray[np.float64],
) -> None:
    """Refuse a target that no band of the scene has seen: interpolation would make it up."""
    reach = np.maximum(own_widths, local_spacing(own)) / 2
    nearest = np.abs(own[None, :] - centres[:, None]).argmin(axis=1)
    distance = np.abs(own[nearest] - centres)
    inside = (centres >= own[0] - reach[0]) & (centres <= own[-1] + reach[-1])
    covered = inside & (distance <= np.maximum(reach[nearest], widths / 2) * (1 + 1e-6))
    if covered.all():
        return
    band = int(np.argmin(covered))
    raise SceneError(
        f"{int((~covered).sum())} of the {centres.size} wanted bands are not covered by scene {name}, the first at "
        f"{centres[band]:.1f} nm (its good bands lie within {own[0]:.1f}-{own[-1]:.1f} nm, the nearest at "
        f"{own[nearest[band]]:.1f} nm); leave such bands out"
    )


class ResampledArray(WindowedArray):
    """Weighted sums of a scene's bands, made while it is read.

    Parameters
    ----------
    scene : xarray.DataArray
    weights : ndarray of float, shape (n_targets, n_bands)
        Not negative.
    """

    def __init__(self, scene: xr.DataArray, weights: NDArray[np.float64]) -> None:
        self.source = Source(scene)
        super().__init__((len(weights), *self.source.shape[1:]))
        self.weights = weights.astype(np.float32)

    def read_window(self, bands: NDArray[np.intp], rows: slice, cols: slice) -> Floats:
        """Read what the wanted bands are made from, and sum it; shape (n, rows, cols), float32.

        The sum goes band by band, so that a value depends neither on the window nor on the other bands.
        """
        weights = self.weights[bands]
        needed = np.flatnonzero(weights.any(axis=0))
        block = self.source.read(needed, rows, cols)
        there = np.isfinite(block)
        complete = bool(there.all())
        block = block if complete else np.where(there, block, np.float32(0))
        result = np.zeros((bands.size, *block.shape[1:]), np.float32)
        for i, row in enumerate(weights[:, needed]):
            parts = np.flatnonzero(row)
            for part in parts:
                result[i] += row[part] * block[part]
            if not complete:
                _account_for_missing(result[i], row[parts], there[parts])
        return result


def _account_for_missing(total: Floats, weights: Floats, there: NDArray[np.bool_]) -> None:
    """Scale sums (height, width), in place, by the weight that values were there for; NaN where it was too little."""
    present = np.zeros(total.shape, np.float32)
    for weight, here in zip(weights, there, strict=True):
        present += weight * here
    enough = present >= (1 - MOST_MISSING) * weights.sum()
    whole = there.all(axis=0)
    scaled = np.where(whole, total, total / np.where(enough, present, np.float32(np.nan)))
    total[:] = np.where(enough, scaled, np.float32(np.nan))
