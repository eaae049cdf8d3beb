"""How splits are made.

``regions``, ``blocks``, ``tiles`` and ``scenes`` keep training and validation pixels at least 2r + 1 pixels from every
test pixel, so that no pixel of the scene is seen both in training and in testing. ``random`` and ``fixed`` do so on
request only, and every report says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import LabelError, SplitError
from spectralmamba.sampling.buffers import within
from spectralmamba.sampling.draws import RECIPES
from spectralmamba.sampling.problem import TEST, TRAIN, UNUSED, VALIDATION, Parts, Problem, choose_recipe
from spectralmamba.sampling.split import SceneSplit, Split, only_where

GOOD = 4  # a division is good where the first four figures of its score are 0
STARVED = 0.25  # a class that keeps less than this share of the training pixels it should get is short of them


def make_split(problem: Problem) -> Split:
    """Divide labelled pixels into training, validation and test.

    Raises
    ------
    LabelError
        A class has too few pixels to be divided.
    SplitError
        The recipe leaves a class without a training pixel.
    """
    recipe: str = problem.options.recipe
    recipes = [recipe]
    if recipe == "auto":
        # Where regions lie so close that the buffer leaves too little of some class, blocks may keep more.
        recipes = ["regions", "blocks"] if choose_recipe(problem) == "regions" else ["blocks"]
    if recipe == "fixed" and not problem.test:
        raise SplitError("a fixed split needs labels of test pixels; give them with --test-labels")
    if recipe not in ("fixed", "all"):
        _check_counts(problem)
    best = _best_draw(problem, recipes[0])
    for other in recipes[1:]:
        if any(best.score[:GOOD]):
            best = min(best, _best_draw(problem, other), key=lambda proposal: proposal.score)
    _check_result(problem, best.recipe, best.parts)
    return _as_split(problem, best)


@dataclass(frozen=True, eq=False)
class _Proposal:
    """One division, buffered; ``score`` says how far it is from good."""

    recipe: str
    parts: dict[str, Parts]
    details: dict[str, Any]
    score: tuple[int, ...]


def _best_draw(problem: Problem, recipe: str) -> _Proposal:
    """Take the first good draw of a recipe, or the best."""
    best: _Proposal | None = None
    for parts, details in RECIPES[recipe](problem):
        dropped = _buffer(parts, problem.options.buffer_for(recipe, problem.radius))
        proposal = _Proposal(recipe, parts, details | {"buffered_pixels": dropped}, _score(problem, parts))
        if best is None or proposal.score < best.score:
            best = proposal
        if not any(best.score[:GOOD]):
            break
    assert best is not None  # noqa: S101 - every recipe yields at least once
    return best


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
    if counts[TEST].sum() == 0 and recipe != "all":
        raise SplitError(f"split '{recipe}' leaves no test pixel; use another recipe or a smaller --train-fraction")


def _as_split(problem: Problem, proposal: _Proposal) -> Split:
    scenes = {}
    for key, part in proposal.parts.items():
        labels = problem.labels[key].copy(data=_all_labels(problem, key))
        scenes[key] = SceneSplit(*(only_where(labels, part == number) for number in (TRAIN, VALIDATION, TEST)))
    options = problem.options
    buffer = options.buffer_for(proposal.recipe, problem.radius)
    return Split(scenes, proposal.recipe, options.seed, problem.radius, buffer, proposal.details)
