"""From scenes and labels to standardised samples: bands, valid pixels, split, standardisation, in this order."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import ConfigError, LabelError, SceneError, SplitError
from spectralmamba.labels import ClassTable
from spectralmamba.labels.class_table import classes_of
from spectralmamba.models.classifier import ClassifierConfig, takes_logarithms
from spectralmamba.models.registry import model_config, takes_wavelengths
from spectralmamba.sampling.fold_maps import read_fold_map
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.patches import PatchSampler
from spectralmamba.sampling.problem import Problem
from spectralmamba.sampling.recipes import make_split
from spectralmamba.sampling.split import PARTS, Split, only_where
from spectralmamba.sampling.standardise import Standardiser, select_bands, standardisers
from spectralmamba.scenes.grid import grid_of
from spectralmamba.scenes.mosaic import tiles_of
from spectralmamba.scenes.opening import holds_spectra_alone
from spectralmamba.training.apart import require_apart
from spectralmamba.training.bands import on_first_bands
from spectralmamba.training.config import RunConfig
from spectralmamba.training.labelled import LabelledScene

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Everything that training, references and evaluation need of the data.

    Attributes
    ----------
    samples : PatchSampler
        All usable labelled pixels, standardised.
    part : dict of str to ndarray of bool
        Which samples belong to ``train``, ``validation`` and ``test``.
    split : Split
    classes : ClassTable
        The classes that occur, in the order of the class index.
    bands : ndarray of int
        Positions of the kept bands.
    wavelengths : ndarray of float64
        Of all bands of the scenes, nm; NaN where unknown.
    standardiser : Standardiser
        Of ``samples``.
    radius : int
    invalid_pixels : int
        Labelled pixels that could not be used, for want of data.
    labels_digest : str
        Of the label maps as they were given.
    raw : PatchSampler
        The same samples in the scene's units.
    others : mapping of str to Standardiser
        What else training may choose to standardise them by.
    tiles : mapping of str to sequence of mapping
        Tiles of each mosaic, as ``tiles_of(scene)``.
    fwhm : ndarray of float64, optional
        Full width at half maximum of all bands of the scenes, nm; NaN where unknown.
    """

    samples: PatchSampler
    part: Mapping[str, NDArray[np.bool_]]
    split: Split
    classes: ClassTable
    bands: NDArray[np.intp]
    wavelengths: NDArray[np.float64]
    standardiser: Standardiser
    radius: int
    invalid_pixels: int
    labels_digest: str
    raw: PatchSampler
    others: Mapping[str, Standardiser] = field(default_factory=dict)
    tiles: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    fwhm: NDArray[np.float64] | None = None

    def select(self, part: str) -> PatchSampler:
        """Give the samples of one part."""
        return self.samples.select(self.part[part])

    def standardised_by(self, standardiser: Standardiser) -> "Prepared":
        """Give the same data, standardised otherwise."""
        return replace(self, samples=self.raw.standardised(standardiser), standardiser=standardiser)

    def identity(self) -> str:
        """Digest of what is learned from, to recognise a checkpoint of other data."""
        digest = hashlib.sha256(self.labels_digest.encode())
        for array in (self.samples.table, self.samples.windows, self.samples.targets, *self.part.values()):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def model_options(self, name: str) -> dict[str, Any]:
        """Give the options of a model that come from the data; wavelengths where it takes them and all are known."""
        options: dict[str, Any] = {"n_bands": len(self.bands), "n_classes": len(self.classes)}
        wavelengths = self.wavelengths[self.bands]
        if takes_wavelengths(name) and (np.isfinite(wavelengths) & (wavelengths > 0)).all():
            options["wavelengths"] = tuple(float(w) for w in wavelengths)
        return options


def prepare(scenes: Mapping[str, LabelledScene], config: RunConfig, split: Split | None = None) -> Prepared:
    """Read the labelled pixels and divide them.

    Parameters
    ----------
    scenes : mapping of str to LabelledScene
        By key. Those after the first are given its bands, see :func:`spectralmamba.training.bands.on_first_bands`.
    config : RunConfig
    split : Split, optional
        Used in place of the configuration's recipe.

    Raises
    ------
    SceneError, LabelError, SplitError, ConfigError
        The data cannot be used, with the reason.
    """
    scenes = on_first_bands(_without_classes(scenes, config.drop_classes))
    first = next(iter(scenes.values())).scene
    labels_digest = _digest(scenes)
    classes = reduce(ClassTable.union, (classes_of(labels) for s in scenes.values() for labels in s.maps.values()))
    wavelengths = np.asarray(first.coords["wavelength"].values, np.float64)
    shape = _shape(config, first.shape[0], max(len(classes), 2))
    require_apart(scenes, shape.radius)
    _check_patch(scenes, shape.patch_size)
    _warn_of_lone_spectra(scenes, shape.radius)
    samplers = {key: PatchSampler.from_scene(s.scene, _targets(s, classes), shape.radius) for key, s in scenes.items()}
    samples = PatchSampler.concatenate(list(samplers.values()))
    if len(samples) == 0:
        raise LabelError("the labels hold no labelled pixel; give labels with class numbers above 0 on the scene")
    bands = _bands(scenes, samples)
    samples = samples.keep_bands(bands)
    valid = samples.complete
    if not valid.any():
        raise SceneError("no labelled pixel has data in every kept band; check that the labels lie on the scene's data")
    n_invalid, samples = int((~valid).sum()), samples.select(valid)
    scenes = _only_usable(scenes, samples)
    classes = classes.without([n for i, n in enumerate(classes.numbers) if not (samples.targets == i).any()])
    if len(classes) < 2:
        raise LabelError(f"only one class has usable pixels ({classes.names[0]}); label at least two")
    if split is None:
        split = make_split(_problem(scenes, classes, config, shape.radius, shape.patch_size))
    # The class table may have lost classes without usable pixels, and with them their indices.
    samples, part = _divide(samples, scenes, classes, split)
    named = standardisers(samples.select(part["train"]).spectra, takes_logarithms(shape))
    standardiser = named.pop("")
    return Prepared(
        samples.standardised(standardiser),
        part,
        split,
        classes,
        bands,
        wavelengths,
        standardiser,
        shape.radius,
        n_invalid,
        labels_digest,
        samples,
        named,
        _tiles(scenes),
        np.asarray(first.coords["fwhm"].values, np.float64),
    )


def _shape(config: RunConfig, n_bands: int, n_classes: int) -> ClassifierConfig:
    """Make the model's configuration before the bands are known, for its radius and patch size."""
    options = config.model_options | {"n_bands": n_bands, "n_classes": n_classes}
    if takes_wavelengths(config.model):
        options["wavelengths"] = tuple(range(1, n_bands + 1))  # any will do: which bands are kept decides later
    shape: ClassifierConfig = model_config(config.model, **options)
    return shape


def _warn_of_lone_spectra(scenes: Mapping[str, LabelledScene], radius: int) -> None:
    for key, item in scenes.items():
        if radius and holds_spectra_alone(str(item.scene.attrs.get("source", ""))):
            logger.warning(
                "%s holds labelled spectra without the pixels about them, which this patchwise model looks for; "
                "train the pixelwise form with --patch-size 1",
                key,
            )


def _digest(scenes: Mapping[str, LabelledScene]) -> str:
    """Digest of every label map: a split that is read back says nothing of the labels that it was made from."""
    digest = hashlib.sha256()
    for key, item in scenes.items():
        for role, labels in item.maps.items():
            digest.update(f"{key} {role} {labels.shape}".encode())
            digest.update(labels.values.astype("<u4").tobytes())
    return digest.hexdigest()


def _without_classes(scenes: Mapping[str, LabelledScene], drop: Sequence[int]) -> Mapping[str, LabelledScene]:
    """Leave classes out; each has to be in some scene."""
    if not drop:
        return scenes
    present = {int(n) for item in scenes.values() for labels in item.maps.values() for n in np.unique(labels.values)}
    missing = [number for number in drop if number not in present]
    if missing:
        raise LabelError(f"there is no class {missing[0]} to leave out; the labels hold {sorted(present - {0})}")
    kept = {}
    for key, item in scenes.items():
        maps = {role: only_where(labels, ~np.isin(labels.values, drop)) for role, labels in item.maps.items()}
        kept[key] = LabelledScene(item.scene, **maps)
    return kept


def _check_patch(scenes: Mapping[str, LabelledScene], patch_size: int) -> None:
    for key, item in scenes.items():
        side = min(item.scene.shape[1:])
        if patch_size > side:
            raise ConfigError(
                f"patch size {patch_size} exceeds the smaller side of scene {key}, {side} pixels; use a smaller one"
            )


def _targets(item: LabelledScene, classes: ClassTable) -> NDArray[np.int64]:
    """Class index of every labelled pixel in whichever map it is, -1 elsewhere."""
    targets = np.full(item.scene.shape[1:], -1, np.int64)
    for labels in item.maps.values():
        index = classes.index_of(labels.values)
        targets = np.where(index >= 0, index, targets)
    return targets


def _bands(scenes: Mapping[str, LabelledScene], samples: PatchSampler) -> NDArray[np.intp]:
    good = np.logical_and.reduce([np.asarray(item.scene.coords["good"].values, bool) for item in scenes.values()])
    return select_bands(samples.spectra, good)


def _only_usable(scenes: Mapping[str, LabelledScene], samples: PatchSampler) -> dict[str, LabelledScene]:
    """Take labels away where the pixel has no data."""
    usable = {}
    for i, (key, item) in enumerate(scenes.items()):
        mask = np.zeros(item.scene.shape[1:], bool)
        here = samples.scene_index == i
        mask[samples.rows[here], samples.columns[here]] = True
        usable[key] = LabelledScene(item.scene, **{role: only_where(m, mask) for role, m in item.maps.items()})
    return usable


def _problem(
    scenes: Mapping[str, LabelledScene], classes: ClassTable, config: RunConfig, radius: int, patch_size: int
) -> Problem:
    return Problem(
        {key: item.labels for key, item in scenes.items()},
        classes,
        config.split,
        radius,
        patch_size,
        {key: item.test for key, item in scenes.items() if item.test is not None},
        {key: item.validation for key, item in scenes.items() if item.validation is not None},
        _tiles(scenes),
        _fold_maps(scenes, config.split),
    )


def _tiles(scenes: Mapping[str, LabelledScene]) -> dict[str, Sequence[Mapping[str, Any]]]:
    return {key: tiles_of(item.scene) for key, item in scenes.items()}


def _fold_maps(scenes: Mapping[str, LabelledScene], options: SplitOptions) -> dict[str, NDArray[np.int64]]:
    if options.fold_map is None:
        return {}
    if len(scenes) > 1:
        raise SplitError("a map of folds is of one scene; split several by tiles, with a table of folds")
    return {
        key: read_fold_map(Path(options.fold_map), grid_of(item.scene).shape, options.fold_set or 0)
        for key, item in scenes.items()
    }


def _divide(
    samples: PatchSampler, scenes: Mapping[str, LabelledScene], classes: ClassTable, split: Split
) -> tuple[PatchSampler, dict[str, NDArray[np.bool_]]]:
    """Find each sample's part and, from the part's label map, its class."""
    if set(split.scenes) != set(scenes):
        raise SplitError(f"the split is of scenes {sorted(split.scenes)} but these are {sorted(scenes)}; name its own")
    part = {name: np.zeros(len(samples), bool) for name in PARTS}
    targets = np.full(len(samples), -1, np.int64)
    for i, key in enumerate(scenes):
        here = np.flatnonzero(samples.scene_index == i)
        if split.scenes[key].train.shape != scenes[key].scene.shape[1:]:
            raise SplitError(f"the split of scene {key} has another size than the scene; name its own")
        for name in PARTS:
            labels = split.scenes[key].part(name).values[samples.rows[here], samples.columns[here]]
            index = classes.index_of(labels)
            part[name][here] = index >= 0
            targets[here] = np.where(index >= 0, index, targets[here])
    used = targets >= 0
    samples = PatchSampler(
        samples.table, samples.windows, samples.rows, samples.columns, samples.scene_index, targets
    ).select(used)
    if not part["train"].any():
        raise SplitError("the split has no usable training pixel; name another")
    return samples, {name: mask[used] for name, mask in part.items()}
