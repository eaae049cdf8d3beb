"""``spectralmamba train``: a scene and labels in, a run directory out."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from spectralmamba.cli.app import app

_DATA, _SPLIT, _MODEL, _RECIPE, _RUN = "Data", "Split", "Model", "Training", "Run"


@app.command()
def train(
    scene: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, or .mat.")],
    labels: Annotated[Path, typer.Argument(help="GeoTIFF, folder of tiles, .mat or .npy on the scene's grid.")],
    out: Annotated[Path, typer.Option(help="Folder for the run.", rich_help_panel=_RUN)],
    pair: Annotated[
        list[Path] | None,
        typer.Option(help="A further SCENE LABELS of the same bands; repeatable.", rich_help_panel=_DATA),
    ] = None,
    variable: Annotated[
        str | None, typer.Option(help="Name of the scene in a file that holds several.", rich_help_panel=_DATA)
    ] = None,
    mask: Annotated[
        Path | None, typer.Option(help="GeoTIFF; its non-zero pixels are left out.", rich_help_panel=_DATA)
    ] = None,
    drop_class: Annotated[
        list[int] | None, typer.Option(help="Number of a class to leave out; repeatable.", rich_help_panel=_DATA)
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="auto, regions, blocks, tiles, random or fixed [default: auto].", rich_help_panel=_SPLIT),
    ] = None,
    train_fraction: Annotated[
        float | None, typer.Option(help="Share of pixels to learn from [default: 0.6].", rich_help_panel=_SPLIT)
    ] = None,
    train_count: Annotated[
        int | None, typer.Option(help="For random: pixels of each class to learn from.", rich_help_panel=_SPLIT)
    ] = None,
    validation_fraction: Annotated[
        float | None,
        typer.Option(help="Share of these kept for selection; 0 for none [default: 0.2].", rich_help_panel=_SPLIT),
    ] = None,
    block_size: Annotated[int | None, typer.Option(help="For blocks: pixels a side.", rich_help_panel=_SPLIT)] = None,
    folds: Annotated[
        Path | None, typer.Option(help="For tiles: CSV with columns tile and fold.", rich_help_panel=_SPLIT)
    ] = None,
    test_fold: Annotated[
        int | None, typer.Option(help="With --folds: the fold to test on [default: 0].", rich_help_panel=_SPLIT)
    ] = None,
    buffer: Annotated[
        int | None,
        typer.Option(
            help="Pixels to keep between training and test [default: 2r; 0 for random and fixed].",
            rich_help_panel=_SPLIT,
        ),
    ] = None,
    test_labels: Annotated[
        Path | None, typer.Option(help="For fixed: labels of the test pixels.", rich_help_panel=_SPLIT)
    ] = None,
    validation_labels: Annotated[
        Path | None, typer.Option(help="For fixed: labels of the validation pixels.", rich_help_panel=_SPLIT)
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name of a model [default: spectralmamba].", rich_help_panel=_MODEL)
    ] = None,
    patch_size: Annotated[
        int | None, typer.Option(help="Odd, up to 15; 1 is pixelwise [default: 3].", rich_help_panel=_MODEL)
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="An option of the model, NAME=VALUE; repeatable.", rich_help_panel=_MODEL),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="[default: 50]", rich_help_panel=_RECIPE)] = None,
    batch_size: Annotated[int | None, typer.Option(help="[default: 64]", rich_help_panel=_RECIPE)] = None,
    learning_rate: Annotated[float | None, typer.Option(help="[default: 0.006]", rich_help_panel=_RECIPE)] = None,
    weight_decay: Annotated[float | None, typer.Option(help="[default: 0.2]", rich_help_panel=_RECIPE)] = None,
    noise: Annotated[
        float | None, typer.Option(help="Of standardised input [default: 0.2].", rich_help_panel=_RECIPE)
    ] = None,
    class_weights: Annotated[
        str | None, typer.Option(help="none or balanced [default: none].", rich_help_panel=_RECIPE)
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            help="Epochs without improvement before stopping; 0 for never [default: 20].", rich_help_panel=_RECIPE
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of split and training [default: 0].", rich_help_panel=_RECIPE)
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.", rich_help_panel=_RECIPE)] = "auto",
    config: Annotated[
        Path | None, typer.Option(help="Begin from a config.yaml, such as another run's.", rich_help_panel=_RUN)
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out.", rich_help_panel=_RUN)
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the run in --out.", rich_help_panel=_RUN)
    ] = False,
    references: Annotated[
        bool, typer.Option("--references", help="Also score a random forest and an SVM.", rich_help_panel=_RUN)
    ] = False,
) -> None:
    """Train a classifier and measure its accuracy on pixels that it has not seen."""
    from spectralmamba.cli.configure import run_config
    from spectralmamba.cli.inputs import describe_inputs, open_inputs
    from spectralmamba.cli.pipeline import train_and_report
    from spectralmamba.evaluation.references import REFERENCES
    from spectralmamba.training import Run

    # A run that is in the way is found before a large scene is opened.
    Run(out).check_place(resume=resume, overwrite=overwrite)
    asked = run_config(
        base=config,
        run=Run(out) if resume else None,
        model=model,
        options=option,
        patch_size=patch_size,
        drop_classes=drop_class,
        split={
            "recipe": split,
            "train_fraction": train_fraction,
            "train_count": train_count,
            "validation_fraction": validation_fraction,
            "block_size": block_size,
            "test_fold": test_fold,
            "buffer": buffer,
            "seed": seed,
        },
        folds=folds,
        fixed=test_labels is not None or validation_labels is not None,
        training={
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            "weight_decay": weight_decay,
            "noise": noise,
            "class_weights": class_weights,
            "patience": patience,
            "seed": seed,
        },
    )
    data = describe_inputs(
        scene,
        labels,
        pair or [],
        kept=asked.data if resume else (),
        variable=variable,
        mask=mask,
        test_labels=test_labels,
        validation_labels=validation_labels,
    )
    train_and_report(
        open_inputs(data),
        out,
        replace(asked, data=data),
        resume=resume,
        overwrite=overwrite,
        device=device,
        references=list(REFERENCES) if references else [],
    )
