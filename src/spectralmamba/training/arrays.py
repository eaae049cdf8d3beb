"""Training on spectra and patches that are there as arrays."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.labels import ClassTable
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.registry import model_config
from spectralmamba.sampling.arrays import ArraySamples, hold_out
from spectralmamba.sampling.standardise import Standardiser, select_bands
from spectralmamba.training.loop import EpochRecord
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.train import fit_and_calibrate, seeded_model

MODEL = "spectralmamba"


def train_on_arrays(
    X: NDArray[Any],
    y: NDArray[Any],
    model_options: dict[str, Any],
    training: TrainingOptions,
    *,
    validation_fraction: float,
    device: torch.device,
) -> tuple[ModelPredictor, NDArray[Any], list[EpochRecord]]:
    """Train SpectralMamba on samples.

    Parameters
    ----------
    X : ndarray, shape (n, bands) or (n, bands, S, S)
        Spectra, for which the pixelwise form is trained, or patches with their halo; missing pixels are NaN.
    y : ndarray, shape (n,)
        Class labels of any type that sorts.
    model_options : dict
        Options of the model but bands and classes.
    training : TrainingOptions
    validation_fraction : float
        Share of each class set aside for selection and calibration.
    device : torch.device

    Returns
    -------
    predictor : ModelPredictor
        Its classes are numbered 1..K.
    classes : ndarray, shape (K,)
        The class labels, sorted.
    history : list of EpochRecord

    Raises
    ------
    SceneError, LabelError, ConfigError
        Samples or options that cannot be used, with the reason.
    """
    X = as_samples(X)
    if y.shape != (len(X),):
        raise LabelError(f"y has shape {y.shape} but X holds {len(X)} samples; give one class label a sample")
    classes, targets = np.unique(y, return_inverse=True)
    options = model_options | {"n_classes": max(len(classes), 2)} | ({"patch_size": 1} if X.ndim == 2 else {})
    check_window(X, model_config(MODEL, **(options | {"n_bands": X.shape[1]})).radius)
    n_bands, bands = X.shape[1], select_bands(centres_of(X), np.ones(X.shape[1], bool))
    X = X[:, bands]
    require_complete(centres_of(X))
    if len(classes) < 2:
        raise LabelError(f"only one class is there ({classes[0]!r}); give samples of at least two")
    held = hold_out(targets.astype(np.int64), validation_fraction, training.seed)
    standardiser = Standardiser.fit(centres_of(X)[~held])
    samples = ArraySamples(standardiser(X, band_axis=1), targets.astype(np.int64))
    model = seeded_model(MODEL, options | {"n_bands": len(bands)}, training.seed, device)
    validation = samples.select(held) if held.any() else None
    result, temperature = fit_and_calibrate(model, samples.select(~held), validation, training)
    table = ClassTable.from_numbers(range(1, len(classes) + 1), [str(label) for label in classes])
    unknown = np.full(n_bands, np.nan)
    predictor = ModelPredictor(model.eval(), standardiser, bands, unknown, table, temperature)
    return predictor, classes, result.history


def as_samples(X: NDArray[Any]) -> NDArray[np.float32]:
    """Take spectra or square patches as float32.

    Raises
    ------
    SceneError
        Another shape, or no sample.
    """
    if X.ndim not in (2, 4) or (X.ndim == 4 and X.shape[2] != X.shape[3]):
        raise SceneError(f"X has shape {X.shape}; give spectra (n, bands) or patches (n, bands, size, size)")
    if len(X) == 0:
        raise SceneError("X holds no sample; give at least one")
    return X.astype(np.float32)


def centres_of(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give each sample's own spectrum, shape (n, bands)."""
    return X if X.ndim == 2 else X[:, :, X.shape[2] // 2, X.shape[3] // 2]


def check_window(X: NDArray[np.float32], radius: int) -> None:
    """Refuse patches of another width than 2·radius + 1 (SceneError)."""
    size = 1 if X.ndim == 2 else X.shape[2]
    if size != 2 * radius + 1:
        raise SceneError(f"patches are {size} pixels wide; this classifier takes {2 * radius + 1}, its halo included")


def require_complete(centres: NDArray[np.float32]) -> None:
    """Refuse samples whose own spectrum misses a value (SceneError)."""
    if not np.isfinite(centres).all():
        raise SceneError("a sample's own spectrum has missing values; leave such samples out")
