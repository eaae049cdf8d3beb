"""``spectralmamba train``: a scene and labels in, a run directory out."""

from dataclasses import replace

from spectralmamba.cli import label_options, scene_options
from spectralmamba.cli import train_options as options
from spectralmamba.cli.app import app


@app.command()
def train(
    out: options.Out,
    scene: options.Scene = None,
    labels: options.Labels = None,
    pair: options.Pair = None,
    pairs: options.Pairs = None,
    resample: options.Resample = False,
    variable: scene_options.Variable = None,
    mask: scene_options.Mask = None,
    no_quality: scene_options.NoQuality = False,
    fill_gaps: scene_options.FillGaps = 0,
    wavelengths: scene_options.Wavelengths = None,
    keep_water_vapour: scene_options.KeepWaterVapour = False,
    attribute: label_options.Attribute = None,
    layer: label_options.Layer = None,
    classes: label_options.Classes = None,
    merge: label_options.Merge = None,
    point_radius: label_options.PointRadius = None,
    overlap: label_options.Overlap = None,
    all_touched: label_options.AllTouched = False,
    drop_class: options.DropClass = None,
    split: options.Split = None,
    train_fraction: options.TrainFraction = None,
    train_count: options.TrainCount = None,
    validation_fraction: options.ValidationFraction = None,
    block_size: options.BlockSize = None,
    folds: options.Folds = None,
    test_fold: options.TestFold = None,
    fold_set: options.FoldSet = None,
    test_scene: options.TestScene = None,
    validation_scene: options.ValidationScene = None,
    buffer: options.Buffer = None,
    test_labels: options.TestLabels = None,
    validation_labels: options.ValidationLabels = None,
    model: options.Model = None,
    patch_size: options.PatchSize = None,
    option: options.Option = None,
    epochs: options.Epochs = None,
    batch_size: options.BatchSize = None,
    learning_rate: options.LearningRate = None,
    weight_decay: options.WeightDecay = None,
    noise: options.Noise = None,
    class_weights: options.ClassWeights = None,
    refit: options.Refit = None,
    patience: options.Patience = None,
    seed: options.Seed = None,
    device: options.Device = "auto",
    config: options.Config = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    references: options.References = False,
) -> None:
    """Train a classifier and measure its accuracy on pixels that it has not seen."""
    from spectralmamba.cli.configure import kept_data, run_config
    from spectralmamba.cli.pipeline import train_and_report
    from spectralmamba.cli.scene_pairs import describe_inputs, given_pairs, names_held_out, with_held_out
    from spectralmamba.evaluation.references import REFERENCES
    from spectralmamba.labels.options import YES
    from spectralmamba.scenes.options import SceneOptions
    from spectralmamba.training import Run
    from spectralmamba.training.inputs import open_inputs

    # A run that is in the way is found before a large scene is opened.
    Run(out).check_place(resume=resume, overwrite=overwrite)
    kept = kept_data(Run(out) if resume else None, None if scene or pair or pairs else config)
    given = given_pairs(scene, labels, pair or [], pairs, kept)
    held_out = names_held_out(given, test_scene or [], validation_scene or [])
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
            "fold_set": fold_set,
            "buffer": buffer,
            "seed": seed,
        },
        folds=folds,
        fixed=test_labels is not None
        or any("test_labels" in one.options for one in given)
        or validation_labels is not None,
        by_scene=bool(held_out),
        training={
            "epochs": epochs,
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            "weight_decay": weight_decay,
            "noise": noise,
            "class_weights": class_weights,
            "refit": refit,
            "patience": patience,
            "seed": seed,
        },
    )
    data = describe_inputs(
        given,
        kept=kept,
        options=SceneOptions(
            variable, None if mask is None else str(mask), not no_quality, fill_gaps, wavelengths, keep_water_vapour
        ),
        label_options=label_options.label_texts(attribute, layer, classes, merge, point_radius, overlap, all_touched)
        | ({"resample": YES} if resample else {}),
        test_labels=test_labels,
        validation_labels=validation_labels,
    )
    opened = open_inputs(data)
    train_and_report(
        opened,
        out,
        replace(asked, data=data, split=with_held_out(asked.split, held_out, data, list(opened))),
        resume=resume,
        overwrite=overwrite,
        device=device,
        references=list(REFERENCES) if references else [],
    )
