"""All that mapping knows of a model."""

from typing import Any, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.labels import ClassTable
from spectralmamba.scenes.bands import in_water_vapour
from spectralmamba.scenes.matching import match_bands


class Predictor(Protocol):
    """NumPy in, NumPy out; PyTorch is one way to make one.

    One that computes elsewhere than in the host's memory may also have ``upload(window)``. It is called in the thread
    that reads, while the last window is classified; begins to bring a window there; and gives what :meth:`logits` then
    takes in place of it. See :func:`uploaded`.
    """

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


def uploaded(predictor: Predictor, window: NDArray[np.float32]) -> Any:  # noqa: ANN401 - known to the predictor alone
    """Have a predictor that can do so bring a window to where it computes; what comes back goes to its ``logits``."""
    upload = getattr(predictor, "upload", None)
    return window if upload is None else upload(window)


def uses_water_vapour(predictor: Predictor) -> bool:
    """Whether a predictor looks at bands that water vapour hides, so that scenes have to keep theirs."""
    return bool(in_water_vapour(predictor.scene_wavelengths[predictor.bands]).any())


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
