"""SpectralMamba on a window of a scene, densely: each pixel's gate once, no patch ever built.

With the halo border a pixel's mask is the same whichever patch it is seen from. So a window is cut into boxes that fit
the cache; in each, x̃ and v are computed once a pixel, then mask · x̃, then the box sums of both, which make the merged
spectra. These go on in blocks of one size (DESIGN, Semantics 6).
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spectralmamba.models.classifier import Classifier
from spectralmamba.models.inference.dense_room import DenseRoom
from spectralmamba.models.inference.dense_weights import DenseWeights
from spectralmamba.models.inference.spectrum_path import SpectrumPath, spectrum_path
from spectralmamba.models.inference.threads import threads_of_one
from spectralmamba.models.spectral_mamba import SpectralMamba
from spectralmamba.sampling.standardise import Standardiser

Floats = NDArray[np.float32]

BOX_ROWS, BOX_COLUMNS = 32, 128
"""Largest box, its surroundings not counted. At 144 bands its spectra, and those behind the gate, take 5 MB; with
smaller boxes the surroundings, which neighbouring boxes compute each for itself, would weigh more."""


class Box(NamedTuple):
    """Rows top..bottom-1 and columns left..right-1 of what is to be classified."""

    top: int
    bottom: int
    left: int
    right: int


def dense_evaluation(model: Classifier, standardiser: Standardiser) -> "DenseEvaluation | None":
    """Prepare dense evaluation, or None where the model needs patches, or its kernels cannot run here.

    It is for SpectralMamba on a CPU with the halo border, or without neighbours, and keeps the weights that the model
    has now.
    """
    if not isinstance(model, SpectralMamba) or (model.gssm is not None and model.gssm.border != "halo"):
        return None
    path = spectrum_path(model)
    return None if path is None else DenseEvaluation(DenseWeights(model, standardiser), path, model.n_classes)


class DenseEvaluation:
    """Logits of all pixels of a window.

    Parameters
    ----------
    weights : DenseWeights
    path : SpectrumPath
        From the merged spectrum on.
    n_classes : int
    """

    def __init__(self, weights: DenseWeights, path: SpectrumPath, n_classes: int) -> None:
        self.weights, self.path, self.n_classes = weights, path, n_classes
        self.gate_radius = weights.patch_size // 2
        self.radius = self.gate_radius + 1 if weights.gates else 0
        self._rooms: deque[DenseRoom] = deque(maxlen=64)

    def __call__(self, window: Floats) -> Floats:
        """Classify the inside of a window.

        Parameters
        ----------
        window : ndarray, shape (C, h + 2·radius, w + 2·radius)
            In the scene's units; a pixel is invalid where a band is not finite.

        Returns
        -------
        ndarray of float32, shape (K, h, w)
            NaN where the pixel is invalid.
        """
        window = _rows_contiguous(window)
        height, width = (size - 2 * self.radius for size in window.shape[1:])
        result = np.full((self.n_classes, height, width), np.nan, np.float32)
        with threads_of_one() as pool:
            for done in [pool.submit(self._evaluate, window, box, result) for box in boxes(height, width)]:
                done.result()
        return result

    def _evaluate(self, window: Floats, box: Box, result: Floats) -> None:
        """Write the logits of a box's valid pixels."""
        r, p = self.radius, self.gate_radius
        around = window[:, box.top : box.bottom + 2 * r, box.left : box.right + 2 * r]
        room = self._room(around.shape[1] * around.shape[2], around.shape[2])
        valid = room.read(around)
        wanted = _inside(valid, r)
        if len(wanted):
            if self.weights.gates:
                room.gate(_inside(valid, r - p))
            self._classify(room, wanted, around.shape[2], box, result)
        self._rooms.append(room)

    def _classify(self, room: DenseRoom, pixels: NDArray[np.int64], columns: int, box: Box, result: Floats) -> None:
        block = self.path.block
        y, x = np.divmod(pixels, columns)
        y, x = y + (box.top - self.radius), x + (box.left - self.radius)
        for start in range(0, len(pixels), block):
            chosen = slice(start, start + block)
            room.merge(pixels[chosen])
            logits = self.path(room.merged)
            result[:, y[chosen], x[chosen]] = logits[: len(pixels[chosen])].T

    def _room(self, n_pixels: int, n_columns: int) -> DenseRoom:
        """Take a room that is large enough, an earlier one where there is one."""
        try:
            room = self._rooms.pop()
        except IndexError:
            pass
        else:
            if room.fits(n_pixels, n_columns):
                return room
        return DenseRoom(self.weights, n_pixels, n_columns, self.path.block)


def boxes(height: int, width: int) -> Iterator[Box]:
    """Cover height × width with boxes of about the same size, as large as may be."""
    for top, bottom in _cut(height, BOX_ROWS):
        for left, right in _cut(width, BOX_COLUMNS):
            yield Box(top, bottom, left, right)


def _cut(size: int, most: int) -> Iterator[tuple[int, int]]:
    n = -(-size // most)
    return ((size * i // n, size * (i + 1) // n) for i in range(n))


def _inside(valid: NDArray[np.bool_], border: int) -> NDArray[np.int64]:
    """Positions in reading order of the valid pixels at least ``border`` from the edge."""
    rows, columns = valid.shape
    inner = valid[border : rows - border, border : columns - border]
    y, x = np.nonzero(inner)
    positions: NDArray[np.int64] = (y + border) * columns + (x + border)
    return positions


def _rows_contiguous(window: Floats) -> Floats:
    """Give a window of float32 whose neighbours in a row are neighbours in memory."""
    window = np.asarray(window, np.float32)
    return window if window.strides[2] == window.itemsize else np.ascontiguousarray(window)
