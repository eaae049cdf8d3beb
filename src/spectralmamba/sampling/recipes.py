"""How splits are made.

``regions``, ``blocks`` and ``tiles`` keep training and validation pixels at least 2r + 1 pixels from every test pixel,
so that no pixel of the scene is seen both in training and in testing. ``random`` and ``fixed`` do so on request only,
and every report says so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SplitError
from spectralmamba.labels import ClassTable
from spectralmamba.randomness import generator
from spectralmamba.sampling.buffers import within
from spectralmamba.sampling.groups import (
    Groups,
    assign_groups,
    block_groups,
    count_classes,
    region_groups,
    tile_groups,
)
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.split import SceneSplit, Split, only_where

MIN_REGIONS = 3  # one region of each class for training, one for selection, one for testing
MORE_THAN_A_POINT = 2  # pixels; point labels are divided by block even where the model looks at single pixels
BLOCK_SIZES = (128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4)
DRAWS = 12
STARVED = 0.25  # a class that keeps less than this share of the training pixels it should get is short of them
TRAIN, VALIDATION, TEST, UNUSED = 0, 1, 2, -1

Parts = NDArray[np.int64]  # (height, width): one of the four numbers above


@dataclass(frozen=True)
class Problem:
    """Labels of one or several scenes, and everything that recipes ask of them.

    Attributes
    ----------
    labels : mapping of str to DataArray (y, x)
        Usable labelled pixels of each scene.
    classes : ClassTable
        The classes that occur.
    options : SplitOptions
        What the user asked for.
    radius, patch_size : int
        How far the model looks; P.
    test, validation : mapping of str to DataArray
        For ``fixed``: given label maps.
    tiles : mapping of str to sequence of mapping
        Tiles of each mosaic, as ``scene.attrs["tiles"]``.
    """

    labels: Mapping[str, xr.DataArray]
    classes: ClassTable
    options: SplitOptions
    radius: int
    patch_size: int
    test: Mapping[str, xr.DataArray] = field(default_factory=dict)
    validation: Mapping[str, xr.DataArray] = field(default_factory=dict)
    tiles: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def targets(self, key: str) -> NDArray[np.int64]:
        """Class index of each pixel of a scene, -1 where unlabelled."""
        return np.asarray(self.classes.index_of(self.labels[key].values))


def make_split(problem: Problem) -> Split:
    """Divide labelled pixels into training, validation and test.

    Raises
    ------
    LabelError
        A class has too few pixels to be divided.
    SplitError
        The recipe leaves a class without a training pixel.
    """
    recipe = choose_recipe(problem) if problem.options.recipe == "auto" else problem.options.recipe
    if recipe != "fixed":
        _check_counts(problem)
    best: tuple[tuple[int, ...], dict[str, Parts], dict[str, Any]] | None = None
    for parts, details in _RECIPES[recipe](problem):
        dropped = _buffer(parts, problem.options.buffer_for(recipe, problem.radius))
        score = _score(problem, parts)
        if best is None or score < best[0]:
            best = score, parts, details | {"buffered_pixels": dropped}
        if not any(score[:4]):
            break
    assert best is not None  # noqa: S101 - every recipe yields at least once
    _check_result(problem, recipe, best[1])
    return _as_split(problem, recipe, best[1], best[2])


def choose_recipe(problem: Problem) -> str:
    """Pick the default: regions where they are many and large enough, otherwise blocks (DESIGN, Semantics 7)."""
    counts, sizes = np.zeros(len(problem.classes), np.int64), []
    for key, labels in problem.labels.items():
        groups = region_groups(labels.values)
        per_region = count_classes(groups, problem.targets(key), int(groups.max()), len(problem.classes))
        counts += (per_region > 0).sum(axis=0)
        sizes.append(per_region.sum(axis=1))
    large = np.median(np.concatenate(sizes)) >= max(problem.patch_size**2, MORE_THAN_A_POINT)
    return "regions" if large and (counts >= MIN_REGIONS).all() else "blocks"


def _check_counts(problem: Problem) -> None:
    totals = sum(
        np.bincount(problem.targets(key)[problem.targets(key) >= 0], minlength=len(problem.classes))
        for key in problem.labels
    )
    for number, total in zip(problem.classes.numbers, np.atleast_1d(totals), strict=True):
        if total == 1:
            raise LabelError(
                f"class {number} ({problem.classes.name_of(number)}) has one usable labelled pixel, too few to train "
                f"and test on; label more of it or leave it out with --drop-class {number}"
            )


Draw = Iterator[tuple[dict[str, Parts], dict[str, Any]]]


def _grouped(
    problem: Problem, groups: Mapping[str, Groups], details: dict[str, Any], fractions: Sequence[float] | None = None
) -> Draw:
    """Deal groups out to the three parts, again and again until the caller is content."""
    counts, offsets = [], {}
    total = 0
    for key, g in groups.items():
        n = int(g.max())
        counts.append(count_classes(g, problem.targets(key), n, len(problem.classes)))
        offsets[key] = total
        total += n
    table = np.concatenate(counts)
    for draw in range(DRAWS):
        rng = generator(problem.options.seed, "split", draw)
        dealt = np.append(assign_groups(table, fractions or problem.options.fractions, rng), UNUSED)
        parts = {key: dealt[np.where(g > 0, g - 1 + offsets[key], total)] for key, g in groups.items()}
        yield parts, details | {"groups": total, "draw": draw}


def _regions(problem: Problem) -> Draw:
    yield from _grouped(problem, {key: region_groups(labels.values) for key, labels in problem.labels.items()}, {})


def _blocks(problem: Problem) -> Draw:
    """Blocks as large as allow every class three of them; smaller ones where the buffer then leaves a class out."""
    asked = problem.options.block_size
    sizes = [asked] if asked else _block_sizes(problem)
    for size in sizes:
        groups = {key: block_groups(labels.values, size) for key, labels in problem.labels.items()}
        yield from _grouped(problem, groups, {"block_size": size})


def _block_sizes(problem: Problem) -> list[int]:
    """Sizes to try: from the largest that gives every class three blocks downwards, then the larger ones."""
    for i, size in enumerate(BLOCK_SIZES):
        counts = np.zeros(len(problem.classes), np.int64)
        for key, labels in problem.labels.items():
            groups = block_groups(labels.values, size)
            counts += (count_classes(groups, problem.targets(key), int(groups.max()), len(problem.classes)) > 0).sum(0)
        if (counts >= MIN_REGIONS).all():
            return list(BLOCK_SIZES[i:] + BLOCK_SIZES[:i])
    return list(BLOCK_SIZES)


def _tiles(problem: Problem) -> Draw:
    """Whole tiles of a mosaic, or whole scenes; by a table of folds where one is given."""
    groups = {key: tile_groups(labels.values, problem.tiles.get(key, ())) for key, labels in problem.labels.items()}
    names = [
        (key, i + 1, str(tile["name"]))
        for key in problem.labels
        for i, tile in enumerate(problem.tiles.get(key) or [{"name": key}])
    ]
    if len(names) < 2:
        raise SplitError("the scene is one tile, so tiles cannot divide it; use --split blocks or regions")
    folds = problem.options.folds
    if folds is None:
        yield from _grouped(problem, groups, {})
        return
    missing = [name for _, _, name in names if name not in folds]
    if missing:
        raise SplitError(f"the table of folds has no row for tile {missing[0]}; add one")
    held_out = _held_out(problem, groups, names, folds)
    train = {key: np.where(held_out[key], 0, g) for key, g in groups.items()}
    for parts, details in _grouped(problem, train, {"test_fold": problem.options.test_fold}, _selection(problem)):
        for key, mask in held_out.items():
            parts[key][mask & (groups[key] > 0)] = TEST
        yield parts, details


def _held_out(
    problem: Problem, groups: Mapping[str, Groups], names: Sequence[tuple[str, int, str]], folds: Mapping[str, int]
) -> dict[str, NDArray[np.bool_]]:
    fold = problem.options.test_fold
    tests = [(key, group) for key, group, name in names if folds[name] == fold]
    if not tests or len(tests) == len(names):
        raise SplitError(
            f"test fold {fold} holds {len(tests)} of the {len(names)} tiles; name another with --test-fold"
        )
    return {key: np.isin(g, [group for k, group in tests if k == key]) for key, g in groups.items()}


def _selection(problem: Problem) -> tuple[float, float, float]:
    """Fractions where testing is settled and only validation has to be taken out of training."""
    share = problem.options.validation_fraction
    return 1 - share, share, 0.0


def _random(problem: Problem) -> Draw:
    """Pixels drawn by class, a count or a fraction of each, whatever lies beside them."""
    options, rng = problem.options, generator(problem.options.seed, "split")
    parts = {key: np.full(labels.shape, UNUSED) for key, labels in problem.labels.items()}
    keys = list(parts)
    for index in range(len(problem.classes)):
        where = [np.argwhere(problem.targets(key) == index) for key in keys]
        pixels = np.concatenate([np.insert(w, 0, i, axis=1) for i, w in enumerate(where)])
        rng.shuffle(pixels)
        for part, chosen in zip((TRAIN, VALIDATION, TEST), _divide(pixels, options), strict=True):
            for i, key in enumerate(keys):
                of_scene = chosen[chosen[:, 0] == i]
                parts[key][of_scene[:, 1], of_scene[:, 2]] = part
    yield parts, {"train_count": options.train_count, "train_fraction": options.train_fraction}


def _divide(pixels: NDArray[np.int64], options: SplitOptions) -> list[NDArray[np.int64]]:
    """Training, validation and test pixels of one class, at least one for training and one for testing."""
    n = len(pixels)
    wanted = options.train_count if options.train_count is not None else round(n * options.train_fraction)
    learned = min(max(wanted, 1), n - 1)  # training and validation together
    selected = min(round(learned * options.validation_fraction), learned - 1)
    return np.split(pixels, [learned - selected, learned])


def _fixed(problem: Problem) -> Draw:
    """Given maps; validation, where none is given, is taken out of training by region, or by block."""
    learn = replace(problem, options=replace(problem.options, recipe="auto"))
    given = bool(problem.validation)
    _require_disjoint(problem)
    if given or problem.options.validation_fraction == 0:
        draws: Draw = iter([({k: np.where(v.values > 0, TRAIN, UNUSED) for k, v in problem.labels.items()}, {})])
    elif choose_recipe(learn) == "regions":
        groups = {key: region_groups(labels.values) for key, labels in problem.labels.items()}
        draws = _grouped(problem, groups, {"validation": "regions"}, _selection(problem))
    else:
        size = _block_sizes(problem)[0]
        groups = {key: block_groups(labels.values, size) for key, labels in problem.labels.items()}
        draws = _grouped(problem, groups, {"validation": f"blocks of {size}"}, _selection(problem))
    for parts, details in draws:
        for key in parts:
            for number, maps in ((VALIDATION, problem.validation), (TEST, problem.test)):
                if key in maps:
                    parts[key] = np.where(maps[key].values > 0, number, parts[key])
        yield parts, details


def _require_disjoint(problem: Problem) -> None:
    roles = {"training": problem.labels, "validation": problem.validation, "test": problem.test}
    for (one, maps), (other, others) in combinations(roles.items(), 2):
        for key in maps.keys() & others.keys():
            if ((maps[key].values > 0) & (others[key].values > 0)).any():
                raise SplitError(
                    f"pixels of scene {key} are in both the {one} and the {other} labels; "
                    "a fixed split must be disjoint"
                )


_RECIPES: dict[str, Callable[[Problem], Draw]] = {
    "fixed": _fixed,
    "random": _random,
    "blocks": _blocks,
    "regions": _regions,
    "tiles": _tiles,
}


def _buffer(parts: dict[str, Parts], distance: int) -> int:
    """Drop training and validation pixels within ``distance`` of a test pixel, in place; say how many."""
    dropped = 0
    if distance == 0:
        return dropped
    for part in parts.values():
        near = within(part == TEST, distance) & ((part == TRAIN) | (part == VALIDATION))
        dropped += int(near.sum())
        part[near] = UNUSED
    return dropped


def _all_labels(problem: Problem, key: str) -> NDArray[np.integer]:
    """Labels of a scene, those of given validation and test maps among them."""
    labels: NDArray[np.integer] = problem.labels[key].values
    for maps in (problem.validation, problem.test):
        if key in maps:
            labels = np.where(maps[key].values > 0, maps[key].values, labels)
    return labels


def _class_counts(problem: Problem, parts: Mapping[str, Parts]) -> NDArray[np.int64]:
    """Pixels of each class in each part, shape (3, n_classes)."""
    counts = np.zeros((3, len(problem.classes)), np.int64)
    for key, part in parts.items():
        targets = problem.classes.index_of(_all_labels(problem, key))
        for number in (TRAIN, VALIDATION, TEST):
            inside = targets[(part == number) & (targets >= 0)]
            counts[number] += np.bincount(inside, minlength=len(problem.classes))
    return counts


def _score(problem: Problem, parts: Mapping[str, Parts]) -> tuple[int, ...]:
    """How far a draw is from good, what matters most first.

    Classes missing from training, from testing, from validation; classes short of training pixels; pixels lost.
    """
    counts = _class_counts(problem, parts)
    missing = (counts == 0).sum(axis=1)
    selecting = problem.options.validation_fraction > 0
    wanted = problem.options.fractions[TRAIN] * counts.sum(axis=0)
    starved = int((counts[TRAIN] < STARVED * wanted).sum())
    return int(missing[TRAIN]), int(missing[TEST]), int(missing[VALIDATION]) * selecting, starved, -int(counts.sum())


def _check_result(problem: Problem, recipe: str, parts: Mapping[str, Parts]) -> None:
    counts = _class_counts(problem, parts)
    without = [n for n, c in zip(problem.classes.numbers, counts[TRAIN], strict=True) if c == 0]
    if without:
        raise SplitError(
            f"split '{recipe}' leaves class {without[0]} without a training pixel; "
            f"use another recipe or a smaller patch, label more of it, or leave it out with --drop-class {without[0]}"
        )
    if counts[TEST].sum() == 0:
        raise SplitError(f"split '{recipe}' leaves no test pixel; use another recipe or a smaller --train-fraction")


def _as_split(problem: Problem, recipe: str, parts: Mapping[str, Parts], details: dict[str, Any]) -> Split:
    scenes = {}
    for key, part in parts.items():
        labels = problem.labels[key].copy(data=_all_labels(problem, key))
        scenes[key] = SceneSplit(*(only_where(labels, part == number) for number in (TRAIN, VALIDATION, TEST)))
    options = problem.options
    return Split(scenes, recipe, options.seed, problem.radius, options.buffer_for(recipe, problem.radius), details)
