"""Whitening: neighbouring bands decorrelated by a fixed matrix that follows from the training pixels.

Neighbouring bands say nearly the same, so what tells two similar classes apart is a small part of a spectrum's
variance. ``full`` divides by the spread within the classes, as linear discriminant analysis does:
(W + λ tr(W)/C)^(-1/2) with W the covariance within the classes (Fisher 1936; λ as in Friedman 1989, *Regularized
Discriminant Analysis*).
``partial`` goes half of the way, and nowhere where there is but noise: in the eigenvectors of the total covariance, an
eigenvalue e becomes (e + τ)^(-1/4) · e / (e + τ), with τ a multiple of the noise variance, estimated as what the
neighbours of a band do not explain (Bioucas-Dias & Nascimento 2008, HySime). Both are symmetric, so that band i of the
result is still mostly band i, and bands stay neighbours. Neither is in the paper. They set C² numbers without training.

Which is better depends on the scene (``docs/experiments.md``), so training lets validation pixels decide.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

KINDS = ("partial", "full")
SHRINKAGE = 0.1  # λ of full
NOISE_FACTOR = 10.0  # τ of partial, in noise variances
SIDE = 2  # neighbours on each side that a band's noise is estimated with

Floats = NDArray[np.float64]


class Whitening(nn.Module):
    """Multiply spectra (B, C) by a symmetric matrix (C, C), the identity until it is fitted."""

    matrix: Tensor

    def __init__(self, n_bands: int) -> None:
        super().__init__()
        self.register_buffer("matrix", torch.eye(n_bands))

    def forward(self, spectrum: Tensor) -> Tensor:
        """Decorrelate the bands, (B, C) -> (B, C)."""
        return functional.linear(spectrum, self.matrix)

    def fit(self, spectra: NDArray[np.floating], targets: NDArray[np.int64], kind: str) -> None:
        """Set the matrix from training pixels.

        Parameters
        ----------
        spectra : ndarray, shape (n, C)
            Standardised.
        targets : ndarray of int, shape (n,)
            Class index of each.
        kind : {"partial", "full"}
        """
        wide = np.asarray(spectra, np.float64)
        matrix = _full(wide, targets) if kind == "full" else _partial(wide)
        spread = float((wide @ matrix).std())
        self.matrix.copy_(torch.from_numpy((matrix / (spread if spread > 0 else 1.0)).astype(np.float32)))


def _full(spectra: Floats, targets: NDArray[np.int64]) -> Floats:
    means = np.zeros((int(targets.max()) + 1, spectra.shape[1]))
    counts = np.bincount(targets)
    np.add.at(means, targets, spectra)
    within = spectra - (means / np.maximum(counts, 1)[:, None])[targets]
    values, vectors = _eigen(within)
    return _symmetric(vectors, (values + SHRINKAGE * _positive_mean(values)) ** -0.5)


def _partial(spectra: Floats) -> Floats:
    values, vectors = _eigen(spectra - spectra.mean(axis=0))
    tau = max(NOISE_FACTOR * noise_variance(spectra), 1e-6 * _positive_mean(values))
    return _symmetric(vectors, (values + tau) ** -0.25 * values / (values + tau))


def _eigen(centred: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues, none negative, and eigenvectors of the covariance of centred spectra."""
    values, vectors = np.linalg.eigh(centred.T @ centred / max(len(centred) - 1, 1))
    return np.maximum(values, 0.0), vectors


def _positive_mean(values: Floats) -> float:
    """Mean of the eigenvalues; 1 where all are 0, as for two pixels of two classes."""
    mean = float(values.mean())
    return mean if mean > 0 else 1.0


def _symmetric(vectors: Floats, gains: Floats) -> Floats:
    matrix: Floats = (vectors * gains) @ vectors.T
    return matrix


def noise_variance(spectra: NDArray[Any]) -> float:
    """Estimate the mean noise variance of bands: what a linear fit to their neighbours leaves.

    Parameters
    ----------
    spectra : ndarray, shape (n, C)
    """
    n, n_bands = spectra.shape
    left = []
    for band in range(n_bands):
        near = [b for b in range(band - SIDE, band + SIDE + 1) if b != band and 0 <= b < n_bands]
        design = np.column_stack([spectra[:, near], np.ones(n)])
        fit, *_ = np.linalg.lstsq(design, spectra[:, band], rcond=None)
        left.append(float(np.var(spectra[:, band] - design @ fit)))
    return float(np.mean(left))
