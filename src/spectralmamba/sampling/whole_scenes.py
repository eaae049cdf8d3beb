"""Which scenes are held out whole: to test on, and to select with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spectralmamba.errors import SplitError
from spectralmamba.sampling.problem import Problem
from spectralmamba.sampling.split import only_where

FEWEST_TO_SELECT = 3  # learned scenes; of fewer, one for selection would be half or more of what there is to learn


@dataclass(frozen=True)
class HeldOut:
    """Keys of the scenes to test on, and of those to select with; without the latter, training scenes are divided."""

    test: tuple[str, ...]
    validation: tuple[str, ...] = ()

    def learned(self, problem: Problem) -> Problem:
        """Give the same task with the labels of the other scenes only."""
        kept = {
            key: only_where(labels, np.full(labels.shape, key not in (*self.test, *self.validation)))
            for key, labels in problem.labels.items()
        }
        return replace(problem, labels=kept)


def hold_out_scenes(problem: Problem, rng: np.random.Generator) -> HeldOut:
    """Choose the scenes to hold out, those that were named and otherwise at random.

    Scenes that were not named are drawn until their mean share of the classes is as near to the wanted one as it gets;
    none is taken that would leave a class without a scene to learn it from. Scenes to select with are drawn where
    three or more are left.

    Parameters
    ----------
    problem : Problem
    rng : numpy.random.Generator

    Raises
    ------
    SplitError
        There are fewer than two scenes, a name is none of theirs or in both parts, or what is held out leaves nothing
        to learn from or takes all scenes of a class.
    """
    options, keys = problem.options, list(problem.labels)
    counts = np.stack([np.bincount(t[t >= 0], minlength=len(problem.classes)) for t in map(problem.targets, keys)])
    labelled = np.flatnonzero(counts.sum(axis=1)).tolist()
    if len(labelled) < 2:
        raise SplitError(
            "there is one scene with labels, so none can be held out whole; add others with --pair or --pairs, or "
            "split it by regions or blocks"
        )
    test, validation = (_places(keys, names) for names in (options.test_scenes, options.validation_scenes))
    _require_apart(keys, labelled, test, validation)
    if not test:
        test = _draw_test(problem, counts, _without(labelled, validation), rng)
    learned = _without(labelled, [*test, *validation])
    if not validation and options.validation_fraction > 0 and len(learned) >= FEWEST_TO_SELECT:
        validation = _draw(counts, learned, options.validation_fraction, rng)
    _require_classes(problem, keys, counts, [*test, *validation])
    return HeldOut(*(tuple(keys[i] for i in sorted(chosen)) for chosen in (test, validation)))


def _draw_test(problem: Problem, counts: NDArray[np.int64], free: list[int], rng: np.random.Generator) -> list[int]:
    if len(free) < 2:
        raise SplitError("one scene is left to learn from and to test on; hold out fewer for validation, or add others")
    test = _draw(counts, free, 1 - problem.options.train_fraction, rng)
    if not test:
        lone = np.flatnonzero((counts[free] > 0).sum(axis=0) == 1)
        raise SplitError(
            f"each scene alone has some class ({', '.join(problem.classes.names[i] for i in lone)}), so none can be "
            "tested on; leave such classes out with --drop-class, or split by regions or blocks"
        )
    return test


def _draw(counts: NDArray[np.int64], free: Sequence[int], wanted: float, rng: np.random.Generator) -> list[int]:
    """Draw from ``free`` scenes until their mean share of the classes in these comes nearest to ``wanted``.

    Parameters
    ----------
    counts : ndarray of int, shape (n_scenes, n_classes)
    """
    present = counts[list(free)].sum(axis=0)
    share = (counts / np.maximum(present, 1)).sum(axis=1) / max((present > 0).sum(), 1)
    chosen: list[int] = []
    skipped: list[int] = []
    total = 0.0
    for i in rng.permutation(np.asarray(free)).tolist():
        left = counts[_without(free, [*chosen, i])].sum(axis=0)
        if (left[present > 0] == 0).any():
            continue
        if abs(total + share[i] - wanted) <= abs(total - wanted):
            chosen.append(i)
            total += share[i]
        else:
            skipped.append(i)
    return chosen or sorted(skipped, key=lambda i: share[i])[:1]


def _without(scenes: Sequence[int], taken: Sequence[int]) -> list[int]:
    return [i for i in scenes if i not in taken]


def _places(keys: Sequence[str], names: Sequence[str]) -> list[int]:
    unknown = [name for name in names if name not in keys]
    if unknown:
        raise SplitError(f"there is no scene {unknown[0]!r} to hold out; the scenes are {', '.join(keys)}")
    return [keys.index(name) for name in dict.fromkeys(names)]


def _require_apart(
    keys: Sequence[str], labelled: Sequence[int], test: Sequence[int], validation: Sequence[int]
) -> None:
    both = [keys[i] for i in test if i in validation]
    if both:
        raise SplitError(f"scene {both[0]} is to be tested on and selected with; name it for one of the two")
    if not _without(labelled, [*test, *validation]):
        raise SplitError("all scenes with labels are held out, so none is left to learn from; hold out fewer")


def _require_classes(problem: Problem, keys: Sequence[str], counts: NDArray[np.int64], held_out: Sequence[int]) -> None:
    learned = counts[_without(range(len(keys)), held_out)].sum(axis=0)
    missing = [i for i in np.flatnonzero(learned == 0) if counts[:, i].any()]
    if missing:
        numbers = [problem.classes.numbers[i] for i in missing]
        names = ", ".join(f"{number} {problem.classes.name_of(number)}" for number in numbers)
        drop = " ".join(f"--drop-class {number}" for number in numbers)
        raise SplitError(
            f"classes that only scenes held out have cannot be learned ({names}; held out are "
            f"{', '.join(keys[i] for i in sorted(held_out))}); hold out others, or leave them out with {drop}"
        )
