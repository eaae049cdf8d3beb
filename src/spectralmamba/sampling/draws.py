"""The recipes: each proposes divisions of the labelled pixels, until the caller is content with one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SplitError
from spectralmamba.randomness import generator
from spectralmamba.sampling.groups import (
    Groups,
    assign_groups,
    block_groups,
    count_classes,
    region_groups,
    tile_groups,
)
from spectralmamba.sampling.options import SplitOptions
from spectralmamba.sampling.problem import MIN_REGIONS, TEST, TRAIN, UNUSED, VALIDATION, Parts, Problem, choose_recipe
from spectralmamba.sampling.split import only_where
from spectralmamba.sampling.whole_scenes import hold_out_scenes

BLOCK_SIZES = (128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4)
MIN_BLOCKS = 12  # in all; with fewer the parts cannot come close to their fractions
DRAWS, FURTHER_DRAWS = 12, 3

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
    for i, size in enumerate(sizes):
        groups = {key: block_groups(labels.values, size) for key, labels in problem.labels.items()}
        # Where the best size has not given a good division, few draws of the others tell whether one of them does.
        draws = DRAWS if i == 0 else FURTHER_DRAWS
        yield from islice(_grouped(problem, groups, {"block_size": size}), draws)


def _block_sizes(problem: Problem) -> list[int]:
    """Sizes to try: from the largest that gives every class three blocks downwards, then the larger ones."""
    for i, size in enumerate(BLOCK_SIZES):
        total, counts = 0, np.zeros(len(problem.classes), np.int64)
        for key, labels in problem.labels.items():
            groups = block_groups(labels.values, size)
            n = int(groups.max())
            counts += (count_classes(groups, problem.targets(key), n, len(problem.classes)) > 0).sum(axis=0)
            total += n
        if total >= MIN_BLOCKS and (counts >= MIN_REGIONS).all():
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
    for parts, details in _grouped(
        problem, train, {"test_fold": (problem.options.test_fold or 0)}, _selection(problem)
    ):
        for key, mask in held_out.items():
            parts[key][mask & (groups[key] > 0)] = TEST
        yield parts, details


def _held_out(
    problem: Problem, groups: Mapping[str, Groups], names: Sequence[tuple[str, int, str]], folds: Mapping[str, int]
) -> dict[str, NDArray[np.bool_]]:
    fold = problem.options.test_fold or 0
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
    if options.train_count is not None and options.train_count >= n:
        raise SplitError(
            f"a class has {n} usable pixels, so {options.train_count} to learn from leave none to test on; "
            "use a smaller --train-count, or --train-fraction"
        )
    wanted = options.train_count if options.train_count is not None else round(n * options.train_fraction)
    learned = min(max(wanted, 1), n - 1)  # training and validation together
    selected = min(round(learned * options.validation_fraction), learned - 1)
    return np.split(pixels, [learned - selected, learned])


def _all(problem: Problem) -> Draw:
    """All labelled pixels to learn from; validation is taken out of them by region, or by block."""
    yield from _selecting(problem, validate=True)


def _fixed(problem: Problem) -> Draw:
    """Given maps; validation, where none is given, is taken out of training by region, or by block."""
    _require_disjoint(problem)
    for parts, details in _selecting(problem, validate=not problem.validation):
        for key in parts:
            for number, maps in ((VALIDATION, problem.validation), (TEST, problem.test)):
                if key in maps:
                    parts[key] = np.where(maps[key].values > 0, number, parts[key])
        yield parts, details


def _selecting(problem: Problem, *, validate: bool) -> Draw:
    """All labelled pixels to learn from, with ``validate`` some regions, or blocks, of them for selection."""
    if not validate or problem.options.validation_fraction == 0:
        return iter([({k: np.where(v.values > 0, TRAIN, UNUSED) for k, v in problem.labels.items()}, {})])
    if choose_recipe(problem) == "regions":
        groups = {key: region_groups(labels.values) for key, labels in problem.labels.items()}
        return _grouped(problem, groups, {"validation": "regions"}, _selection(problem))
    size = _block_sizes(problem)[0]
    groups = {key: block_groups(labels.values, size) for key, labels in problem.labels.items()}
    return _grouped(problem, groups, {"validation": f"blocks of {size}"}, _selection(problem))


def _folds(problem: Problem) -> Draw:
    """One fold of a map of folds held out; validation is taken out of the others by region, or by block."""
    fold = problem.options.test_fold or 0
    held_out = {key: problem.fold_maps[key] == fold for key in problem.labels}
    inside = {key: problem.fold_maps[key] >= 0 for key in problem.labels}
    tests = {key: held_out[key] & (labels.values > 0) for key, labels in problem.labels.items()}
    if not any(mask.any() for mask in tests.values()):
        raise SplitError(f"the map of folds has no labelled pixel in test fold {fold}; name another with --test-fold")
    learned = {key: only_where(labels, inside[key] & ~held_out[key]) for key, labels in problem.labels.items()}
    if not any((labels.values > 0).any() for labels in learned.values()):
        raise SplitError(f"the map of folds has all labelled pixels in test fold {fold}; nothing is left to train on")
    details = {"test_fold": fold, "fold_set": problem.options.fold_set or 0}
    for parts, more in _selecting(replace(problem, labels=learned), validate=True):
        for key, mask in tests.items():
            parts[key][mask] = TEST
        yield parts, details | more


def _scenes(problem: Problem) -> Draw:
    """Whole scenes to test on; for validation too where there are enough, or else some regions or blocks."""
    for draw in range(DRAWS):
        held_out = hold_out_scenes(problem, generator(problem.options.seed, "scenes", draw))
        details = {"test_scenes": list(held_out.test), "validation_scenes": list(held_out.validation)}
        learned = held_out.learned(problem)
        for parts, more in islice(_selecting(learned, validate=not held_out.validation), FURTHER_DRAWS):
            for key, part in parts.items():
                whole = VALIDATION if key in held_out.validation else TEST if key in held_out.test else None
                if whole is not None:
                    parts[key] = np.where(problem.labels[key].values > 0, whole, part)
            yield parts, details | more


def _require_disjoint(problem: Problem) -> None:
    roles = {"training": problem.labels, "validation": problem.validation, "test": problem.test}
    for (one, maps), (other, others) in combinations(roles.items(), 2):
        for key in maps.keys() & others.keys():
            if ((maps[key].values > 0) & (others[key].values > 0)).any():
                raise SplitError(
                    f"pixels of scene {key} are in both the {one} and the {other} labels; "
                    "a fixed split must be disjoint"
                )


RECIPES: dict[str, Callable[[Problem], Draw]] = {
    "all": _all,
    "fixed": _fixed,
    "random": _random,
    "blocks": _blocks,
    "regions": _regions,
    "tiles": _tiles,
    "folds": _folds,
    "scenes": _scenes,
}
