"""SpectralMamba from the spectrum on, fused: what stands behind the merged spectrum, on a CPU, for a block of pixels.

Whitening, tokens, blocks and head of sixteen pixels are computed by one kernel (``ops/cpu/spectrum``) while they are in
cache. The norms' own weights are multiplied into the layers behind them; all else is the model, operation by operation.
"""

import logging
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spectralmamba.models.inference.spectrum_weights import SpectrumWeights
from spectralmamba.models.s6 import S6Block
from spectralmamba.models.spectral_mamba import SpectralMamba
from spectralmamba.models.steady import SteadyLinear
from spectralmamba.ops.backends import pick_backend
from spectralmamba.ops.cpu.compiled import kernel
from spectralmamba.ops.cpu.job import COUNTERS_APART
from spectralmamba.ops.cpu.memory import workspace
from spectralmamba.ops.cpu.pool import run
from spectralmamba.ops.cpu.simd import LANES
from spectralmamba.ops.cpu.workspace import LONG

logger = logging.getLogger(__name__)

LEAST_ROWS = 64  # for each thread, or waking it takes longer than it saves

Floats = NDArray[np.float32]

BLOCK = 256
"""Spectra of a call: a multiple of a vector's lanes, and about a millisecond of work, so that a call costs little."""


def spectrum_path(model: nn.Module) -> "SpectrumPath | None":
    """Prepare the spectrum path of a model, or None where it has none here and its own ``forward`` is to be run.

    There is one for every SpectralMamba in float32 on a CPU whose backend is ``cpu``, or ``auto`` where that picks
    ``cpu``; not for its subclasses, whose ``forward`` may be another. It keeps the weights that the model has now.

    Raises
    ------
    BackendError
        The model's backend was asked for by name and cannot run here.
    """
    if type(model) is not SpectralMamba or not _in_float32_on_cpu([*model.parameters(), *model.buffers()]):
        return None
    backends = {pick_backend(block.convolution.backend) for block in model.blocks if isinstance(block, S6Block)}
    return SpectrumPath(model) if backends == {"cpu"} and _can_run() else None


class SpectrumPath:
    """From standardised spectra, merged where the model merges, to logits.

    A row's logits are the same bits wherever it stands and whatever the other rows are. Several threads may call at
    once, each on its own block.

    Parameters
    ----------
    model : SpectralMamba
        In float32, on a CPU. Changes to its weights after this are not followed.

    Attributes
    ----------
    block : int
        Number of spectra that a call takes.
    """

    block: int = BLOCK

    def __init__(self, model: SpectralMamba) -> None:
        self._model, self._weights = model, SpectrumWeights.of(model)
        self._n_bands, self._n_classes = model.config.n_bands, model.config.n_classes

    def __call__(self, spectra: Floats) -> Floats:
        """Classify a block of spectra on the calling thread alone.

        Parameters
        ----------
        spectra : ndarray of float32, shape (block, n_bands), C-contiguous
            As they are behind GSSM and the centre's share: what is to be whitened.

        Returns
        -------
        ndarray of float32, shape (block, n_classes)

        Raises
        ------
        ValueError
            ``spectra`` has another shape, dtype or layout.
        """
        expected = (self.block, self._n_bands)
        if spectra.shape != expected or spectra.dtype != np.float32 or not spectra.flags.c_contiguous:
            raise ValueError(
                f"spectra are {spectra.dtype} of shape {spectra.shape}; pass C-contiguous float32 of shape {expected}"
            )
        return self._run(spectra, 1)

    def classify_many(self, spectra: Floats) -> Floats:
        """Classify any number of spectra (n, n_bands) on PyTorch's threads, to the same bits: logits (n, n_classes).

        Raises
        ------
        ValueError
            ``spectra`` has another shape.
        """
        if spectra.ndim != 2 or spectra.shape[1] != self._n_bands:
            raise ValueError(f"spectra have shape {spectra.shape}; this model expects (n, {self._n_bands})")
        n = len(spectra)
        padded = np.zeros((-(-n // LANES) * LANES, self._n_bands), np.float32) if n % LANES else None
        if padded is not None:
            padded[:n] = spectra
        rows = np.ascontiguousarray(spectra, np.float32) if padded is None else padded
        return self._run(rows, max(1, min(torch.get_num_threads(), len(rows) // LEAST_ROWS)))[:n]

    def _run(self, spectra: Floats, n_threads: int) -> Floats:
        logits = np.empty((len(spectra), self._n_classes), np.float32)
        counters = np.zeros(2 * COUNTERS_APART // LONG, np.int64)
        room_size = self._weights.room_size
        record = self._weights.record(
            spectra=spectra.ctypes.data, logits=logits.ctypes.data, rows=len(spectra),
            workspace=workspace(room_size * n_threads), room_size=room_size, counters=counters.ctypes.data,
        )  # fmt: skip
        run(kernel("spectrum"), record.ctypes.data, n_threads)
        return logits

    def classify_samples(self, samples: Floats) -> Floats:
        """Classify a block of what the model itself takes: spectra (block, C) or windows (block, C, S, S).

        Windows are merged by the model's own modules.
        """
        with torch.inference_mode(), SteadyLinear():
            spectra = self._model.spectrum_of(torch.from_numpy(samples))
        return self(np.ascontiguousarray(spectra.numpy(), np.float32))


def _in_float32_on_cpu(tensors: Iterable[Tensor]) -> bool:
    return all(tensor.device.type == "cpu" and tensor.dtype is torch.float32 for tensor in tensors)


def _can_run() -> bool:
    """Whether the kernel can be compiled here; it is another than the scan's, by which the backend was picked."""
    try:
        kernel("spectrum")
    except Exception as error:  # noqa: BLE001 - whatever it is, the model's own forward still runs
        logger.info("no fused inference: Numba cannot compile its kernel here (%s: %s)", type(error).__name__, error)
        return False
    return True
