"""A SpectralMamba's weights up to the merged spectrum, laid out for the kernels."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spectralmamba.models.gssm import GSSM
from spectralmamba.models.spectral_mamba import SpectralMamba
from spectralmamba.ops.cpu.logarithm import SMALLEST
from spectralmamba.ops.cpu.simd import LANES
from spectralmamba.sampling.standardise import Standardiser

Floats = NDArray[np.float32]

INPUTS_AT_ONCE = 4
"""The product's inputs are padded to a multiple of it, and its outputs to one of :data:`LANES`, so that a library sums
each row alike; see :data:`spectralmamba.models.steady.MIN_OUTPUTS`."""


class DenseWeights:
    """Standardisation, the gate and the centre's share.

    Parameters
    ----------
    model : SpectralMamba
        With halo border, or without GSSM.
    standardiser : Standardiser

    Attributes
    ----------
    n_bands, vectors : int
        C, and the vectors that hold so many.
    patch_size : int
        P; 0 where the model sees no neighbours.
    n_inputs : int
        Columns of the product's first factor.
    pointwise : Tensor, shape (n_inputs, 16 · vectors)
        Its second factor: the pointwise weights transposed, zeros beyond the bands.
    """

    def __init__(self, model: SpectralMamba, standardiser: Standardiser) -> None:
        config = model.config
        self.n_bands = int(config.n_bands)
        self.vectors = -(-self.n_bands // LANES)
        self.gates = model.gssm is not None
        self.patch_size = int(config.patch_size) if self.gates else 0
        self.n_inputs = -(-self.n_bands // INPUTS_AT_ONCE) * INPUTS_AT_ONCE
        self._arrays = _standardisation(standardiser)
        centre = config.centre if self.gates else 1.0
        self._arrays["shares"] = np.array([centre, config.merged_weight], np.float32)
        self.pointwise = torch.zeros(self.n_inputs, LANES * self.vectors)
        if model.gssm is not None:
            self._take_gate(model.gssm)

    def _take_gate(self, gssm: GSSM) -> None:
        n, padded = self.n_bands, LANES * self.vectors
        depthwise, first_bias = _double(gssm.depthwise.weight), _double(gssm.depthwise.bias)
        pointwise, second_bias = _double(gssm.pointwise.weight)[:, :, 0, 0], _double(gssm.pointwise.bias)
        taps, bias = np.zeros((9, padded), np.float32), np.zeros(padded, np.float32)
        taps[:, :n] = depthwise[:, 0].reshape(n, 9).T
        bias[:n] = pointwise @ first_bias + second_bias  # both biases behind the product, where they are one
        self._arrays |= {"depthwise": taps, "bias": bias}
        self.pointwise[:n, :n] = torch.from_numpy(pointwise.T.astype(np.float32))

    def places(self) -> dict[str, int]:
        """Address of each array, by the name that the job gives it."""
        return {name: array.ctypes.data for name, array in self._arrays.items()}


def _standardisation(standardiser: Standardiser) -> dict[str, Floats]:
    arrays = {
        "mean": np.ascontiguousarray(standardiser.mean, np.float32),
        "scale": np.ascontiguousarray(1 / standardiser.std, np.float32),
    }
    if standardiser.floor is not None:
        arrays["floor"] = np.array([max(standardiser.floor, SMALLEST)], np.float32)
    return arrays


def _double(value: Tensor | None) -> NDArray[np.float64]:
    assert value is not None  # noqa: S101 - narrows the type: GSSM's convolutions have biases
    return value.detach().double().numpy()
