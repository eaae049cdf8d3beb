"""The report of a run: what was trained, how good it is, and how far that can be trusted, on one page."""

import base64
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from spectralmamba.errors import RunError
from spectralmamba.files import write_text
from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.models.saved import DESCRIPTION
from spectralmamba.reporting.confusion import figure_confusion
from spectralmamba.reporting.curves import figure_training
from spectralmamba.reporting.style import DPI
from spectralmamba.training.run import Run

CAPTIONS = {
    "scene": "The scene, the reference, the map and its confidence",
    "spectra": "Mean spectra of the classes (line) and their standard deviation (band)",
    "training": "Loss and accuracy over the epochs; the weights of the marked epoch were kept",
    "confusion": "Confusion matrix of the test pixels",
}
"""Figures by the beginning of their file's name, in the order of the report; others come after them."""


@dataclass(frozen=True)
class Picture:
    """A figure to embed."""

    caption: str
    data: str  # base64
    width: int  # CSS pixels, 96 an inch


def write_report(run: Run, *, title: str | None = None) -> Path:
    """Write ``report.html``: one page that holds everything in itself, the figures too.

    Reads what the run directory has and leaves out what it has not: a run without ``metrics.json`` gets a report
    without accuracy. ``figures/training.png`` and ``figures/confusion.png`` are made anew; every other PNG in
    ``figures/`` is embedded as it is.

    Parameters
    ----------
    run : Run
    title : str, optional
        Heading; the folder's name where not given.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    RunError
        This is no run directory, or one of its files is damaged.
    OutputError
        The report cannot be written.
    """
    if not run.config_file.is_file():
        raise RunError(f"{run.path} is no run directory (it has no config.yaml); name one that 'train' wrote")
    model, metrics = _read_json(run.path / DESCRIPTION), _read_json(run.metrics_file)
    try:
        _draw_figures(run, model, metrics)
        page = _render(run, model, metrics, title or run.path.resolve().name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise RunError(f"{run.path} holds files of another form ({reason}); evaluate again or train again") from error
    write_text(run.report_file, page)
    return run.report_file


def _read_json(path: Path) -> dict[str, Any]:
    """Read a file of the run; empty where there is none."""
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}); evaluate again or train again") from error
    if not isinstance(document, dict):
        raise RunError(f"{path} is not what this package writes; evaluate again or train again")
    return document


def _draw_figures(run: Run, model: dict[str, Any], metrics: dict[str, Any]) -> None:
    if run.history_file.is_file():
        with run.history_file.open(encoding="utf-8", newline="") as file:
            history = list(csv.DictReader(file))
        if history:
            best = model.get("training", {}).get("best_epoch")
            figure_training(history, run.figures_folder / "training.png", best)
    if metrics.get("test"):
        figure_confusion(ConfusionMatrix.from_json(metrics["test"]), run.figures_folder / "confusion.png")


def _render(run: Run, model: dict[str, Any], metrics: dict[str, Any], title: str) -> str:
    environment = Environment(loader=PackageLoader("spectralmamba.reporting", "."), autoescape=True, trim_blocks=True)
    environment.filters |= {"percent": _percent, "decimal": _decimal, "count": _count, "points": _points}
    return environment.get_template("report.html.j2").render(
        title=title,
        model=model,
        name=model.get("model", {}).get("name") or run.config().model,
        options=_options(model),
        colours={row["name"]: row["colour"] for row in model.get("classes", ())},
        test=metrics.get("test"),
        test_scenes=metrics.get("test_scenes") or {},
        validation=metrics.get("validation"),
        references=_references(metrics),
        costs=metrics.get("costs") or {},
        calibration=(metrics.get("confidence") or {}).get("expected_calibration_error"),
        split=_split_sentence(run, model, metrics),
        warnings=list(_warnings(run, model, metrics)),
        pictures=list(_pictures(run.figures_folder)),
        config=run.config_file.read_text(encoding="utf-8"),
    )


def _options(model: dict[str, Any]) -> dict[str, Any]:
    """Keep the model's options that fit on a line."""
    options = model.get("model", {}).get("options", {})
    return {key: value for key, value in options.items() if not isinstance(value, list | dict) and value is not None}


def _references(metrics: dict[str, Any]) -> dict[str, Any]:
    """Models to compare with, best first."""
    references = metrics.get("references") or {}
    return dict(sorted(references.items(), key=lambda item: -(item[1].get("overall_accuracy") or 0)))


def _split_sentence(run: Run, model: dict[str, Any], metrics: dict[str, Any]) -> str | None:
    sentence: str | None = metrics.get("split") or model.get("training", {}).get("split")
    if sentence is None and (run.split_folder / "split.json").is_file():
        return run.split().describe()
    return sentence


def _warnings(run: Run, model: dict[str, Any], metrics: dict[str, Any]) -> Iterator[str]:
    """Say what stands in the way of trusting the figures."""
    if not model:
        yield "Training has not ended: there is no trained model in this run yet."
    if not metrics.get("test"):
        yield "The model has not been evaluated on test pixels yet."
    absent = (metrics.get("test") or {}).get("absent_classes") or []
    if absent:
        yield (
            f"No test pixel of {_listed(absent)}: the average accuracy leaves out {len(absent)} of "
            f"{len(metrics['test']['per_class'])} classes."
        )
    yield from _leaks(_read_json(run.split_folder / "split.json").get("leakage") or {})
    training = model.get("training", {})
    if training.get("calibrated_on", "") is None:
        yield (
            "There were no validation pixels: the last epoch's weights were kept, and confidences are not calibrated."
            if "epochs" in training
            else "Too few training pixels for cross-validation: confidences are not calibrated."
        )


def _leaks(leakage: dict[str, int]) -> Iterator[str]:
    near, total = leakage.get("within_twice_radius", 0), leakage.get("test_pixels", 0)
    if near:
        yield (
            f"{near:,} of {total:,} test pixels share pixels of the scene with a training pixel's neighbourhood "
            f"(within 2r; {leakage.get('within_radius', 0):,} of them within r): the accuracy is likely to be too high."
        )
    learned = leakage.get("learned_within_twice_radius", near)
    if learned > near:
        yield f"{learned:,} of {total:,} test pixels do so with a training or validation pixel's neighbourhood."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _pictures(folder: Path) -> Iterator[Picture]:
    """Embed the figures, those with a caption first."""
    files = sorted(folder.glob("*.png")) if folder.is_dir() else []
    order = list(CAPTIONS)
    known = {file: _kind(file) for file in files}
    for file in sorted(files, key=lambda f: (order.index(known[f]) if known[f] in order else len(order), f.name)):
        content = file.read_bytes()
        width = int.from_bytes(content[16:20], "big") * 96 // DPI  # the first field of a PNG's first chunk
        yield Picture(_caption(file, known[file]), base64.b64encode(content).decode("ascii"), width)


def _kind(file: Path) -> str:
    return file.stem.split("_", 1)[0]


def _caption(file: Path, kind: str) -> str:
    """Make 'caption: rest of the name' of ``scene_potsdam.png``."""
    _, _, rest = file.stem.partition("_")
    if kind not in CAPTIONS:
        return file.stem.replace("_", " ")
    return f"{CAPTIONS[kind]}: {rest}" if rest else CAPTIONS[kind]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}\N{NO-BREAK SPACE}%"


def _points(value: float | None) -> str:
    """Per cent without its sign, for columns whose head has it."""
    return "–" if value is None else f"{100 * value:.2f}"


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"
