"""From options on the command line to the configuration of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from spectralmamba.cli.options import parse_model_options
from spectralmamba.errors import ConfigError
from spectralmamba.models import model_names
from spectralmamba.sampling.options import read_folds
from spectralmamba.training import Run, RunConfig


def run_config(
    *,
    base: Path | None,
    run: Run | None,
    model: str | None,
    options: Sequence[str] | None,
    patch_size: int | None,
    drop_classes: Sequence[int] | None,
    split: Mapping[str, Any],
    folds: Path | None,
    fixed: bool,
    by_scene: bool = False,
    training: Mapping[str, Any],
) -> RunConfig:
    """Put a configuration together: the run to resume, else a file, else the defaults; then whatever was asked for.

    Parameters
    ----------
    base : Path, optional
        A ``config.yaml``.
    run : Run, optional
        The run to resume; it counts where it has begun.
    model, options, patch_size, drop_classes, folds
        As on the command line; None where not given.
    split, training : mapping
        Fields of :class:`SplitOptions` and :class:`TrainingOptions`; None where not given.
    fixed : bool
        Whether label maps of test or validation pixels are given.
    by_scene : bool
        Whether scenes are named to be held out whole.

    Raises
    ------
    ConfigError
        An unknown model or an impossible value.
    """
    if run is not None and run.config_file.is_file():
        config = run.config()
    else:
        config = RunConfig() if base is None else RunConfig.from_yaml(base)
    if model is not None and model not in model_names():
        raise ConfigError(f"there is no model {model!r}; use one of: {', '.join(model_names())}")
    size = {} if patch_size is None else {"patch_size": patch_size}
    asked = {key: value for key, value in split.items() if value is not None}
    if folds is not None:
        asked = _with_folds(asked, folds)
    if fixed and asked.get("recipe", "fixed") != "fixed":
        raise ConfigError("labels of test or validation pixels go with --split fixed; leave them or --split out")
    if fixed:
        asked["recipe"] = "fixed"
    if by_scene and asked.get("recipe", "scenes") != "scenes":
        raise ConfigError("scenes to hold out go with --split scenes; leave them or other options of the split out")
    if by_scene:
        asked["recipe"] = "scenes"
    return replace(
        config,
        model=model or config.model,
        model_options=config.model_options | parse_model_options(options) | size,
        drop_classes=config.drop_classes if drop_classes is None else tuple(sorted(set(drop_classes))),
        split=replace(config.split, **asked),
        training=replace(config.training, **{key: value for key, value in training.items() if value is not None}),
    )


def kept_data(run: Run | None, base: Path | None) -> tuple[dict[str, str], ...]:
    """Say what was opened by the run to resume, where it has begun, or else by that of a ``config.yaml``.

    Raises
    ------
    ConfigError
        The configuration cannot be read.
    """
    if run is not None and run.config_file.is_file():
        return run.config().data
    return () if base is None else RunConfig.from_yaml(base).data


def _with_folds(asked: dict[str, Any], folds: Path) -> dict[str, Any]:
    """Take a table of the tiles' folds, or a map of the pixels'."""
    if folds.suffix.lower() == ".npz":
        return {"recipe": "folds"} | asked | {"fold_map": str(folds.absolute())}
    return {"recipe": "tiles"} | asked | {"folds": read_folds(folds)}
