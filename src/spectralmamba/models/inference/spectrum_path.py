"""SpectralMamba from the spectrum on: what stands behind the merged spectrum, on a CPU, for a block of pixels."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from spectralmamba.models.spectral_mamba import SpectralMamba
from spectralmamba.models.steady import SteadyLinear
from spectralmamba.ops.backends import pick_backend

Floats = NDArray[np.float32]

BLOCK = 256


def spectrum_path(model: nn.Module) -> "SpectrumPath | None":
    """Prepare the spectrum path of a model, or None where the model has none here and its own ``forward`` is to be run.

    There is one for a SpectralMamba in float32 on a CPU whose backend is ``cpu``, or ``auto`` where that picks ``cpu``.
    It keeps the weights that the model has now.
    """
    if type(model) is not SpectralMamba:
        return None
    if any(p.device.type != "cpu" or p.dtype is not torch.float32 for p in model.parameters()):
        return None
    if any(pick_backend(block.convolution.backend) != "cpu" for block in model.blocks):  # type: ignore[union-attr]
        return None
    return SpectrumPath(model)


class SpectrumPath:
    """From standardised spectra, merged where the model merges, to logits.

    Parameters
    ----------
    model : SpectralMamba

    Attributes
    ----------
    block : int
        Number of spectra that a call takes.
    """

    block: int = BLOCK

    def __init__(self, model: SpectralMamba) -> None:
        self._model = model

    def __call__(self, spectra: Floats) -> Floats:
        """Classify a block of spectra on the calling thread; several threads may call at once.

        A row's logits are the same bits wherever it stands and whatever the other rows are.

        Parameters
        ----------
        spectra : ndarray of float32, shape (block, n_bands), C-contiguous
            As they are behind GSSM and the centre's share: what is to be whitened.

        Returns
        -------
        ndarray of float32, shape (block, n_classes)
        """
        model = self._model
        with torch.inference_mode(), SteadyLinear():
            spectrum = torch.from_numpy(spectra)
            if model.whitening is not None:
                spectrum = model.whitening(spectrum)
            tokens = model.position(model.pss(spectrum))
            for block in model.blocks:
                tokens, _ = block(tokens)
            return np.ascontiguousarray(model.head(tokens).numpy())
