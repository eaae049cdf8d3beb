"""A trained model on disk: ``model.safetensors`` (weights) and ``model.json`` (everything else). No pickle.

A model of scikit-learn has ``model.skops`` in place of the weights.
"""

import json
import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from spectralmamba.errors import RunError, SpectralMambaError
from spectralmamba.files import write_bytes, write_text
from spectralmamba.labels import ClassTable
from spectralmamba.models.classical import ClassicalModel
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.inference.cuda_precision import Half
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.registry import create_model, model_options
from spectralmamba.sampling.standardise import Standardiser

FORMAT = 1
WEIGHTS, ESTIMATOR, DESCRIPTION = "model.safetensors", "model.skops", "model.json"
BEFORE: dict[str, dict[str, Any]] = {"spectralmamba": {"centre": 0.0, "logarithm": False, "whitening": "none"}}
"""Options that a model written before there were such had in effect."""
MODEL_FILES = (DESCRIPTION, WEIGHTS, ESTIMATOR)  # the description first: without it, no model is there


def save_predictor(predictor: ModelPredictor, name: str, folder: Path, extra: dict[str, Any] | None = None) -> None:
    """Write a trained model.

    Parameters
    ----------
    predictor : ModelPredictor
        What was trained.
    name : str
        Registered name of its model.
    folder : Path
        An existing folder.
    extra : dict, optional
        Further JSON-able entries, such as where the calibration comes from.
    """
    file, content = _dump(predictor.model)
    # A folder without a description holds no model: so one that is replaced never goes with the other's weights.
    for old in MODEL_FILES:
        (folder / old).unlink(missing_ok=True)
    write_bytes(folder / file, content)
    write_text(folder / DESCRIPTION, json.dumps(_describe(predictor, name) | (extra or {}), indent=2) + "\n")


def _dump(model: Classifier) -> tuple[str, bytes]:
    """Give what training has set, and the name of the file for it."""
    if isinstance(model, ClassicalModel):
        from spectralmamba.models.classical.storage import dump_estimator  # noqa: PLC0415 - see SVM.make_estimator

        return ESTIMATOR, dump_estimator(model)
    return WEIGHTS, save({key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()})


def _read(model: Classifier, folder: Path, software: dict[str, str]) -> None:
    """Put back what :func:`_dump` gave."""
    if isinstance(model, ClassicalModel):
        from spectralmamba.models.classical.storage import read_estimator  # noqa: PLC0415 - see SVM.make_estimator

        read_estimator(model, folder / ESTIMATOR, software.get("scikit-learn"))
    else:
        model.load_state_dict(load_file(folder / WEIGHTS))


def _packages(model: Classifier) -> tuple[str, ...]:
    """What a model's file may depend on the version of."""
    base = ("spectralmamba", "torch", "numpy")
    return (*base, "scikit-learn", "skops") if isinstance(model, ClassicalModel) else base


def _describe(predictor: ModelPredictor, name: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "model": {"name": name, "options": model_options(predictor.model)},
        "radius": predictor.radius,
        "bands": {
            "n_scene_bands": len(predictor.scene_wavelengths),
            "kept": predictor.bands.tolist(),
            "wavelength_nm": _numbers(predictor.scene_wavelengths),
            **({} if predictor.scene_fwhm is None else {"fwhm_nm": _numbers(predictor.scene_fwhm)}),
        },
        "standardisation": {
            "mean": [float(v) for v in predictor.standardiser.mean],
            "std": [float(v) for v in predictor.standardiser.std],
            "logarithm_above": predictor.standardiser.floor,
        },
        "classes": predictor.classes.to_json(),
        "calibration": {"temperature": predictor.temperature},
        "software": {
            "python": platform.python_version(),
            **{package: version(package) for package in _packages(predictor.model)},
        },
    }


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Write an array as JSON has it, which knows no NaN."""
    return [None if np.isnan(value) else float(value) for value in values]


def _array(numbers: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if number is None else number for number in numbers], np.float64)


def load_predictor(folder: Path, device: str = "cpu", half: Half | None = None) -> ModelPredictor:
    """Read a trained model back.

    Parameters
    ----------
    folder : Path
    device : str
    half : {"bfloat16", "float16"}, optional
        Classify windows in half precision, on a GPU.

    Raises
    ------
    ConfigError
        Half precision is asked for on another device.
    RunError
        The folder holds no trained model, or one that is damaged, of another format, or holds types that are not
        trusted.
    """
    if not folder.is_dir():
        raise RunError(f"there is no folder {folder}; name a run directory that 'train' wrote")
    if not (folder / DESCRIPTION).is_file():
        raise RunError(f"{folder} holds no trained model; name a run directory whose training has ended")
    try:
        document = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise RunError(f"{folder} holds a model of format {document['format']}; this version reads {FORMAT}")
        name, options = document["model"]["name"], document["model"]["options"]
        model = create_model(name, **(BEFORE.get(name, {}) | options))
        _read(model, folder, document.get("software", {}))
        predictor = ModelPredictor(
            model.to(device).eval(),
            _read_standardiser(document["standardisation"]),
            np.array(document["bands"]["kept"], np.intp),
            _array(document["bands"]["wavelength_nm"]),
            ClassTable.from_json(document["classes"]),
            float(document["calibration"]["temperature"]),
            bool(document.get("training", {}).get("learned_validation", False)),
            _array(document["bands"]["fwhm_nm"]) if "fwhm_nm" in document["bands"] else None,
        )
        _check_parts_fit(predictor)
    except RunError:
        raise
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError, SpectralMambaError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RunError(f"{folder} holds a damaged model ({reason}); train again or name another run") from error
    return predictor if half is None else replace(predictor, half=half)


def _read_standardiser(document: dict[str, Any]) -> Standardiser:
    floor = document.get("logarithm_above")
    mean, std = (np.array(document[name], np.float32) for name in ("mean", "std"))
    return Standardiser(mean, std, None if floor is None else float(floor))


def _check_parts_fit(predictor: ModelPredictor) -> None:
    """Raise ValueError where what stands beside the weights would fail, or mislead, only once pixels are classified."""
    config, bands, scaling = predictor.model.config, predictor.bands, predictor.standardiser
    n_scene_bands = len(predictor.scene_wavelengths)
    sizes = {"mean": len(scaling.mean), "std": len(scaling.std), "kept bands": len(bands)}
    for name, size in sizes.items():
        if size != config.n_bands:
            raise ValueError(f"{name}: {size} values for {config.n_bands} bands")
    if len(predictor.classes) != config.n_classes:
        raise ValueError(f"{len(predictor.classes)} classes for {config.n_classes} logits")
    if predictor.scene_fwhm is not None and len(predictor.scene_fwhm) != n_scene_bands:
        raise ValueError(f"{len(predictor.scene_fwhm)} widths for {n_scene_bands} bands")
    if bands.min() < 0 or bands.max() >= n_scene_bands:
        raise ValueError(f"a kept band lies outside the scene's {n_scene_bands}")
    if not (np.isfinite(scaling.mean).all() and np.isfinite(scaling.std).all() and (scaling.std > 0).all()):
        raise ValueError("mean or std is no number, or a std is not positive")
    if scaling.floor is not None and not 0 < scaling.floor < float("inf"):
        raise ValueError(f"the floor of the logarithm, {scaling.floor}, is not positive")
    if not 0 < predictor.temperature < float("inf"):
        raise ValueError(f"temperature {predictor.temperature} is not positive")


def pick_device(name: str) -> torch.device:
    """Turn ``auto``, ``cpu``, ``cuda`` … into a device that is there.

    Raises
    ------
    RunError
        A device asked for by name is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise RunError(f"there is no device {name!r} on this machine; use --device auto or cpu") from error
    return device
