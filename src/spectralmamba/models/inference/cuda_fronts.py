"""From standardised windows on a device to what a model classifies: merged spectra, or patches.

Everything but matrix products is made of operations on single elements and of shifted additions in fixed order, which
give a pixel the same bits wherever it lies. Products take blocks of rows of one fixed, padded shape.
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from spectralmamba.models.classifier import Classifier
from spectralmamba.models.gssm import GSSM, KERNEL
from spectralmamba.models.spectral_mamba import SpectralMamba

BLOCK = 1 << 14
"""Samples of a call: enough to fill a GPU. The tokens of so many take 30 MB in the default model at 145 bands."""

PATCH_VALUES = 1 << 26
"""Most numbers in the patches of a call, 256 MB; large patches come fewer at once."""

LEAST = 256

Take = Callable[[Tensor], Tensor]


class Front(Protocol):
    """What stands between a window and a model.

    Attributes
    ----------
    block : int
        Samples of a call of :meth:`classify`.
    """

    block: int

    @property
    def model(self) -> Classifier:
        """What classifies."""

    def samples_of(self, values: Tensor, valid: Tensor) -> Take:
        """Prepare a window.

        Parameters
        ----------
        values : Tensor, shape (rows + 2r, columns + 2r, C)
            x̃: standardised, 0 where missing.
        valid : Tensor of bool, shape (rows + 2r, columns + 2r)

        Returns
        -------
        callable
            Gives the samples (n, …) of pixels (n,), places in reading order in rows × columns.
        """

    def classify(self, samples: Tensor) -> Tensor:
        """Compute the logits (block, K) of samples."""


class PatchFront:
    """Patches, or single spectra, for the model's own ``forward``.

    Parameters
    ----------
    model : Classifier
    """

    def __init__(self, model: Classifier) -> None:
        self.model, self._size = model, 2 * model.radius + 1
        fits = PATCH_VALUES // (model.config.n_bands * self._size**2)
        self.block = max(min(fits, BLOCK) // LEAST * LEAST, LEAST)

    def samples_of(self, values: Tensor, valid: Tensor) -> Take:
        """Cut patches (n, C, S, S), NaN where missing; spectra (n, C) of a model without neighbours."""
        columns, size = values.shape[1], self._size
        flat = values.masked_fill(~valid[..., None], torch.nan).flatten(0, 1)
        if size == 1:
            return lambda pixels: flat[pixels]
        steps = torch.arange(size, device=values.device)
        around = columns * steps[:, None] + steps  # (S, S)
        inside = columns - size + 1

        def take(pixels: Tensor) -> Tensor:
            corners = columns * (pixels // inside) + pixels % inside
            return flat[corners[:, None, None] + around].permute(0, 3, 1, 2).contiguous()

        return take

    def classify(self, samples: Tensor) -> Tensor:
        """Run the model."""
        logits: Tensor = self.model(samples)
        return logits


class MergingFront:
    """Merged spectra of SpectralMamba with halo border: each pixel's gate once, no patch ever built.

    Parameters
    ----------
    model : SpectralMamba
        With GSSM, whose weights are those that it has now.
    """

    block = BLOCK

    def __init__(self, model: SpectralMamba, gssm: GSSM) -> None:
        self.model, self._size, self._share = model, gssm.patch_size, model.config.centre
        depthwise = gssm.depthwise.weight.detach()[:, 0].flatten(1)  # (C, 9)
        self._taps = depthwise.T.contiguous()
        self._first_bias, self._bias = _bias(gssm.depthwise), _bias(gssm.pointwise)
        self._pointwise = gssm.pointwise.weight.detach()[:, :, 0, 0].contiguous()  # (C, C)

    def samples_of(self, values: Tensor, valid: Tensor) -> Take:
        """Merge the surroundings of every pixel into spectra (n, C), not yet whitened."""
        total = box_sums(self._gated(values), self._size)
        count = box_sums(valid[1:-1, 1:-1, None].to(values.dtype), self._size)
        spectra = total.mul_(self._size**2 / count.clamp(min=1))  # the clamp is for pixels that are not asked for
        if self._share != 0:
            r = self._size // 2 + 1
            spectra.mul_(self.model.config.merged_weight).add_(values[r:-r, r:-r], alpha=self._share)
        flat = spectra.flatten(0, 1)
        return lambda pixels: flat[pixels]

    def classify(self, samples: Tensor) -> Tensor:
        """Run the model from the spectrum on."""
        model = self.model
        spectrum = samples if model.whitening is None else model.whitening(samples)
        tokens = model.position(model.pss(spectrum))
        for block in model.blocks:
            tokens, _ = block(tokens)
        logits: Tensor = model.head(tokens)
        return logits

    def _gated(self, values: Tensor) -> Tensor:
        """Compute mask · x̃ (rows - 2, columns - 2, C) of x̃ (rows, columns, C)."""
        inside = values[1:-1, 1:-1]
        rows, columns, n_bands = inside.shape
        n = rows * columns
        room = values.new_zeros(-(-n // BLOCK) * BLOCK, n_bands)
        convolved = room[:n].view(rows, columns, n_bands).add_(self._first_bias)
        for k, tap in enumerate(self._taps):
            i, j = divmod(k, KERNEL)
            convolved.addcmul_(values[i : i + rows, j : j + columns], tap)
        for block in room.view(-1, BLOCK, n_bands):
            block.copy_(functional.linear(block, self._pointwise, self._bias).sigmoid_())
        return convolved.mul_(inside)


def front_of(model: Classifier) -> Front:
    """Choose the front of a model; a subclass of SpectralMamba may have another ``forward``, and gets patches."""
    if type(model) is SpectralMamba and model.gssm is not None and model.gssm.border == "halo":
        return MergingFront(model, model.gssm)
    return PatchFront(model)


def box_sums(values: Tensor, size: int) -> Tensor:
    """Sum over size × size boxes, first down the columns, then along the rows, each in order.

    Parameters
    ----------
    values : Tensor, shape (rows, columns, …)
    size : int

    Returns
    -------
    Tensor, shape (rows - size + 1, columns - size + 1, …)
    """
    for axis in (0, 1):
        length = values.shape[axis] - size + 1
        total = values.narrow(axis, 0, length).clone()
        for i in range(1, size):
            total += values.narrow(axis, i, length)
        values = total
    return values


def _bias(layer: torch.nn.Conv2d) -> Tensor:
    assert layer.bias is not None  # noqa: S101 - narrows the type: GSSM's convolutions have biases
    return layer.bias.detach()
