"""SpectralMamba as a scikit-learn classifier, for scenes, spectra and patches."""

import json
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from spectralmamba.errors import ConfigError, LabelError, OutputError, RunError
from spectralmamba.estimator_inputs import as_scene, checked_labels, checked_samples
from spectralmamba.files import write_text
from spectralmamba.mapping import map_scene, predict_scene
from spectralmamba.mapping.mapper import MapSummary
from spectralmamba.mapping.predictor import scene_for
from spectralmamba.mapping.tiles import iterate_tiles
from spectralmamba.models.predictor import sample_logits
from spectralmamba.models.saved import load_predictor, pick_device, save_predictor
from spectralmamba.sampling.arrays import ArraySamples
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import Split
from spectralmamba.sampling.windows import read_window
from spectralmamba.training.arrays import as_samples, centres_of, check_window, require_complete, train_on_arrays
from spectralmamba.training.config import RunConfig
from spectralmamba.training.labelled import LabelledScene
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.prepare import prepare
from spectralmamba.training.train import as_predictor, fit_prepared, initial_model

ESTIMATOR = "estimator.json"
TILE = 256


class SpectralMambaClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classifier of hyperspectral pixels.

    Parameters
    ----------
    patch_size : int
        Odd window around a pixel; 1 is pixelwise.
    piece_size : int
        Bands in a token (PSS).
    border, layout, dim, depth, state_size, position, pooling, whitening
        See :class:`spectralmamba.models.SpectralMambaConfig`.
    epochs, batch_size, learning_rate, weight_decay, noise, label_smoothing, class_weights, averaging, refit, patience
        See :class:`spectralmamba.training.TrainingOptions`.
    split : str
        Recipe for scenes: ``auto``, ``regions``, ``blocks``, ``tiles`` or ``random``.
    train_fraction : float
        For scenes: share of the labelled pixels to learn from; the rest is left for testing, in ``split_``.
    validation_fraction : float
        Share of the samples to learn from that is set aside for selection and calibration; 0 for none.
    seed : int
        Of the split and the training.
    device : str
        ``auto``, ``cpu``, ``cuda`` …

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        Class labels; for scenes the class numbers.
    n_features_in_ : int
        Bands given to ``fit``.
    patch_size_ : int
        What was trained: 1 where ``fit`` was given spectra.
    predictor_ : ModelPredictor
        The trained model.
    split_ : Split or None
        For scenes: which pixels were learned from.
    history_ : list of EpochRecord
    """

    def __init__(
        self,
        patch_size: int = 3,
        piece_size: int = 6,
        *,
        border: Literal["halo", "zero"] = "halo",
        layout: Literal["adjacent", "parallel"] = "adjacent",
        dim: int = 20,
        depth: int = 1,
        state_size: int = 16,
        position: Literal["none", "learned", "wavelength"] = "learned",
        pooling: Literal["flatten", "mean"] = "flatten",
        whitening: Literal["auto", "partial", "full", "none"] = "auto",
        epochs: int | None = None,
        batch_size: int = 128,
        learning_rate: float = 8e-3,
        weight_decay: float = 0.2,
        noise: float = 0.4,
        label_smoothing: float = 0.1,
        class_weights: Literal["none", "balanced"] = "none",
        averaging: float = 0.98,
        refit: bool = True,
        patience: int = 20,
        split: str = "auto",
        train_fraction: float = 0.6,
        validation_fraction: float = 0.2,
        seed: int = 0,
        device: str = "auto",
    ) -> None:
        self.patch_size = patch_size
        self.piece_size = piece_size
        self.border = border
        self.layout = layout
        self.dim = dim
        self.depth = depth
        self.state_size = state_size
        self.position = position
        self.pooling = pooling
        self.whitening = whitening
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.noise = noise
        self.label_smoothing = label_smoothing
        self.class_weights = class_weights
        self.averaging = averaging
        self.refit = refit
        self.patience = patience
        self.split = split
        self.train_fraction = train_fraction
        self.validation_fraction = validation_fraction
        self.seed = seed
        self.device = device

    def __sklearn_is_fitted__(self) -> bool:
        """Whether ``fit`` has come to its end; features are noted at its beginning."""
        return hasattr(self, "predictor_")

    def fit(self, X: xr.DataArray | ArrayLike, y: xr.DataArray | ArrayLike, split: Split | None = None) -> Self:
        """Train.

        Parameters
        ----------
        X : DataArray (band, y, x), or array of shape (n, bands) or (n, bands, S, S)
            A scene; spectra; or patches with their halo, S = patch_size + 2 (zero border: patch_size), missing pixels
            NaN. With spectra the pixelwise form is trained, whatever ``patch_size``.
        y : DataArray (y, x), or array of shape (n,)
            A label map with 0 = unlabelled, or any class labels.
        split : Split, optional
            For a scene: which pixels to learn from.

        Raises
        ------
        SpectralMambaError
            Data or parameters that cannot be used, with the reason.
        """
        scene = as_scene(X)
        if scene is not None:
            if not isinstance(y, xr.DataArray):
                raise LabelError("a scene needs a label map, a DataArray (y, x); open one with open_labels")
            return self._fit_scene(scene, y, split)
        if split is not None:
            raise ConfigError("a split goes with a scene; with arrays, select the samples yourself")
        return self._fit_arrays(checked_samples(self, X, fitting=True), checked_labels(self, y))

    def _fit_scene(self, scene: xr.DataArray, labels: xr.DataArray, split: Split | None) -> Self:
        config = self._run_config()
        prepared = prepare({str(scene.name): LabelledScene(scene, labels)}, config, split)
        model = initial_model(prepared, config, pick_device(self.device))
        fitted, prepared = fit_prepared(model, prepared, config.training)
        self.predictor_ = as_predictor(model, prepared, fitted)
        self.classes_ = np.array(prepared.classes.numbers)
        self.split_: Split | None = prepared.split
        return self._fitted(scene.shape[0], self.patch_size, fitted.history)

    def _fit_arrays(self, X: NDArray[Any], y: NDArray[Any]) -> Self:
        predictor, self.classes_, history = train_on_arrays(
            X,
            y,
            self._model_options(),
            self._training(),
            validation_fraction=self.validation_fraction,
            device=pick_device(self.device),
        )
        self.predictor_, self.split_ = predictor, None
        patch_size = predictor.model.config.patch_size
        return self._fitted(len(predictor.scene_wavelengths), patch_size, history)

    def _fitted(self, n_bands: int, patch_size: int, history: list[Any]) -> Self:
        self.n_features_in_, self.patch_size_, self.history_ = n_bands, patch_size, history
        return self

    def predict(self, X: xr.DataArray | ArrayLike) -> Any:  # noqa: ANN401 - a map for a scene, labels for samples
        """Classify.

        Parameters
        ----------
        X : as in ``fit``

        Returns
        -------
        DataArray (y, x) or ndarray, shape (n,)
            For a scene the map: class numbers, 0 = no data; otherwise class labels.
        """
        check_is_fitted(self)
        scene = as_scene(X)
        if scene is not None:
            classes, _ = predict_scene(self.predictor_, scene)
            grid = scene.isel(band=0, drop=True)
            return xr.DataArray(
                classes,
                dims=("y", "x"),
                coords={k: v for k, v in grid.coords.items() if set(v.dims) <= {"y", "x"}},
                attrs={"classes": self.predictor_.classes},
            )
        return self.classes_[self._sample_probabilities(X).argmax(axis=1)]

    def predict_proba(self, X: xr.DataArray | ArrayLike) -> Any:  # noqa: ANN401 - see predict
        """Give calibrated probabilities: DataArray (class, y, x), NaN = no data, for a scene; (n, K) otherwise."""
        check_is_fitted(self)
        scene = as_scene(X)
        if scene is None:
            return self._sample_probabilities(X)
        scene = scene_for(self.predictor_, scene)
        _, height, width = scene.shape
        result = np.full((len(self.classes_), height, width), np.nan, np.float32)
        for tile in iterate_tiles(height, width, TILE):
            rows, columns = (tile.top, tile.bottom), (tile.left, tile.right)
            window = read_window(scene, rows, columns, self.predictor_.radius, self.predictor_.bands)
            result[(slice(None), *tile.window)] = _softmax(self.predictor_.logits(window), self.predictor_.temperature)
        coords = {k: v for k, v in scene.coords.items() if set(v.dims) <= {"y", "x"}}
        return xr.DataArray(result, dims=("class", "y", "x"), coords=coords | {"class": self.classes_})

    def score(self, X: xr.DataArray | ArrayLike, y: xr.DataArray | ArrayLike, sample_weight: Any = None) -> float:  # noqa: ANN401
        """Give the overall accuracy of samples, or of all labelled pixels of a scene that have data.

        Pixels that ``fit`` learned from count like any others. For an honest figure on the scene of ``fit``, give the
        labels ``split_.scenes[name].test``.
        """
        if as_scene(X) is None:
            accuracy: float = super().score(X, y, sample_weight)
            return accuracy
        labels = np.asarray(y)
        predicted = self.predict(X).values
        used = (labels > 0) & (predicted > 0)
        if not used.any():
            raise LabelError("no labelled pixel has data; give labels on the scene's grid")
        return float((predicted == labels)[used].mean())

    def map(self, scene: xr.DataArray, out: Path, confidence: Path | None = None) -> MapSummary:
        """Write the map of a scene as a GeoTIFF; see :func:`spectralmamba.mapping.map_scene`."""
        check_is_fitted(self)
        return map_scene(self.predictor_, scene, Path(out), confidence=confidence)

    def save(self, folder: str | Path) -> None:
        """Write the trained classifier: ``model.safetensors``, ``model.json``, ``estimator.json``; no pickle.

        Raises
        ------
        OutputError
            The folder cannot be written.
        RunError
            A class label is neither text nor a number.
        """
        check_is_fitted(self)
        folder, labels = Path(folder), self.classes_.tolist()
        if not all(isinstance(label, str | int | float | bool) for label in labels):
            raise RunError("class labels other than text and numbers cannot be saved; rename the classes")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write {folder} ({error.strerror}); name another folder") from error
        facts = {
            "parameters": self.get_params(),
            "classes": labels,
            "dtype": str(self.classes_.dtype),
            "patch_size": self.patch_size_,
        }
        write_text(folder / ESTIMATOR, json.dumps(facts, indent=2) + "\n")
        save_predictor(self.predictor_, "spectralmamba", folder)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a classifier that :meth:`save` wrote.

        Raises
        ------
        RunError
            The folder holds none, or a damaged one.
        """
        folder = Path(folder)
        try:
            facts = json.loads((folder / ESTIMATOR).read_text(encoding="utf-8"))
            estimator = cls(**facts["parameters"])
            estimator.classes_ = np.array(facts["classes"], facts["dtype"])
            patch_size = facts["patch_size"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{folder} holds no saved classifier ({error}); name a folder that 'save' wrote") from error
        estimator.predictor_ = load_predictor(folder, str(pick_device(estimator.device)))
        estimator.split_ = None
        return estimator._fitted(len(estimator.predictor_.scene_wavelengths), patch_size, [])

    def _sample_probabilities(self, X: Any) -> NDArray[np.float32]:  # noqa: ANN401 - anything array-like
        values = as_samples(checked_samples(self, X, fitting=False))[:, self.predictor_.bands]
        check_window(values, self.predictor_.radius)
        require_complete(centres_of(values))
        samples = ArraySamples(self.predictor_.standardiser(values, band_axis=1), np.zeros(len(values), np.int64))
        logits = sample_logits(self.predictor_.model, samples)
        return _softmax(logits.T, self.predictor_.temperature).T

    def _model_options(self) -> dict[str, Any]:
        names = (
            "patch_size",
            "piece_size",
            "border",
            "layout",
            "dim",
            "depth",
            "state_size",
            "position",
            "pooling",
            "whitening",
        )
        return {name: getattr(self, name) for name in names}

    def _training(self) -> TrainingOptions:
        names = ("epochs", "batch_size", "learning_rate", "weight_decay", "noise", "label_smoothing", "class_weights")
        options = {name: getattr(self, name) for name in names}
        return TrainingOptions(
            averaging=self.averaging, refit=self.refit, patience=self.patience, seed=self.seed, **options
        )

    def _run_config(self) -> RunConfig:
        split = SplitOptions(
            recipe=self.split,  # type: ignore[arg-type]
            train_fraction=self.train_fraction,
            validation_fraction=self.validation_fraction,
            seed=self.seed,
        )
        return RunConfig(model_options=self._model_options(), training=self._training(), split=split)


def _softmax(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Probabilities over axis 0, classes added one after the other."""
    scaled = logits.astype(np.float64) / temperature
    weights = np.exp(scaled - scaled.max(axis=0))
    total = np.zeros(weights.shape[1:])
    for plane in weights:
        total += plane
    probabilities: NDArray[np.float32] = (weights / total).astype(np.float32)
    return probabilities
