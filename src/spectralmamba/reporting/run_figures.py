"""Figures that need the data of a run; :func:`spectralmamba.reporting.write_report` draws those that do not."""

import numpy as np

from spectralmamba.reporting.spectra import figure_spectra
from spectralmamba.training import Run
from spectralmamba.training.prepare import Prepared


def draw_spectra(run: Run, prepared: Prepared) -> None:
    """Draw mean and spread of each class over the labelled pixels, in the scene's units, into ``figures/``.

    Parameters
    ----------
    run : Run
    prepared : Prepared
        The labelled pixels of the run.
    """
    run.figures_folder.mkdir(exist_ok=True)
    samples = prepared.raw
    values = samples.spectra
    by_class = {number: values[samples.targets == i] for i, number in enumerate(prepared.classes.numbers)}
    figure_spectra(
        {number: spectra for number, spectra in by_class.items() if len(spectra)},
        np.asarray(prepared.wavelengths[prepared.bands]),
        prepared.classes,
        run.figures_folder / "spectra.png",
        bands=prepared.bands,
    )
