"""What a thread works in while it evaluates a box, and the calls of the kernels there."""

import numpy as np
import torch
from numpy.typing import NDArray

from spectralmamba.models.inference.dense_weights import DenseWeights
from spectralmamba.ops.cpu.compiled import kernel
from spectralmamba.ops.cpu.gssm_job import RECORD
from spectralmamba.ops.cpu.pool import run
from spectralmamba.ops.cpu.simd import BYTES, LANES

Floats = NDArray[np.float32]
Positions = NDArray[np.int64]

PRODUCT_ROWS = 512
"""Rows of every product of the pointwise convolution, the last ones padded: a library chooses its code by the shape,
and what it gives for a row depends on that. A block of so many spectra stays in the second-level cache."""


def aligned(*shape: int) -> Floats:
    """Make an array of float32 zeros that begins with a vector: where one begins may decide how a library sums."""
    size = int(np.prod(shape))
    memory = np.zeros(size + LANES, np.float32)
    first = -memory.ctypes.data % BYTES // memory.itemsize
    return memory[first : first + size].reshape(shape)


class DenseRoom:
    """Memory for boxes of up to ``n_pixels`` pixels, ``n_columns`` wide, and the job of the kernels on it.

    One thread at a time uses it.

    Parameters
    ----------
    weights : DenseWeights
    n_pixels, n_columns : int
        The largest box, its surroundings included.
    block : int
        Spectra of a block.
    """

    def __init__(self, weights: DenseWeights, n_pixels: int, n_columns: int, block: int) -> None:
        w, padded = weights, LANES * weights.vectors
        self.weights, self.n_pixels, self.n_columns = weights, n_pixels, n_columns
        self._spectra, self._valid = aligned(n_pixels, padded), aligned(n_pixels)
        self._gated = aligned(n_pixels, padded) if w.gates else self._spectra
        self._bad, self._room = aligned(n_columns + LANES), aligned(LANES, LANES)
        self._convolved, self._product = aligned(PRODUCT_ROWS, padded), aligned(PRODUCT_ROWS, padded)
        self.merged = aligned(block, w.n_bands)
        self._pixels = np.zeros(max(PRODUCT_ROWS, block), np.int64)
        self._factor = torch.from_numpy(self._convolved)[:, : w.n_inputs]
        self._result = torch.from_numpy(self._product)
        self._job = np.zeros(1, RECORD)
        self._set(bands=w.n_bands, vectors=w.vectors, patch_size=w.patch_size, **w.places())
        self._set(
            spectra=self._spectra.ctypes.data, gated=self._gated.ctypes.data, valid=self._valid.ctypes.data,
            bad=self._bad.ctypes.data, room=self._room.ctypes.data, pixels=self._pixels.ctypes.data,
            convolved=self._convolved.ctypes.data, product=self._product.ctypes.data, merged=self.merged.ctypes.data,
        )  # fmt: skip

    def fits(self, n_pixels: int, n_columns: int) -> bool:
        """Whether a box is small enough."""
        return n_pixels <= self.n_pixels and n_columns <= self.n_columns

    def read(self, box: Floats) -> NDArray[np.bool_]:
        """Standardise a box (C, rows, columns), neighbours in a row contiguous; return v (rows, columns)."""
        _, rows, columns = box.shape
        band_apart, row_apart, _ = box.strides
        self._set(window=box.ctypes.data, band_apart=band_apart, row_apart=row_apart, rows=rows, columns=columns)
        self._run("gssm_standardise")
        return self._valid[: rows * columns].reshape(rows, columns) > 0

    def gate(self, pixels: Positions) -> None:
        """Compute mask · x̃ of pixels, given by their positions in the box in reading order."""
        for start in range(0, len(pixels), PRODUCT_ROWS):
            self._choose(pixels[start : start + PRODUCT_ROWS])
            self._run("gssm_convolve")
            with torch.inference_mode():  # rows beyond the last are of another block; none depends on another row
                torch.mm(self._factor, self.weights.pointwise, out=self._result)
            self._run("gssm_gate")

    def merge(self, pixels: Positions) -> None:
        """Write the spectra of up to a block of pixels to the first rows of :attr:`merged`."""
        self._choose(pixels)
        self._run("gssm_merge")

    def _choose(self, pixels: Positions) -> None:
        self._pixels[: len(pixels)] = pixels
        self._set(count=len(pixels))

    def _set(self, **values: int) -> None:
        for name, value in values.items():
            self._job[name] = value

    def _run(self, name: str) -> None:
        run(kernel(name), self._job.ctypes.data, 1)
