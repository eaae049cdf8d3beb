"""Which bands a model uses, and the mean and spread they are brought to."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SceneError

FLOOR = 1e-3  # of the median; below it reflectance is noise, or an atmospheric correction that went too far
MOST_BELOW = 0.2  # water reflects little, and less than nothing after some atmospheric corrections
Logarithm = Literal[True, False, "auto"]
NO_LOGARITHM = "no logarithm"
MIN_FILLED = 0.5  # a band that is missing in more than half of the labelled pixels would cost more pixels than it gives


def select_bands(spectra: NDArray[np.float32], good: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Choose the bands worth keeping: marked good, filled, and not constant.

    Parameters
    ----------
    spectra : ndarray, shape (n, n_bands)
        Labelled pixels, NaN where a value is missing.
    good : ndarray of bool, shape (n_bands,)
        Marks of the product, and of what was found on opening.

    Returns
    -------
    ndarray of int
        Positions of the kept bands, in the scene's order.

    Raises
    ------
    SceneError
        No band is left.
    """
    if not good.any():
        raise SceneError(
            "none of the scene's bands is good, for its product, water vapour or emptiness rules each out; choose "
            "others, or keep those that water vapour hides (--keep-water-vapour)"
        )
    spectra = spectra[np.isfinite(spectra).any(axis=1)]  # a pixel outside the scene's data says nothing of a band
    if len(spectra) == 0:
        raise SceneError(
            "no labelled pixel has data; check that the labels lie on the scene's data and no mask hides it"
        )
    finite = np.isfinite(spectra)
    low = np.where(finite, spectra, np.inf).min(axis=0, initial=np.inf)
    high = np.where(finite, spectra, -np.inf).max(axis=0, initial=-np.inf)
    keep = np.flatnonzero(good & (finite.sum(axis=0) >= MIN_FILLED * len(spectra)) & (high > low))
    if keep.size == 0:
        raise SceneError(
            "no band of the scene has varying values at the labelled pixels; check that the labels lie on its data"
        )
    return keep


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Per-band standardisation, fitted on training pixels only.

    Attributes
    ----------
    mean, std : ndarray of float32, shape (C,)
        In the scene's units, or of the logarithms.
    floor : float, optional
        With it the logarithm is taken first, of values at least as large: what illumination and topography multiply
        becomes a shift that all bands share. In the scene's units.
    """

    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    floor: float | None = None

    @classmethod
    def fit(cls, spectra: NDArray[np.float32], *, logarithm: bool = False) -> "Standardiser":
        """Measure mean and standard deviation of spectra (n, C), all finite.

        A band that happens to be constant over the training pixels gets a spread of 1, so that it reads as 0 there.
        Logarithms are of values above a thousandth of the median; none are taken where that is not positive, or where
        many values lie below: such data are no radiances or reflectances.
        """
        lowest = FLOOR * float(np.median(spectra))
        taken = logarithm and lowest > 0 and (spectra < lowest).mean() <= MOST_BELOW
        floor = lowest if taken else None
        wide = _logarithms(spectra, floor).astype(np.float64)
        std = wide.std(axis=0)
        return cls(wide.mean(axis=0).astype(np.float32), np.where(std > 0, std, 1.0).astype(np.float32), floor)

    def __call__(self, values: NDArray[np.float32], band_axis: int) -> NDArray[np.float32]:
        """Standardise values whose bands lie along ``band_axis``."""
        shape = [1] * values.ndim
        shape[band_axis] = -1
        return (_logarithms(values, self.floor) - self.mean.reshape(shape)) / self.std.reshape(shape)

    def undo(self, values: NDArray[np.float32], band_axis: int) -> NDArray[np.float32]:
        """Give back what was standardised, in the scene's units; values below the floor come back as the floor."""
        shape = [1] * values.ndim
        shape[band_axis] = -1
        raw = values * self.std.reshape(shape) + self.mean.reshape(shape)
        return raw if self.floor is None else np.exp(raw)


def standardisers(spectra: NDArray[np.float32], logarithm: Logarithm) -> dict[str, Standardiser]:
    """Fit what training may choose from, by name; the first, named ``""``, where it has no choice.

    Parameters
    ----------
    spectra : ndarray, shape (n, C)
        Training pixels, all finite.
    logarithm : {True, False, "auto"}
        ``auto`` is both, with and without, where logarithms can be taken at all.
    """
    first = Standardiser.fit(spectra, logarithm=bool(logarithm))
    if logarithm != "auto" or first.floor is None:
        return {"": first}
    return {"": first, NO_LOGARITHM: Standardiser.fit(spectra)}


def _logarithms(values: NDArray[np.float32], floor: float | None) -> NDArray[np.float32]:
    """Logarithms of values, NaN staying NaN; the values themselves without a floor."""
    if floor is None:
        return values
    logarithms: NDArray[np.float32] = np.log(np.maximum(values, np.float32(floor)))
    return logarithms
