"""Train, evaluate, report: what ``train`` and ``demo`` have in common."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from spectralmamba.cli.console import (
    note,
    out,
    percent,
    print_accuracy,
    progress,
    say,
    say_exclusions,
    scenes_table,
    summary_table,
)
from spectralmamba.errors import ConfigError
from spectralmamba.evaluation.references import REFERENCES
from spectralmamba.evaluation.run_metrics import evaluate_run, evaluate_test_scenes, run_metrics
from spectralmamba.mapping.mapper import LARGEST_NUMBER
from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.models.predictor import ModelPredictor
from spectralmamba.reporting import write_report
from spectralmamba.reporting.run_figures import draw_spectra
from spectralmamba.training import LabelledScene, Run, RunConfig, train
from spectralmamba.training.loop import EpochRecord
from spectralmamba.training.prepare import Prepared


def train_and_report(
    scenes: Mapping[str, LabelledScene],
    folder: Path,
    config: RunConfig,
    *,
    resume: bool = False,
    overwrite: bool = False,
    device: str = "auto",
    references: Sequence[str] = (),
) -> tuple[ModelPredictor, Prepared]:
    """Train a run, evaluate it on its test pixels, print and write the figures."""
    if references and config.split.recipe == "all":
        raise ConfigError("references are scored on test pixels, and --split all keeps none; leave out --references")
    total = 0
    with progress("training") as advance:

        def on_epoch(record: EpochRecord, left: int) -> None:
            remark = f"loss {record.train_loss:.3f}"
            if record.validation_accuracy is not None:
                remark += f", validation OA {percent(record.validation_accuracy)} %"
            nonlocal total  # epochs are counted anew in each stage of training, what is left is not
            total = total or record.epoch + left
            advance(total - left, total, remark)

        run, predictor, prepared = train(
            scenes, folder, config, resume=resume, overwrite=overwrite, device=device, on_epoch=on_epoch
        )
    say_exclusions(item.scene for item in scenes.values())
    finish(run, predictor, prepared, references)
    return predictor, prepared


def finish(run: Run, predictor: ModelPredictor, prepared: Prepared, references: Sequence[str]) -> None:
    """Evaluate a trained run, with reference classifiers on the same pixels, and write what it leaves behind."""
    test, validation = evaluate_run(predictor, prepared)
    by_scene = evaluate_test_scenes(predictor, prepared)
    run.write_metrics(run_metrics(predictor, prepared, test, validation, by_scene=by_scene))
    others = []
    for name in references:
        note(f"training the reference {name} …")
        others.append(REFERENCES[name](prepared, 0))
        run.write_metrics(run_metrics(predictor, prepared, test, validation, others, by_scene))
    draw_spectra(run, prepared)
    report = write_report(run)
    if test.matrix.total:
        print_accuracy(test.matrix, "accuracy on the test pixels")
        if len(by_scene) > 1:
            out.print(scenes_table({key: one.matrix for key, one in by_scene.items()}))
    else:
        note("no test pixel was kept, so the accuracy is unknown; measure it on other labels with 'evaluate'")
    say(prepared.split.describe())
    if validation is None and not predictor.learned_validation and run.config().split.validation_fraction > 0:
        note("no validation pixel was left: the last epoch was kept, and confidences are not calibrated")
    if max(prepared.classes.numbers) > LARGEST_NUMBER:
        note(
            f"class number {max(prepared.classes.numbers)} does not fit into a map; renumber within 1..{LARGEST_NUMBER}"
        )
    if prepared.invalid_pixels:
        say(f"{prepared.invalid_pixels} labelled pixels without data were left out")
    if others:
        matrices: dict[str, ConfusionMatrix] = {run.config().model: test.matrix}
        out.print(summary_table(matrices | {other.name: other.matrix for other in others}))
    note(f"wrote {run.path}, with {report}")
