"""Where, in any scene, the pixels lie that a run has learned from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.sampling.buffers import within
from spectralmamba.sampling.split import SceneSplit, Split
from spectralmamba.scenes.grid import Grid, grid_of
from spectralmamba.scenes.project import can_project, grown, project


@dataclass(frozen=True, eq=False)
class SeenPixels:
    """Masks (height, width) over a scene.

    Attributes
    ----------
    trained : ndarray of bool
        Pixels that a training pixel of the run touches.
    learned : ndarray of bool
        The same of training and validation pixels.
    near : ndarray of bool
        Pixels within the split's buffer of a training or validation pixel, these included.
    tested : ndarray of bool
        The run's test pixels.
    located : bool
        Whether it is known how the scene lies to those of the run.
    """

    trained: NDArray[np.bool_]
    learned: NDArray[np.bool_]
    near: NDArray[np.bool_]
    tested: NDArray[np.bool_]
    located: bool


def seen_pixels(split: Split, scene: xr.DataArray) -> SeenPixels:
    """Find a run's pixels in a scene by their coordinates.

    A scene without georeferencing cannot be located. One of the same size as a scene of the run is taken to be that
    scene: rather too few pixels evaluated than pixels that were trained on.

    Parameters
    ----------
    split : Split
    scene : DataArray (band, y, x)
    """
    grid = grid_of(scene)
    masks = {name: np.zeros(grid.shape, bool) for name in ("trained", "learned", "near", "tested")}
    located = True
    for own in _candidates(split.scenes, str(scene.name), grid).values():
        source = grid_of(own.train)
        if not can_project(source, grid):
            located &= source.shape == grid.shape
            if source.shape != grid.shape:
                continue
            source = grid = Grid(None, None, *grid.shape)
        for name, mask in _masks(own, source, grid, split.buffer).items():
            masks[name] |= mask
    # Where scenes of the run lie over each other, what one tests on another may have learned from.
    return SeenPixels(masks["trained"], masks["learned"], masks["near"], masks["tested"] & ~masks["near"], located)


def _candidates(scenes: Mapping[str, SceneSplit], name: str, grid: Grid) -> Mapping[str, SceneSplit]:
    """The run's scenes; of several that only their size tells, the one of the same name where there is one."""
    bare = [key for key, own in scenes.items() if not can_project(grid_of(own.train), grid)]
    if name not in bare:
        return scenes
    return {key: own for key, own in scenes.items() if key == name or key not in bare}


def _masks(own: SceneSplit, source: Grid, target: Grid, buffer: int) -> dict[str, NDArray[np.bool_]]:
    trained = own.train.values > 0
    learned = trained | (own.validation.values > 0)
    if source.transform is None:  # the same scene
        near = within(learned, buffer)
        return {"trained": trained, "learned": learned, "near": near, "tested": own.test.values > 0}
    wide, around = grown(learned, source, buffer)
    return {
        "trained": project(trained, source, target),
        "learned": project(learned, source, target),
        "near": project(within(wide, buffer), around, target),
        "tested": project(own.test.values > 0, source, target),
    }
