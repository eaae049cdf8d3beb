"""A trained model behind NumPy: windows or samples in, logits out, the same bits whatever surrounds a pixel."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from spectralmamba.labels import ClassTable
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.inference.dense_keeper import DenseKeeper
from spectralmamba.models.inference.patches import patch_logits
from spectralmamba.models.inference.spectrum_path import SpectrumPath, spectrum_path
from spectralmamba.models.inference.threads import threads_of_one
from spectralmamba.models.steady import SteadyLinear
from spectralmamba.sampling.patches import Samples
from spectralmamba.sampling.standardise import Standardiser

Floats = NDArray[np.float32]

BLOCK = SpectrumPath.block
"""Samples computed at once. Every block has this size, the last one padded, so that the libraries below always run the
same code on the same shapes and a pixel's logits do not depend on how many others are asked for with it."""


@dataclass(frozen=True, eq=False)
class ModelPredictor:
    """Standardisation and a model, as the mapping's ``Predictor`` protocol wants them.

    Attributes
    ----------
    model : Classifier
        A registered model, on the device it is to run on.
    standardiser : Standardiser
        Of the kept bands.
    bands : ndarray of int
        Positions of the kept bands in the scene.
    scene_wavelengths : ndarray of float64, shape (n_scene_bands,)
        Band centres (nm) of the scenes it was trained on; NaN where unknown.
    classes : ClassTable
        In the order of the logits.
    temperature : float
        Logits divided by it give calibrated confidences.
    learned_validation : bool
        Whether it has learned from the validation pixels, too, so that they say nothing of its accuracy.
    scene_fwhm : ndarray of float64, shape (n_scene_bands,), optional
        Full width at half maximum (nm) of the bands of the scenes it was trained on, NaN where unknown; for resampling
        other scenes. None for models written before it was kept.
    """

    model: Classifier
    standardiser: Standardiser
    bands: NDArray[np.intp]
    scene_wavelengths: NDArray[np.float64]
    classes: ClassTable
    temperature: float = 1.0
    learned_validation: bool = False
    scene_fwhm: NDArray[np.float64] | None = None
    _dense: DenseKeeper = field(default_factory=DenseKeeper, init=False, repr=False)

    @property
    def radius(self) -> int:
        """How far the model looks around a pixel."""
        return self.model.radius

    def logits(self, window: Floats) -> Floats:
        """Classify the inside of a window, of any size.

        SpectralMamba with the halo border is evaluated densely on a CPU, other models patch by patch in blocks.

        Parameters
        ----------
        window : ndarray, shape (n_bands, h + 2·radius, w + 2·radius)
            The kept bands in the scene's units, NaN where a pixel is invalid.

        Returns
        -------
        ndarray of float32, shape (n_classes, h, w)
            NaN where the pixel is invalid.
        """
        dense = self._dense.get(self.model, self.standardiser)
        if dense is not None:
            return dense(window)
        return patch_logits(window, self.standardiser, self.radius, len(self.classes), self._compute)

    def _compute(self, take: Callable[[slice], Floats], n: int) -> Floats:
        return compute_in_blocks(self.model, take, n)


def sample_logits(model: Classifier, samples: Samples) -> Floats:
    """Compute the logits (n, K) of standardised samples, a block at a time."""

    def take(chosen: slice) -> Floats:
        return samples.batch(np.arange(chosen.start, chosen.stop))

    return compute_in_blocks(model, take, len(samples.targets))


def compute_in_blocks(model: Classifier, take: Callable[[slice], Floats], n: int) -> Floats:
    """Compute the logits of n samples in blocks of one fixed, padded shape, one thread a block.

    SpectralMamba goes through its fused path where it has one, other models through their own ``forward``.

    Parameters
    ----------
    model : Classifier
    take : callable
        Gives the samples of a slice of 0..n.
    n : int
        How many samples.

    Returns
    -------
    ndarray of float32, shape (n, n_classes)
    """
    result = np.empty((n, model.n_classes), np.float32)
    first = next(model.parameters(), None)  # a model of scikit-learn has none
    device = torch.device("cpu") if first is None else first.device
    model.eval()
    path = spectrum_path(model)

    def classify(block: Floats) -> Floats:
        if path is not None:
            return path.classify_samples(block)
        with torch.inference_mode(), SteadyLinear():
            logits: Floats = model(torch.from_numpy(block).to(device)).float().cpu().numpy()
        return logits

    def compute(start: int) -> None:
        samples = take(slice(start, min(start + BLOCK, n)))
        block = np.zeros((BLOCK, *samples.shape[1:]), np.float32)
        block[: len(samples)] = samples
        result[start : start + len(samples)] = classify(block)[: len(samples)]

    with threads_of_one() as pool:
        for done in [pool.submit(compute, start) for start in range(0, n, BLOCK)]:
            done.result()
    return result
