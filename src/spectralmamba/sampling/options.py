"""What a user can ask of a split."""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from spectralmamba.errors import ConfigError, SplitError

Recipe = Literal["auto", "fixed", "random", "blocks", "regions", "tiles", "folds", "scenes", "all"]
UNBUFFERED = ("fixed", "random")


@dataclass(frozen=True)
class SplitOptions:
    """Options of a split.

    Attributes
    ----------
    recipe : str
        ``auto`` takes regions where they are many and large enough, otherwise blocks. ``all`` learns from
        all labels and leaves no test pixels; the run is evaluated on others, 2r from those that it learned from.
    train_fraction : float
        Share of the labelled pixels to learn from, validation included; the rest is test.
    train_count : int, optional
        For ``random``: this many pixels of each class to learn from, validation included, in place of a fraction.
    validation_fraction : float
        Share of the pixels to learn from that is set aside for selection and early stopping; 0 for none.
    block_size : int, optional
        For ``blocks``, in pixels; chosen from the labels where not given.
    folds : mapping of str to int, optional
        For ``tiles``: fold of each tile, by file name.
    fold_map : str, optional
        For ``folds``: file with the fold of each pixel; see :func:`spectralmamba.sampling.fold_maps.read_fold_map`.
    fold_set : int, optional
        Which division, where the file holds several; 0 where not given.
    test_fold : int, optional
        With ``folds`` or ``fold_map``: the fold held out; 0 where not given.
    test_scenes, validation_scenes : tuple of str
        For ``scenes``: keys of the scenes to hold out; drawn where not given, those for validation only where at least
        three scenes are left to learn from. Fewer are divided by region, or by block.
    buffer : int, optional
        Distance to keep from test pixels; 2r where not given, and 0 for ``fixed`` and ``random``.
    seed : int
        Of the draws.
    """

    recipe: Recipe = "auto"
    train_fraction: float = 0.6
    train_count: int | None = None
    validation_fraction: float = 0.2
    block_size: int | None = None
    folds: Mapping[str, int] | None = None
    fold_map: str | None = None
    fold_set: int | None = None
    test_fold: int | None = None
    test_scenes: tuple[str, ...] = ()
    validation_scenes: tuple[str, ...] = ()
    buffer: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.recipe not in get_args(Recipe):
            raise ConfigError(f"there is no split recipe {self.recipe!r}; use one of: {', '.join(get_args(Recipe))}")
        if not 0 < self.train_fraction < 1:
            raise ConfigError(f"train fraction {self.train_fraction} leaves nothing to learn or test; use 0 < f < 1")
        if not 0 <= self.validation_fraction < 1:
            raise ConfigError(f"validation fraction {self.validation_fraction} is not possible; use 0 <= f < 1")
        for name in ("train_count", "block_size"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name.replace('_', ' ')} {value} is not possible; use at least 1")
        if self.buffer is not None and self.buffer < 0:
            raise ConfigError(f"buffer {self.buffer} is not possible; use 0 or more pixels")
        if self.seed < 0:
            raise ConfigError(f"seed {self.seed} is not possible; use 0 or more")
        if self.train_count is not None and self.recipe != "random":
            raise ConfigError("a train count goes with --split random; use a train fraction otherwise")
        if self.block_size is not None and self.recipe != "blocks":
            raise ConfigError("a block size goes with --split blocks; leave it out otherwise")
        if self.test_fold is not None and self.folds is None and self.fold_map is None:
            raise ConfigError("a test fold goes with a table or map of folds; give --folds, or leave it out")
        self._check_fold_map()
        if (self.test_scenes or self.validation_scenes) and self.recipe != "scenes":
            raise ConfigError("scenes to hold out go with --split scenes; leave them out otherwise")

    def _check_fold_map(self) -> None:
        if (self.recipe == "folds") != (self.fold_map is not None):
            raise ConfigError("a map of folds goes with --split folds; give both, or neither")
        if self.fold_set is not None and (self.fold_map is None or self.fold_set < 0):
            raise ConfigError("a fold set is a number from 0 that goes with a map of folds; leave it out otherwise")
        if self.folds is not None and self.recipe != "tiles":
            raise ConfigError("a table of folds goes with --split tiles; leave it out otherwise")

    @property
    def fractions(self) -> tuple[float, float, float]:
        """Shares of training, validation and test."""
        learned = self.train_fraction
        return learned * (1 - self.validation_fraction), learned * self.validation_fraction, 1 - learned

    def buffer_for(self, recipe: str, radius: int) -> int:
        """Distance that a recipe keeps from test pixels for a model of this radius."""
        if self.buffer is not None:
            return self.buffer
        return 0 if recipe in UNBUFFERED else 2 * radius


def read_folds(path: Path) -> dict[str, int]:
    """Read a table of folds: CSV with the columns ``tile`` (file name) and ``fold`` (integer).

    Raises
    ------
    SplitError
        The file is missing or has other columns or values.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(row["tile"], int(row["fold"])) for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError) as error:
        raise SplitError(f"cannot read the table of folds {path} ({error}); name a CSV file") from error
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise SplitError(f"{path} is no table of folds; it needs the columns 'tile' and 'fold' (an integer)") from error
    folds = dict(rows)
    if len(folds) < len(rows):
        twice = next(tile for tile, count in Counter(tile for tile, _ in rows).items() if count > 1)
        raise SplitError(f"the table of folds {path} names tile {twice} more than once; keep one row for it")
    if not folds:
        raise SplitError(f"the table of folds {path} has no rows; it needs the columns 'tile' and 'fold' (an integer)")
    return folds
