"""Any model on windows of a scene, on a GPU: dense where the model allows, in blocks large enough to fill it.

It runs on any device of PyTorch, and is tested on a CPU. **It has not been run on a GPU**: none could be had so far
(2026-11-24).

It computes in float32 without TF32 unless half precision is asked for; all but matrix products by operations on
single elements and shifted additions in fixed order; and products in blocks of one shape, so that the code chosen for
them does not depend on the size of a window. Not guaranteed is that a row of a product has the same bits in whichever
row of its block it stands, which results that are independent of tiling to the last bit need: that is up to cuBLAS,
and what ``test_cuda_path.py`` asks on a machine with a GPU. Baselines add what PyTorch does inside them.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from spectralmamba.errors import BackendError
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.inference.cuda_fronts import Front, Take, front_of
from spectralmamba.models.inference.cuda_precision import Half, exact_float32
from spectralmamba.models.inference.cuda_transfer import Transfer, Uploaded, transfer_to
from spectralmamba.models.steady import SteadyLinear
from spectralmamba.sampling.standardise import Standardiser

Floats = NDArray[np.float32]

STRIP_PIXELS = 1 << 17
"""Pixels of a window that are worked on at once, their surroundings included: 76 MB at 145 bands, some five times."""


def device_of(model: Classifier) -> torch.device:
    """Give the device that a model is on; one of scikit-learn, which has no tensors, is on the CPU."""
    first = next(model.parameters(), None)
    return torch.device("cpu") if first is None else first.device


class DeviceEvaluation:
    """Logits of all pixels of a window, computed where the model is.

    Parameters
    ----------
    model : Classifier
        With its weights of now.
    standardiser : Standardiser
    half : {"bfloat16", "float16"}, optional
        Compute in it what PyTorch's autocast does; SpectralMamba's merging stays in float32.
    transfer : Transfer, optional
        How windows come to the device.
    strip_pixels : int
    """

    def __init__(
        self,
        model: Classifier,
        standardiser: Standardiser,
        half: Half | None = None,
        *,
        transfer: Transfer | None = None,
        strip_pixels: int = STRIP_PIXELS,
    ) -> None:
        self.device, self.radius, self.n_classes = device_of(model), model.radius, model.n_classes
        self._front: Front = front_of(model)
        self._mean, self._std = (_on(self.device, values) for values in (standardiser.mean, standardiser.std))
        self._floor, self._strip_pixels = standardiser.floor, strip_pixels
        self._half: torch.dtype | None = None if half is None else getattr(torch, half)
        if transfer is not None:
            self._transfer = transfer

    @cached_property
    def _transfer(self) -> Transfer:
        return transfer_to(self.device)

    def upload(self, window: Floats) -> Uploaded:
        """Begin to bring a window to the device, where :meth:`__call__` takes it; in any thread."""
        with _telling_of_memory():
            return self._transfer.send(window)

    def __call__(self, window: Floats | Uploaded) -> Floats:
        """Classify the inside of a window.

        Parameters
        ----------
        window : ndarray, shape (C, h + 2·radius, w + 2·radius), or Uploaded
            In the scene's units; a pixel is invalid where a band is not finite.

        Returns
        -------
        ndarray of float32, shape (K, h, w)
            NaN where the pixel is invalid.

        Raises
        ------
        BackendError
            The device's memory does not suffice.
        """
        uploaded = window if isinstance(window, Uploaded) else self.upload(window)
        self._front.model.eval()
        with _telling_of_memory(), self._as_current(), torch.inference_mode(), exact_float32(), SteadyLinear():
            logits = self._evaluate(self._transfer.receive(uploaded))
            result: Floats = logits.permute(2, 0, 1).contiguous().cpu().numpy()
        return result

    def _as_current(self) -> AbstractContextManager[object]:
        """Make the device the current one, which is where Triton starts kernels."""
        return torch.cuda.device(self.device) if self.device.type == "cuda" else nullcontext()

    def _evaluate(self, window: Tensor) -> Tensor:
        """Logits (h, w, K) of a window (C, h + 2r, w + 2r), a strip of whole rows at a time."""
        r = self.radius
        height, width = (size - 2 * r for size in window.shape[1:])
        result = window.new_full((height, width, self.n_classes), torch.nan)
        rows = max(1, self._strip_pixels // max(window.shape[2], 1) - 2 * r)
        for top in range(0, height, rows):
            target = result[top : top + rows]
            self._evaluate_strip(window[:, top : top + len(target) + 2 * r], target.view(-1, self.n_classes))
        return result

    def _evaluate_strip(self, strip: Tensor, result: Tensor) -> None:
        """Write the logits of a strip's valid pixels to their rows of ``result`` (h·w, K)."""
        values, valid = self._standardise(strip)
        rows, columns = valid.shape
        r = self.radius
        pixels = valid[r : rows - r, r : columns - r].flatten().nonzero()[:, 0]
        if len(pixels):
            take = self._front.samples_of(values, valid)
            for start in range(0, len(pixels), self._front.block):
                chosen = pixels[start : start + self._front.block]
                result[chosen] = self._classify(take, chosen)

    def _standardise(self, strip: Tensor) -> tuple[Tensor, Tensor]:
        """x̃ (rows, columns, C), 0 where missing, and v (rows, columns)."""
        values = strip.permute(1, 2, 0).clone(memory_format=torch.contiguous_format)  # the window stays as it is
        finite = values.isfinite().all(dim=-1)
        if self._floor is not None:
            values.clamp_(min=self._floor).log_()
        values.sub_(self._mean).div_(self._std)
        valid = finite & values.isfinite().all(dim=-1)  # a value too large to be standardised is as good as missing
        return values.masked_fill_(~valid[..., None], 0), valid

    def _classify(self, take: Take, pixels: Tensor) -> Tensor:
        """Logits (n, K) of up to a block of pixels; the last one fills what is left of the block."""
        missing = self._front.block - len(pixels)
        samples = take(torch.cat([pixels, pixels[-1:].expand(missing)]))
        return (self._exactly if self._half is None else self._in_half)(samples)[: len(pixels)]

    def _exactly(self, samples: Tensor) -> Tensor:
        return self._front.classify(samples).float()

    def _in_half(self, samples: Tensor) -> Tensor:
        """Logits in half precision; of samples that are too large for it, in float32."""
        with torch.autocast(self.device.type, self._half):
            logits = self._front.classify(samples).float()
        fits = logits.isfinite().all(dim=1, keepdim=True)
        return logits if fits.all() else torch.where(fits, logits, self._exactly(samples))


def _on(device: torch.device, values: Floats) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device)


@contextmanager
def _telling_of_memory() -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BackendError("the GPU's memory does not suffice; use a smaller --tile, or --device cpu") from error
