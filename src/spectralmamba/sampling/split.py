"""A split: which labelled pixels train, select and test, as label maps that can be saved and looked at."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import SplitError
from spectralmamba.files import replacing_folder
from spectralmamba.sampling.buffers import within
from spectralmamba.sampling.label_files import read_label_map, write_label_map

PARTS = ("train", "validation", "test")
FORMAT = 1


@dataclass(frozen=True, eq=False)
class SceneSplit:
    """Three disjoint label maps of one scene, DataArrays (y, x) of unsigned integers, 0 = not in this part."""

    train: xr.DataArray
    validation: xr.DataArray
    test: xr.DataArray

    def __post_init__(self) -> None:
        masks = [self.part(name).values > 0 for name in PARTS]
        if len({mask.shape for mask in masks}) != 1:
            raise SplitError("the label maps of a split have different sizes; make them on one scene's grid")
        if (np.sum(masks, axis=0) > 1).any():
            raise SplitError("a pixel is in two parts of the split; training, validation and test have to be disjoint")

    def part(self, name: str) -> xr.DataArray:
        """Give one of the parts ``train``, ``validation``, ``test``."""
        part: xr.DataArray = getattr(self, name)
        return part


@dataclass(frozen=True)
class Leakage:
    """How much test pixels have in common with training."""

    test_pixels: int
    within_radius: int  # test pixels that a training pixel's window holds
    within_twice_radius: int  # test pixels whose window shares a pixel with a training pixel's window
    learned_within_radius: int  # the same of training and validation pixels, from which a model may learn in the end
    learned_within_twice_radius: int

    def sentence(self, radius: int) -> str:
        """Say how many of the test pixels lie near; validation pixels are told apart where they make a difference."""
        return nearness(
            (self.within_radius, self.within_twice_radius),
            (self.learned_within_radius, self.learned_within_twice_radius),
            radius,
        )


def nearness(trained: tuple[int, int], learned: tuple[int, int], radius: int) -> str:
    """Say how many pixels lie within r and 2r of training pixels, and of these or validation pixels."""
    both = "" if learned == trained else f" ({learned[0]} and {learned[1]} of a training or validation pixel)"
    return f"{trained[0]} lie within r = {radius} and {trained[1]} within 2r = {2 * radius} of a training pixel{both}"


@dataclass(frozen=True, eq=False)
class Split:
    """Splits of one or several scenes made by one recipe.

    Attributes
    ----------
    scenes : mapping of str to SceneSplit
        By the scene's key.
    recipe : str
        See :class:`spectralmamba.sampling.options.SplitOptions`.
    seed : int
        Seed of the recipe's draws.
    radius : int
        How far the model looks; what leakage is counted with.
    buffer : int
        Training and validation pixels this close (Chebyshev) to a test pixel were dropped.
    details : mapping
        What else the recipe did: block size, fold, pixels dropped …; JSON-able.
    """

    scenes: Mapping[str, SceneSplit]
    recipe: str
    seed: int
    radius: int
    buffer: int
    details: Mapping[str, Any] = field(default_factory=dict)

    def counts(self) -> dict[str, dict[int, int]]:
        """Count the pixels of each class number in each part."""
        result: dict[str, dict[int, int]] = {}
        for name in PARTS:
            labels = np.concatenate([s.part(name).values.ravel() for s in self.scenes.values()])
            numbers, counts = np.unique(labels[labels > 0], return_counts=True)
            result[name] = {int(n): int(c) for n, c in zip(numbers, counts, strict=True)}
        return result

    def total(self, part: str) -> int:
        """Count the pixels of one part."""
        return sum(int((s.part(part).values > 0).sum()) for s in self.scenes.values())

    def leakage(self) -> Leakage:
        """Count test pixels within r and within 2r of a training pixel, and of a training or validation pixel."""
        near = [0, 0, 0, 0]
        for scene in self.scenes.values():
            train, test = scene.train.values > 0, scene.test.values > 0
            learned = train | (scene.validation.values > 0)
            cases = [(mask, distance) for mask in (train, learned) for distance in (self.radius, 2 * self.radius)]
            for i, (mask, distance) in enumerate(cases):
                near[i] += int((within(mask, distance) & test).sum())
        return Leakage(self.total("test"), *near)

    def describe(self) -> str:
        """Say in one sentence what was done, for every report."""
        if self.recipe == "all":
            learned = f"{self.total('train')} train and {self.total('validation')} validation pixels"
            return f"all: {learned}, none for testing"
        buffer = f"a buffer of {self.buffer} pixels" if self.buffer else "no buffer"
        sizes = ", ".join(f"{self.total(part)} {part}" for part in PARTS)
        return (
            f"{self.recipe}{self._held_out()} with {buffer}: {sizes} pixels; "
            f"of the test pixels {self.leakage().sentence(self.radius)}"
        )

    def _held_out(self) -> str:
        """Name the scenes that were held out whole, where that is the recipe."""
        held_out = (("tested on", "test_scenes"), ("selected with", "validation_scenes"))
        listed = [f"{verb} {', '.join(self.details[name])}" for verb, name in held_out if self.details.get(name)]
        return f" ({'; '.join(listed)})" if listed else ""

    def save(self, folder: Path) -> None:
        """Write the label maps as GeoTIFFs and the rest as ``split.json``; the folder appears when it is whole.

        Raises
        ------
        OutputError
            The folder cannot be written.
        """
        with replacing_folder(folder) as partial:
            self._write(partial)

    def _write(self, folder: Path) -> None:
        files: dict[str, dict[str, str]] = {}
        for i, (key, scene) in enumerate(self.scenes.items()):
            prefix = "" if len(self.scenes) == 1 else f"{i + 1:03d}_"
            files[key] = {part: f"{prefix}{part}.tif" for part in PARTS}
            for part in PARTS:
                write_label_map(scene.part(part), folder / files[key][part])
        document = {
            "format": FORMAT,
            "recipe": self.recipe,
            "seed": self.seed,
            "radius": self.radius,
            "buffer": self.buffer,
            "details": dict(self.details),
            "counts": self.counts(),
            "leakage": vars(self.leakage()),
            "scenes": files,
        }
        (folder / "split.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Split":
        """Read a split back.

        Raises
        ------
        SplitError
            The folder holds no split, or one that is damaged or of another format.
        """
        try:
            document = json.loads((folder / "split.json").read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise SplitError(f"{folder} holds a split of format {document['format']}; this version reads {FORMAT}")
            scenes = {
                key: SceneSplit(**{part: read_label_map(folder / name) for part, name in files.items()})
                for key, files in document["scenes"].items()
            }
            fields = {name: document[name] for name in ("recipe", "seed", "radius", "buffer", "details")}
        except SplitError:
            raise
        except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise SplitError(f"{folder} holds no readable split ({error}); train again or name another run") from error
        return cls(scenes, **fields)


def only_where(labels: xr.DataArray, mask: NDArray[np.bool_]) -> xr.DataArray:
    """Keep the labels where ``mask`` holds."""
    return labels.copy(data=np.where(mask, labels.values, 0).astype(labels.dtype))
