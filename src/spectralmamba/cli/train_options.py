"""The options of ``spectralmamba train``, each with its help; grouped as ``--help`` shows them."""

from pathlib import Path
from typing import Annotated

import typer

_DATA, _SPLIT, _MODEL, _RECIPE, _RUN = "Data", "Split", "Model", "Training", "Run"

Scene = Annotated[Path | None, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")]
Labels = Annotated[Path | None, typer.Argument(help="GeoTIFF, folder of tiles, .mat …, or polygons or points.")]
Out = Annotated[Path, typer.Option(help="Folder for the run.", rich_help_panel=_RUN)]
Pair = Annotated[
    list[Path] | None, typer.Option(help="A further SCENE LABELS of the same bands; repeatable.", rich_help_panel=_DATA)
]
Pairs = Annotated[
    Path | None,
    typer.Option(
        help="CSV with columns scene, labels and, where wanted, name, part (train, validation, test), mask …",
        rich_help_panel=_DATA,
    ),
]
Resample = Annotated[
    bool,
    typer.Option(
        "--resample", help="Compute the first scene's bands where another scene has others.", rich_help_panel=_DATA
    ),
]
DropClass = Annotated[
    list[int] | None, typer.Option(help="Number of a class to leave out; repeatable.", rich_help_panel=_DATA)
]
Split = Annotated[
    str | None,
    typer.Option(
        help="auto, regions, blocks, tiles, scenes, folds, random, fixed or all (default auto).",
        rich_help_panel=_SPLIT,
    ),
]
TrainFraction = Annotated[
    float | None, typer.Option(help="Share of pixels to learn from (default 0.6).", rich_help_panel=_SPLIT)
]
TrainCount = Annotated[
    int | None, typer.Option(help="For random: pixels of each class to learn from.", rich_help_panel=_SPLIT)
]
ValidationFraction = Annotated[
    float | None,
    typer.Option(help="Share of these kept for selection; 0 for none (default 0.2).", rich_help_panel=_SPLIT),
]
BlockSize = Annotated[int | None, typer.Option(help="For blocks: pixels a side.", rich_help_panel=_SPLIT)]
Folds = Annotated[
    Path | None,
    typer.Option(help="CSV with columns tile and fold, or .npz with the fold of each pixel.", rich_help_panel=_SPLIT),
]
TestFold = Annotated[
    int | None, typer.Option(help="With --folds: the fold to test on (default 0).", rich_help_panel=_SPLIT)
]
FoldSet = Annotated[
    int | None, typer.Option(help="With an .npz of several divisions: which (default 0).", rich_help_panel=_SPLIT)
]
TestScene = Annotated[
    list[str] | None,
    typer.Option(help="Name or path of a scene to test on, with --split scenes; repeatable.", rich_help_panel=_SPLIT),
]
ValidationScene = Annotated[
    list[str] | None,
    typer.Option(help="Name or path of a scene to select with; repeatable.", rich_help_panel=_SPLIT),
]
Buffer = Annotated[
    int | None,
    typer.Option(
        help="Pixels to keep between training and test (default 2r; 0 for random and fixed).", rich_help_panel=_SPLIT
    ),
]
TestLabels = Annotated[Path | None, typer.Option(help="For fixed: labels of the test pixels.", rich_help_panel=_SPLIT)]
ValidationLabels = Annotated[
    Path | None, typer.Option(help="For fixed: labels of the validation pixels.", rich_help_panel=_SPLIT)
]
Model = Annotated[str | None, typer.Option(help="Name of a model (default spectralmamba).", rich_help_panel=_MODEL)]
PatchSize = Annotated[
    int | None, typer.Option(help="Odd, up to 15; 1 is pixelwise (default 3).", rich_help_panel=_MODEL)
]
Option = Annotated[
    list[str] | None, typer.Option(help="An option of the model, NAME=VALUE; repeatable.", rich_help_panel=_MODEL)
]
Epochs = Annotated[
    int | None, typer.Option(help="By default as many as make about 600 steps.", rich_help_panel=_RECIPE)
]
BatchSize = Annotated[int | None, typer.Option(help="128 by default.", rich_help_panel=_RECIPE)]
LearningRate = Annotated[float | None, typer.Option(help="0.008 by default.", rich_help_panel=_RECIPE)]
WeightDecay = Annotated[float | None, typer.Option(help="0.2 by default.", rich_help_panel=_RECIPE)]
Noise = Annotated[float | None, typer.Option(help="Of standardised spectra (default 0.4).", rich_help_panel=_RECIPE)]
ClassWeights = Annotated[str | None, typer.Option(help="none or balanced (default none).", rich_help_panel=_RECIPE)]
Patience = Annotated[
    int | None,
    typer.Option(
        help="With --no-refit: epochs without improvement before stopping (default 20).", rich_help_panel=_RECIPE
    ),
]
Refit = Annotated[
    bool | None,
    typer.Option("--refit/--no-refit", help="Train again with validation pixels (default).", rich_help_panel=_RECIPE),
]
Seed = Annotated[int | None, typer.Option(help="Of split and training (default 0).", rich_help_panel=_RECIPE)]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.", rich_help_panel=_RECIPE)]
Config = Annotated[
    Path | None, typer.Option(help="Begin from a config.yaml, such as another run's.", rich_help_panel=_RUN)
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.", rich_help_panel=_RUN)]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the run in --out.", rich_help_panel=_RUN)]
References = Annotated[
    bool, typer.Option("--references", help="Also score a random forest and an SVM.", rich_help_panel=_RUN)
]
