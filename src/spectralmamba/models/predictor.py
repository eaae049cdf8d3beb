"""A trained model behind NumPy: windows or samples in, logits out, the same bits whatever surrounds a pixel."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError
from spectralmamba.labels import ClassTable
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.inference.cuda import DeviceEvaluation, device_of
from spectralmamba.models.inference.cuda_precision import Half, exact_float32
from spectralmamba.models.inference.cuda_transfer import Uploaded
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

MANY = 16384  # spectra that are taken at a time where all are computed in lanes

DEVICE_BLOCK = 4096
"""The same on a GPU, which so few as :data:`BLOCK` would leave idle."""


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
    half : {"bfloat16", "float16"}, optional
        Classify windows in half precision, on a GPU.

    Raises
    ------
    ConfigError
        Half precision is asked for, and the model is not on a GPU.
    """

    model: Classifier
    standardiser: Standardiser
    bands: NDArray[np.intp]
    scene_wavelengths: NDArray[np.float64]
    classes: ClassTable
    temperature: float = 1.0
    learned_validation: bool = False
    scene_fwhm: NDArray[np.float64] | None = None
    half: Half | None = None
    _dense: DenseKeeper = field(default_factory=DenseKeeper, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse half precision where it would be slower and less exact."""
        kind = device_of(self.model).type
        if self.half is not None and kind != "cuda":
            raise ConfigError(f"half precision is for a GPU, and the model runs on {kind!r}; leave --half out")

    @property
    def radius(self) -> int:
        """How far the model looks around a pixel."""
        return self.model.radius

    def upload(self, window: Floats) -> Floats | Uploaded:
        """Begin to bring a window to where the model is; :meth:`logits` takes what this gives, from any thread.

        On a CPU that is the window itself.
        """
        evaluation = self._dense.get(self.model, self.standardiser, self.half)
        return evaluation.upload(window) if isinstance(evaluation, DeviceEvaluation) else window

    def logits(self, window: Floats | Uploaded) -> Floats:
        """Classify the inside of a window, of any size.

        SpectralMamba with the halo border is evaluated densely, other models patch by patch in blocks.

        Parameters
        ----------
        window : ndarray, shape (n_bands, h + 2·radius, w + 2·radius), or what :meth:`upload` gave
            The kept bands in the scene's units, NaN where a pixel is invalid.

        Returns
        -------
        ndarray of float32, shape (n_classes, h, w)
            NaN where the pixel is invalid.
        """
        evaluation = self._dense.get(self.model, self.standardiser, self.half)
        if isinstance(evaluation, DeviceEvaluation):
            return evaluation(window)
        assert not isinstance(window, Uploaded)  # noqa: S101 - narrows the type: only a model on a device uploads
        if evaluation is not None:
            return evaluation(window)
        return patch_logits(window, self.standardiser, self.radius, len(self.classes), self._compute)

    def _compute(self, take: Callable[[slice], Floats], n: int) -> Floats:
        return compute_in_blocks(self.model, take, n)


def _spectra_in_blocks(path: SpectrumPath, take: Callable[[slice], Floats], result: Floats) -> Floats:
    """Fill in the logits (n, K) of spectra, many at a time on PyTorch's own threads, each in a lane of its own."""
    for start in range(0, len(result), MANY):
        chosen = slice(start, min(start + MANY, len(result)))
        samples = take(chosen)
        centre = samples.shape[-1] // 2
        result[chosen] = path.classify_many(samples if samples.ndim == 2 else samples[:, :, centre, centre])
    return result


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
    device = device_of(model)
    on_cpu = device.type == "cpu"
    block_size = BLOCK if on_cpu else DEVICE_BLOCK
    model.eval()
    path = spectrum_path(model)
    if path is not None and model.radius == 0 and n:
        return _spectra_in_blocks(path, take, result)

    def classify(block: Floats) -> Floats:
        if path is not None:
            return path.classify_samples(block)
        with torch.inference_mode(), SteadyLinear():
            logits: Floats = model(torch.from_numpy(block).to(device)).float().cpu().numpy()
        return logits

    def compute(start: int) -> None:
        samples = take(slice(start, min(start + block_size, n)))
        block = np.zeros((block_size, *samples.shape[1:]), np.float32)
        block[: len(samples)] = samples
        result[start : start + len(samples)] = classify(block)[: len(samples)]

    with nullcontext() if on_cpu else exact_float32(), threads_of_one() as pool:
        for done in [pool.submit(compute, start) for start in range(0, n, block_size)]:
            done.result()
    return result
