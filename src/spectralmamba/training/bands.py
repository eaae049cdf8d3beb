"""Scenes that are learned from together, all brought onto the bands of the first."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from spectralmamba.errors import SceneError
from spectralmamba.scenes.matching import Whose, match_bands
from spectralmamba.training.labelled import LabelledScene


def on_first_bands(scenes: Mapping[str, LabelledScene], resample: Collection[str] = ()) -> dict[str, LabelledScene]:
    """Give every scene the bands of the first one, matched by wavelength where order or number differ.

    Bands that the first scene marks as bad may be missing from the others.

    Parameters
    ----------
    scenes : mapping of str to LabelledScene
        By key; stay as lazy as they are.
    resample : collection of str
        Keys of those whose bands may be computed where they differ.

    Raises
    ------
    SceneError
        A scene lacks bands of the first, with those that differ.
    """
    (first_key, first), *others = scenes.items()
    coords = first.scene.coords
    needed = np.flatnonzero(np.asarray(coords["good"].values, bool))
    result = {first_key: first}
    for key, item in others:
        try:
            scene = match_bands(
                item.scene,
                coords["wavelength"].values,
                coords["fwhm"].values,
                needed=needed,
                resample=key in resample,
                whose=Whose.scene(first_key),
            )
        except SceneError as error:
            raise SceneError(f"{key}: {error}") from error
        result[key] = replace(item, scene=scene)
    return result
