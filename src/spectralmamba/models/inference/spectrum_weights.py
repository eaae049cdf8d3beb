"""The weights of SpectralMamba in the order in which the kernel of its spectrum path reads them."""

import math
from dataclasses import dataclass
from types import MappingProxyType, SimpleNamespace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spectralmamba.models.s6 import S6, S6Block
from spectralmamba.models.spectral_mamba import SpectralMamba
from spectralmamba.ops.cpu.functions import LOG2_E, as_python
from spectralmamba.ops.cpu.simd import BYTES
from spectralmamba.ops.cpu.spectrum.job import SPECTRUM_FIELDS
from spectralmamba.ops.cpu.spectrum.room import arrange
from spectralmamba.ops.cpu.workspace import FLOAT

Floats = NDArray[np.float32]
Parts = dict[str, Floats]

_PLACES = MappingProxyType({field: i for i, field in enumerate(SPECTRUM_FIELDS)})

FOUR = 4
"""Outputs that the kernel computes at once, and states that it scans at once."""

MOST_STEPS = 16
"""Longer sequences go through the blocks in chunks of at most so many steps. Measured: from 5 to 64 steps the speed
is the same within 3 %, and the memory worked in is smaller the fewer they are."""


@dataclass(frozen=True, eq=False)
class SpectrumWeights:
    """Packed weights and what the kernel is told of them.

    Attributes
    ----------
    values : ndarray of float32
        All weights.
    job : ndarray of int64, shape (len(SPECTRUM_FIELDS),)
        The record without what belongs to a call; places of weights are in bytes from the first.
    in_values : ndarray of int64, shape (len(SPECTRUM_FIELDS),)
        1 where the record holds the place of weights, else 0.
    room_size : int
        Bytes of memory that a thread works in.
    """

    values: Floats
    job: NDArray[np.int64]
    in_values: NDArray[np.int64]
    room_size: int

    @classmethod
    def of(cls, model: SpectralMamba) -> "SpectrumWeights":
        """Pack the weights that a model has now."""
        with torch.no_grad():
            blocks = [_block(block) for block in model.blocks if isinstance(block, S6Block)]
            others = [part for block in blocks[1:] for part in block.values()]
            first = _front(model) | _head(model) | blocks[0]  # the other blocks lie behind the first
        parts = [*first.values(), *others]
        starts = np.cumsum([0, *(part.size for part in parts)]) * FLOAT
        sizes = _sizes(model) | {"block_apart": FLOAT * sum(part.size for part in blocks[0].values())}
        places = dict(zip(first, starts.tolist(), strict=False))
        job = dict.fromkeys(SPECTRUM_FIELDS, 0) | sizes | places
        return cls(
            np.concatenate([part.ravel() for part in parts]),
            np.array(list(job.values()), np.int64),
            np.array([field in places for field in SPECTRUM_FIELDS], np.int64),
            as_python(arrange)(0, SimpleNamespace(**job)).end,
        )

    def record(self, **of_call: int) -> NDArray[np.int64]:
        """Make the record of a call."""
        record = self.job + self.values.ctypes.data * self.in_values
        for field, value in of_call.items():
            record[_PLACES[field]] = value
        return record


def _sizes(model: SpectralMamba) -> dict[str, int]:
    config = model.config
    adjacent = config.layout == "adjacent"
    n_chunks = -(-config.length // MOST_STEPS)
    return {
        "bands": config.n_bands, "length": config.length, "piece": config.piece_size,
        "band_apart": BYTES * (1 if adjacent else config.length),
        "token_apart": BYTES * (config.piece_size if adjacent else 1),
        "chunk": -(-config.length // n_chunks),
        "dim": config.dim, "inner": config.dim * config.expansion, "states": -(-config.state_size // FOUR) * FOUR,
        "rank": math.ceil(config.dim / 16), "taps": config.conv_size, "depth": config.depth,
        "classes": config.n_classes, "s6": int(config.s6), "flatten": int(config.pooling == "flatten"),
    }  # fmt: skip


def _front(model: SpectralMamba) -> Parts:
    """What stands before the blocks."""
    embedding = model.pss.embedding
    position = getattr(model.position, "embedding", torch.zeros(model.config.length, 1)) + embedding.bias  # (L, dim)
    most = max(model.config.n_bands, 2 * model.config.state_size + model.config.dim) + 4 * FOUR
    parts = {"zeros": np.zeros(most, np.float32), "embedding": _fours(embedding.weight), "position": _padded(position)}
    return parts if model.whitening is None else parts | {"whitening": _fours(model.whitening.matrix)}


def _block(block: S6Block) -> Parts:
    """One block, its norm as part of the projection behind it."""
    u, z = block.input_projection.weight.chunk(2)  # (inner, dim) each
    bias = block.convolution.bias
    assert bias is not None  # noqa: S101 - narrows the type: it always has one
    both, biases = zip(*(_behind_norm(block.norm, half) for half in (u, z)), strict=True)
    parts = {
        "norm": _of_norm(block.norm),
        "input": np.concatenate([_fours(half) for half in both]),
        "input_bias": np.concatenate([_padded(value) for value in biases]),
        "convolution": _plain(block.convolution.weight),
        "convolution_bias": _plain(bias),
        "skip": _plain(block.scan.D),
        "output": _fours(block.output_projection.weight),
    }
    return parts | _scan(block.scan) if isinstance(block.scan, S6) else parts


def _scan(scan: S6) -> Parts:
    n_missing = -scan.state_size % FOUR
    step, B, C = torch.split(scan.parameter_projection.weight, [scan.rank, scan.state_size, scan.state_size])
    B, C = (nn.functional.pad(value, (0, 0, 0, n_missing)) for value in (B, C))
    rates = nn.functional.pad(-torch.exp(scan.A_log) * LOG2_E, (0, n_missing))
    return {
        "parameters": _fours(torch.cat([B, C, step])),
        "step": _fours(scan.step_projection.weight),
        "step_bias": _padded(scan.step_bias),
        "rates": _plain(rates),
        "steepest": _plain(rates.abs().amax(dim=1)),
    }


def _head(model: SpectralMamba) -> Parts:
    """The head, its norm as part of the linear layer; flattened, a matrix for each step."""
    head, config = model.head, model.config
    weight = head.classifier.weight
    steps = weight.view(config.n_classes, -1, config.dim).unbind(1)  # of (K, dim)
    both = [_behind_norm(head.norm, step) for step in steps]
    bias = torch.stack([b for _, b in both]).double().sum(0).float() + head.classifier.bias
    return {
        "head_norm": np.append(_of_norm(head.norm), np.float32(1 / config.length)),
        "head": np.concatenate([_fours(step) for step, _ in both]),
        "head_bias": _padded(bias),
    }


def _behind_norm(norm: nn.LayerNorm, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Weight and bias of a linear layer (O, dim) that does what the norm's own weight and bias do, too."""
    return weight * norm.weight, weight @ norm.bias


def _of_norm(norm: nn.LayerNorm) -> Floats:
    return np.array([1 / norm.normalized_shape[0], norm.eps], np.float32)


def _plain(value: Tensor) -> Floats:
    return np.ascontiguousarray(value.numpy())


def _padded(value: Tensor) -> Floats:
    """Pad the last dimension to whole fours."""
    return _plain(nn.functional.pad(value, (0, -value.shape[-1] % FOUR)))


def _fours(weight: Tensor) -> Floats:
    """Pack a matrix (O, I) as (O / 4, I, 4)."""
    rows = nn.functional.pad(weight, (0, 0, 0, -weight.shape[0] % FOUR))
    return _plain(rows.view(-1, FOUR, rows.shape[1]).transpose(1, 2))
