"""All that mapping knows of a model."""

from typing import Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.labels import ClassTable
from spectralmamba.scenes.matching import match_bands


class Predictor(Protocol):
    """NumPy in, NumPy out; PyTorch is one way to make one."""

    @property
    def radius(self) -> int:
        """Pixels that have to surround a window."""

    @property
    def bands(self) -> NDArray[np.intp]:
        """Positions, in the scene, of the bands that a window holds."""

    @property
    def scene_wavelengths(self) -> NDArray[np.float64]:
        """Wavelength (nm) of each band of the scenes it was trained on, NaN where unknown."""

    @property
    def classes(self) -> ClassTable:
        """Classes, in the order of the logits."""

    @property
    def temperature(self) -> float:
        """Logits divided by it give calibrated confidences."""

    def logits(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify a window (n_bands, h + 2·radius, w + 2·radius), NaN where invalid: (n_classes, h, w), likewise.

        A pixel's logits must not depend, to the last bit, on the window that it is seen in.
        """


def scene_for(predictor: Predictor, scene: xr.DataArray, *, resample: bool = False) -> xr.DataArray:
    """Give a scene the bands that a predictor was trained on, matched by wavelength.

    Parameters
    ----------
    predictor : Predictor
        Its ``scene_fwhm`` (nm), where it has one, tells how wide resampled bands are.
    scene : DataArray (band, y, x)
    resample : bool
        Compute bands that are not there, see :func:`spectralmamba.scenes.matching.match_bands`.

    Raises
    ------
    SceneError
        The scene has other bands, and may not or cannot be resampled.
    """
    fwhm = getattr(predictor, "scene_fwhm", None)
    return match_bands(scene, predictor.scene_wavelengths, fwhm, needed=predictor.bands, resample=resample)
