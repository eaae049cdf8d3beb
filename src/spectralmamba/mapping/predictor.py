"""All that mapping knows of a model."""

from typing import Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SceneError
from spectralmamba.labels import ClassTable
from spectralmamba.scenes.matching import match_bands

SAME_WAVELENGTH = 1.0  # nm; readings of one sensor differ by its calibration, well below a band's width


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


def check_scene(predictor: Predictor, scene: xr.DataArray) -> None:
    """Refuse a scene whose bands are not those the predictor was trained on.

    Raises
    ------
    SceneError
        Another number of bands, or other wavelengths where both are known.
    """
    expected = predictor.scene_wavelengths
    if scene.shape[0] != len(expected):
        raise SceneError(
            f"scene has {scene.shape[0]} bands but the model was trained on {len(expected)}; "
            "use a scene with the same bands, or train on this sensor"
        )
    found = np.asarray(scene.coords["wavelength"].values, np.float64)
    difference = np.abs(found - expected)
    if (difference > SAME_WAVELENGTH).any():
        band = int(np.nanargmax(difference))
        raise SceneError(
            f"band {band + 1} of the scene is at {found[band]:.1f} nm but the model was trained with "
            f"{expected[band]:.1f} nm; use a scene with the same bands, or train on this sensor"
        )
