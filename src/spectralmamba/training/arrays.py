"""Training on spectra and patches that are there as arrays."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SceneError
from spectralmamba.labels import ClassTable
from spectralmamba.models.classifier import takes_logarithms
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.registry import model_config
from spectralmamba.sampling.arrays import ArraySamples, hold_out
from spectralmamba.sampling.standardise import select_bands, standardisers
from spectralmamba.training.fitting import fit_and_calibrate
from spectralmamba.training.gradient import Parts
from spectralmamba.training.groups import divide_lone_groups
from spectralmamba.training.loop import EpochRecord
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.train import seeded_model


def train_on_arrays(
    X: NDArray[Any],
    y: NDArray[Any],
    model_options: dict[str, Any],
    training: TrainingOptions,
    *,
    validation_fraction: float,
    device: torch.device,
    model_name: str = "spectralmamba",
    groups: NDArray[Any] | None = None,
) -> tuple[ModelPredictor, NDArray[Any], list[EpochRecord]]:
    """Train a registered model on samples.

    Parameters
    ----------
    X : ndarray, shape (n, bands) or (n, bands, S, S)
        Spectra, for which the pixelwise form is trained, or patches of 2·radius + 1 pixels a side (of SpectralMamba
        with their halo); missing pixels are NaN.
    y : ndarray, shape (n,)
        Class labels of any type that sorts.
    model_options : dict
        Options of the model but bands and classes.
    training : TrainingOptions
    validation_fraction : float
        Share of each class set aside for selection and calibration; of no use to a model that is fitted at once, which
        learns from all samples.
    device : torch.device
    model_name : str
        Registered name.
    groups : ndarray, shape (n,), optional
        Samples of equal value, such as those of one region, are never divided between learning on the one hand and
        selection and calibration on the other. A class of one group only is divided all the same.

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
    targets = targets.astype(np.int64)
    whole = None if groups is None else _whole_groups(groups, targets)
    options = model_options | {"n_classes": max(len(classes), 2)} | ({"patch_size": 1} if X.ndim == 2 else {})
    check_window(X, model_config(model_name, **(options | {"n_bands": X.shape[1]})).radius)
    n_bands, bands = X.shape[1], select_bands(centres_of(X), np.ones(X.shape[1], bool))
    X = X[:, bands]
    require_complete(centres_of(X))
    if len(classes) < 2:
        raise LabelError(f"only one class is there ({classes.tolist()[0]!r}); give samples of at least two")
    model = seeded_model(model_name, options | {"n_bands": len(bands)}, training.seed, device)
    share = validation_fraction if model.trained_by_gradient else 0.0
    held = hold_out(targets, share, training.seed, whole)
    ways = standardisers(centres_of(X)[~held], takes_logarithms(model.config))
    parts = {name: _parts(ArraySamples(way(X, band_axis=1), targets), held) for name, way in ways.items()}
    fitted = fit_and_calibrate(model, *parts.pop(""), training, others=parts, groups=whole)
    standardiser = ways[fitted.standardised]
    table = ClassTable.from_numbers(range(1, len(classes) + 1), [str(label) for label in classes])
    unknown = np.full(n_bands, np.nan)
    predictor = ModelPredictor(model.eval(), standardiser, bands, unknown, table, fitted.temperature)
    return predictor, classes, fitted.history


def _parts(samples: ArraySamples, held: NDArray[np.bool_]) -> Parts:
    return Parts(samples.select(~held), samples.select(held) if held.any() else None)


def _whole_groups(groups: NDArray[Any], targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the groups, each sample of a class of one group on its own."""
    if groups.shape != targets.shape:
        raise LabelError(f"groups has shape {groups.shape} for {len(targets)} samples; give one group a sample")
    _, numbers = np.unique(groups, return_inverse=True)
    return divide_lone_groups(numbers.astype(np.int64), targets, [np.arange(len(targets))])


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
        raise SceneError("a sample's own spectrum has missing values (NaN or inf); leave such samples out")
