"""``spectralmamba train``: a scene and labels in, a run directory out."""

from dataclasses import replace

from spectralmamba.cli import train_options as options
from spectralmamba.cli.app import app
from spectralmamba.cli.label_options import LabelFlags
from spectralmamba.cli.scene_options import InputFlags, SceneFlags
from spectralmamba.cli.spreading import spread
from spectralmamba.cli.train_options import ModelFlags, SplitFlags, TrainingFlags


@app.command()
@spread
def train(
    out: options.Out,
    *,
    inputs: InputFlags,
    resample: options.Resample = False,
    scenes: SceneFlags,
    labelling: LabelFlags,
    drop_class: options.DropClass = None,
    division: SplitFlags,
    wanted: ModelFlags,
    training: TrainingFlags,
    config: options.Config = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
    references: options.References = False,
) -> None:
    """Train a classifier and measure its accuracy on pixels that it has not seen."""
    from spectralmamba.cli.configure import kept_data, run_config
    from spectralmamba.cli.pipeline import train_and_report
    from spectralmamba.cli.scene_pairs import describe_inputs, names_held_out, with_held_out
    from spectralmamba.evaluation.references import REFERENCES
    from spectralmamba.labels.options import YES
    from spectralmamba.training import Run
    from spectralmamba.training.inputs import open_inputs

    # A run that is in the way is found before a large scene is opened.
    Run(out).check_place(resume=resume, overwrite=overwrite)
    named = bool(inputs.scene or inputs.pair or inputs.pairs)
    kept = kept_data(Run(out) if resume else None, None if named else config)
    given = inputs.given(kept)
    held_out = names_held_out(given, division.test_scene or [], division.validation_scene or [])
    fixed = division.test_labels is not None or division.validation_labels is not None
    asked = run_config(
        base=config,
        run=Run(out) if resume else None,
        model=wanted.model,
        options=wanted.option,
        patch_size=wanted.patch_size,
        drop_classes=drop_class,
        split=division.options() | {"seed": training.seed},
        folds=division.folds,
        fixed=fixed or any("test_labels" in one.options for one in given),
        by_scene=bool(held_out),
        training=training.options(),
    )
    data = describe_inputs(
        given,
        kept=kept,
        options=scenes.options(),
        label_options=labelling.texts() | ({"resample": YES} if resample else {}),
        test_labels=division.test_labels,
        validation_labels=division.validation_labels,
    )
    opened = open_inputs(data)
    train_and_report(
        opened,
        out,
        replace(asked, data=data, split=with_held_out(asked.split, held_out, data, list(opened))),
        resume=resume,
        overwrite=overwrite,
        device=training.device,
        references=list(REFERENCES) if references else [],
    )
