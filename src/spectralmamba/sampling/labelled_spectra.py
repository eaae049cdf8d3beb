"""The labelled pixels of a scene as arrays, for models and tools that know nothing of scenes."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import LabelError
from spectralmamba.labels.class_table import classes_of
from spectralmamba.sampling.groups import region_groups
from spectralmamba.sampling.patches import PatchSampler
from spectralmamba.sampling.standardise import select_bands


@dataclass(frozen=True, eq=False)
class LabelledSpectra:
    """Labelled pixels in reading order.

    Attributes
    ----------
    X : ndarray of float32, shape (n, n_bands)
        Their spectra, complete.
    y : ndarray of int, shape (n,)
        Class numbers.
    regions : ndarray of int, shape (n,)
        Which 8-connected area of its class each is in.
    positions : ndarray of int, shape (n, 2)
        Row and column.
    bands : ndarray of int, shape (n_bands,)
        Positions of the bands in the scene.
    """

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    regions: NDArray[np.int64]
    positions: NDArray[np.intp]
    bands: NDArray[np.intp]


def labelled_spectra(scene: xr.DataArray, labels: xr.DataArray) -> LabelledSpectra:
    """Read the spectra of a scene's labelled pixels, in the bands that training would keep.

    Pixels that miss a value in one of these bands, or are excluded, are left out.

    Parameters
    ----------
    scene : DataArray (band, y, x)
    labels : DataArray (y, x)
        Class numbers, 0 = unlabelled, on the scene's grid.

    Raises
    ------
    LabelError
        The labels have another size than the scene.
    SceneError
        No labelled pixel has data.
    """
    if labels.shape != scene.shape[1:]:
        raise LabelError(f"labels are {labels.shape} pixels but the scene is {scene.shape[1:]}; use labels on its grid")
    table = classes_of(labels)
    samples = PatchSampler.from_scene(scene, table.index_of(labels.values), 0)
    bands = select_bands(samples.spectra, np.asarray(scene.coords["good"].values, bool))
    samples = samples.keep_bands(bands)
    samples = samples.select(samples.complete)
    positions = np.column_stack([samples.rows, samples.columns])
    return LabelledSpectra(
        samples.spectra,
        np.asarray(table.numbers)[samples.targets],
        region_groups(labels.values)[samples.rows, samples.columns],
        positions,
        bands,
    )
