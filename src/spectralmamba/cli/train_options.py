"""The options that only ``spectralmamba train`` has, each with its help; grouped as ``--help`` shows them."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

_DATA, _SPLIT, _MODEL, _RECIPE, _RUN = "Data", "Split", "Model", "Training", "Run"

Out = Annotated[Path, typer.Option(help="Folder for the run.", rich_help_panel=_RUN)]
Resample = Annotated[
    bool,
    typer.Option(
        "--resample", help="Compute the first scene's bands where another scene has others.", rich_help_panel=_DATA
    ),
]
DropClass = Annotated[
    list[int] | None, typer.Option(help="Number of a class to leave out; repeatable.", rich_help_panel=_DATA)
]
Config = Annotated[
    Path | None, typer.Option(help="Begin from a config.yaml, such as another run's.", rich_help_panel=_RUN)
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.", rich_help_panel=_RUN)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the run in --out.", rich_help_panel=_RUN)]
References = Annotated[
    bool, typer.Option("--references", help="Also score a random forest and an SVM.", rich_help_panel=_RUN)
]


@dataclass(frozen=True)
class SplitFlags:
    """How the labelled pixels are divided."""

    split: Annotated[
        str | None,
        typer.Option(
            help="auto, regions, blocks, tiles, scenes, folds, random, fixed or all (default auto).",
            rich_help_panel=_SPLIT,
        ),
    ] = None
    train_fraction: Annotated[
        float | None, typer.Option(help="Share of pixels to learn from (default 0.6).", rich_help_panel=_SPLIT)
    ] = None
    train_count: Annotated[
        int | None, typer.Option(help="For random: pixels of each class to learn from.", rich_help_panel=_SPLIT)
    ] = None
    validation_fraction: Annotated[
        float | None,
        typer.Option(help="Share of these kept for selection; 0 for none (default 0.2).", rich_help_panel=_SPLIT),
    ] = None
    block_size: Annotated[int | None, typer.Option(help="For blocks: pixels a side.", rich_help_panel=_SPLIT)] = None
    folds: Annotated[
        Path | None,
        typer.Option(
            help="CSV with columns tile and fold, or .npz with the fold of each pixel.", rich_help_panel=_SPLIT
        ),
    ] = None
    test_fold: Annotated[
        int | None, typer.Option(help="With --folds: the fold to test on (default 0).", rich_help_panel=_SPLIT)
    ] = None
    fold_set: Annotated[
        int | None, typer.Option(help="With an .npz of several divisions: which (default 0).", rich_help_panel=_SPLIT)
    ] = None
    test_scene: Annotated[
        list[str] | None,
        typer.Option(
            help="Name or path of a scene to test on, with --split scenes; repeatable.", rich_help_panel=_SPLIT
        ),
    ] = None
    validation_scene: Annotated[
        list[str] | None,
        typer.Option(help="Name or path of a scene to select with; repeatable.", rich_help_panel=_SPLIT),
    ] = None
    buffer: Annotated[
        int | None,
        typer.Option(
            help="Pixels to keep between training and test (default 2r; 0 for random and fixed).",
            rich_help_panel=_SPLIT,
        ),
    ] = None
    test_labels: Annotated[
        Path | None, typer.Option(help="For fixed: labels of the test pixels.", rich_help_panel=_SPLIT)
    ] = None
    validation_labels: Annotated[
        Path | None, typer.Option(help="For fixed: labels of the validation pixels.", rich_help_panel=_SPLIT)
    ] = None

    def options(self) -> dict[str, Any]:
        """Fields of :class:`.SplitOptions` but for those that files give; None where not given."""
        names = (
            "train_fraction",
            "train_count",
            "validation_fraction",
            "block_size",
            "test_fold",
            "fold_set",
            "buffer",
        )
        return {"recipe": self.split} | {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class ModelFlags:
    """What is trained."""

    model: Annotated[
        str | None, typer.Option(help="Name of a model (default spectralmamba).", rich_help_panel=_MODEL)
    ] = None
    patch_size: Annotated[
        int | None, typer.Option(help="Odd, up to 15; 1 is pixelwise (default 3).", rich_help_panel=_MODEL)
    ] = None
    option: Annotated[
        list[str] | None, typer.Option(help="An option of the model, NAME=VALUE; repeatable.", rich_help_panel=_MODEL)
    ] = None


@dataclass(frozen=True)
class TrainingFlags:
    """How it is trained."""

    epochs: Annotated[
        int | None, typer.Option(help="By default as many as make about 600 steps.", rich_help_panel=_RECIPE)
    ] = None
    batch_size: Annotated[int | None, typer.Option(help="128 by default.", rich_help_panel=_RECIPE)] = None
    learning_rate: Annotated[float | None, typer.Option(help="0.008 by default.", rich_help_panel=_RECIPE)] = None
    weight_decay: Annotated[float | None, typer.Option(help="0.2 by default.", rich_help_panel=_RECIPE)] = None
    noise: Annotated[
        float | None, typer.Option(help="Of standardised spectra (default 0.4).", rich_help_panel=_RECIPE)
    ] = None
    class_weights: Annotated[
        str | None, typer.Option(help="none or balanced (default none).", rich_help_panel=_RECIPE)
    ] = None
    refit: Annotated[
        bool | None,
        typer.Option(
            "--refit/--no-refit", help="Train again with validation pixels (default).", rich_help_panel=_RECIPE
        ),
    ] = None
    patience: Annotated[
        int | None,
        typer.Option(
            help="With --no-refit: epochs without improvement before stopping (default 20).", rich_help_panel=_RECIPE
        ),
    ] = None
    seed: Annotated[int | None, typer.Option(help="Of split and training (default 0).", rich_help_panel=_RECIPE)] = None
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.", rich_help_panel=_RECIPE)] = "auto"

    def options(self) -> dict[str, Any]:
        """Fields of :class:`.TrainingOptions`; None where not given."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "device"}
