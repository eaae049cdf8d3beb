"""The figures of a run directory."""

import csv

import numpy as np

from spectralmamba.metrics import ConfusionMatrix
from spectralmamba.reporting.confusion import figure_confusion
from spectralmamba.reporting.curves import figure_training
from spectralmamba.reporting.spectra import figure_spectra
from spectralmamba.training import Run
from spectralmamba.training.prepare import Prepared


def draw_run(run: Run, prepared: Prepared, matrix: ConfusionMatrix) -> None:
    """Draw the spectra of each class, the training curve and the confusion matrix into ``figures/``.

    Parameters
    ----------
    run : Run
    prepared : Prepared
        The labelled pixels of the run.
    matrix : ConfusionMatrix
        Of its test pixels.
    """
    folder = run.figures_folder
    folder.mkdir(exist_ok=True)
    draw_spectra(run, prepared)
    if run.history_file.is_file():
        with run.history_file.open(encoding="utf-8", newline="") as file:
            figure_training(list(csv.DictReader(file)), folder / "training.png", run.best_epoch())
    figure_confusion(matrix, folder / "confusion.png")


def draw_spectra(run: Run, prepared: Prepared) -> None:
    """Draw mean and spread of each class over the labelled pixels, in the scene's units."""
    standardiser, samples = prepared.standardiser, prepared.samples
    values = samples.spectra * standardiser.std + standardiser.mean
    by_class = {number: values[samples.targets == i] for i, number in enumerate(prepared.classes.numbers)}
    figure_spectra(
        {number: spectra for number, spectra in by_class.items() if len(spectra)},
        np.asarray(prepared.wavelengths[prepared.bands]),
        prepared.classes,
        run.figures_folder / "spectra.png",
        bands=prepared.bands,
    )
