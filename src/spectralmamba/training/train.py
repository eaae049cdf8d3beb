"""From labelled scenes to a trained model in a run directory."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from spectralmamba.errors import RunError
from spectralmamba.files import write_text
from spectralmamba.models.classifier import Classifier
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.models.registry import create_model
from spectralmamba.models.saved import load_predictor, pick_device, save_predictor
from spectralmamba.randomness import torch_seed
from spectralmamba.sampling.split import Split
from spectralmamba.training.checkpoint import CheckpointStore
from spectralmamba.training.config import RunConfig
from spectralmamba.training.fitting import Fitted, fit_and_calibrate
from spectralmamba.training.gradient import Parts
from spectralmamba.training.groups import learned_groups
from spectralmamba.training.labelled import LabelledScene
from spectralmamba.training.loop import OnEpoch, history_csv
from spectralmamba.training.options import TrainingOptions
from spectralmamba.training.prepare import Prepared, prepare
from spectralmamba.training.run import Run

logger = logging.getLogger(__name__)


def train(
    scenes: Mapping[str, LabelledScene],
    out: Path,
    config: RunConfig | None = None,
    *,
    split: Split | None = None,
    resume: bool = False,
    overwrite: bool = False,
    device: str = "auto",
    on_epoch: OnEpoch | None = None,
) -> tuple[Run, ModelPredictor, Prepared]:
    """Train a model on labelled scenes and write its run directory.

    Nothing is left behind where anything is wrong with the input.

    Parameters
    ----------
    scenes : mapping of str to LabelledScene
        By key.
    out : Path
        The run directory.
    config : RunConfig, optional
        Model, recipe and split; the defaults where not given.
    split : Split, optional
        In place of the configuration's recipe.
    resume : bool
        Go on with the run in ``out``; it ends with the weights that it would have had without the interruption. Where
        there is none yet, one is begun. A model that is fitted at once is fitted again where that had not ended.
    overwrite : bool
        Replace the run in ``out``.
    device : str
        ``auto``, ``cpu``, ``cuda`` …
    on_epoch : callable, optional
        Called with each :class:`EpochRecord` and the number of epochs that may follow.

    Returns
    -------
    run, predictor, prepared
        The directory, the trained model, and the data as it was divided.

    Raises
    ------
    SpectralMambaError
        Anything that is wrong with the input, in one sentence.
    """
    run, config = Run(out), config or RunConfig()
    run.check_place(resume=resume, overwrite=overwrite)
    place = pick_device(device)
    going_on = resume and run.config_file.is_file()
    if going_on:
        _check_same(config, run.config())
        split = run.split() if run.split_folder.is_dir() else split
    with run.claimed(config, keep=going_on or overwrite):
        prepared = prepare(scenes, config, split)
        model = initial_model(prepared, config, place)
    if not (going_on and run.split_folder.is_dir()):
        run.begin(config, prepared.split, overwrite=overwrite)
    identity = _identity(prepared, config)
    if going_on and run.trained:
        if run.identity() != identity:
            raise RunError(f"the run {out} was trained on other data; resume with the same, or use --overwrite")
        logger.info("the run %s has ended already; nothing to train", out)
        predictor = load_predictor(out, str(place))
        return run, predictor, prepared.standardised_by(predictor.standardiser)
    fitted, prepared = fit_prepared(
        model, prepared, config.training, store=run.checkpoints, identity=identity, on_epoch=on_epoch
    )
    predictor = as_predictor(model, prepared, fitted)
    write_text(run.history_file, history_csv(fitted.history))
    save_predictor(predictor, config.model, run.path, _extra(fitted, prepared, identity))
    return run, predictor, prepared


def fit_prepared(
    model: Classifier,
    prepared: Prepared,
    options: TrainingOptions,
    *,
    store: CheckpointStore | None = None,
    identity: str = "",
    on_epoch: OnEpoch | None = None,
) -> tuple[Fitted, Prepared]:
    """Fit a model in place to what a scene's labels give; also give the data as it came to standardise them."""
    fitted = fit_and_calibrate(
        model,
        *learned_parts(prepared),
        options,
        others={name: learned_parts(prepared.standardised_by(other)) for name, other in prepared.others.items()},
        groups=held_out_together(prepared, model),
        store=store,
        identity=identity,
        on_epoch=on_epoch,
    )
    chosen = prepared.others.get(fitted.standardised)
    return fitted, prepared if chosen is None else prepared.standardised_by(chosen)


def held_out_together(prepared: Prepared, model: Classifier) -> NDArray[np.int64] | None:
    """Group what cross-validation holds out together: regions; single pixels where the split itself divides by these.

    A model that is fitted at once, as the references are, goes by regions always.
    """
    by_pixel = prepared.split.recipe == "random" and model.trained_by_gradient
    return None if by_pixel else learned_groups(prepared)


def initial_model(prepared: Prepared, config: RunConfig, device: torch.device) -> Classifier:
    """Make the model of a run with the weights that its seed gives."""
    return seeded_model(
        config.model, config.model_options | prepared.model_options(config.model), config.training.seed, device
    )


def seeded_model(name: str, options: Mapping[str, Any], seed: int, device: torch.device) -> Classifier:
    """Make a model with the weights that a seed gives, leaving PyTorch's own generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(torch_seed(seed, "weights"))
        model = create_model(name, **options)
    return model.to(device)


def learned_parts(prepared: Prepared) -> Parts:
    """Give training and validation samples; None where there is no validation."""
    validation = prepared.select("validation") if prepared.part["validation"].any() else None
    return Parts(prepared.select("train"), validation)


def as_predictor(model: Classifier, prepared: Prepared, fitted: Fitted) -> ModelPredictor:
    """Put a trained model behind NumPy."""
    return ModelPredictor(
        model.eval(),
        prepared.standardiser,
        prepared.bands,
        prepared.wavelengths,
        prepared.classes,
        fitted.temperature,
        bool(fitted.facts.get("learned_validation", False)),
        prepared.fwhm,
    )


def _identity(prepared: Prepared, config: RunConfig) -> str:
    """Digest of data and options, to recognise a checkpoint of another run."""
    options = json.dumps(_decisive(config), sort_keys=True)
    return hashlib.sha256((prepared.identity() + options).encode()).hexdigest()


def _decisive(config: RunConfig) -> dict[str, object]:
    """What decides the weights: all but where the data lay."""
    return asdict(replace(config, data=()))


def _check_same(asked: RunConfig, kept: RunConfig) -> None:
    ours, theirs = (_flat(json.loads(json.dumps(_decisive(c)))) for c in (asked, kept))
    for key in sorted(set(ours) | set(theirs)):
        if ours.get(key) != theirs.get(key):
            raise RunError(
                f"the run was begun with {key} = {theirs.get(key)}, not {ours.get(key)}; "
                "resume with the options it was begun with, or use --overwrite"
            )


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Turn {"training": {"epochs": 5}} into {"training.epochs": 5}."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _extra(fitted: Fitted, prepared: Prepared, identity: str) -> dict[str, object]:
    return {"training": fitted.facts | {"split": prepared.split.describe(), "identity": identity}}
