"""Our divisions as scikit-learn's cross-validation takes them, for this package's models and any others.

Each has ``split(X, y, groups)``, a generator of training and test indices, and ``get_n_splits``. Every sample is tested
on once; with a buffer, training samples near a test sample are left out of that fold.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from spectralmamba.errors import SplitError
from spectralmamba.randomness import generator
from spectralmamba.sampling.groups import assign_groups

Indices = NDArray[np.intp]


class _GroupedFolds(ABC):
    """Groups of samples dealt out to folds so that each class is spread evenly; then the buffer."""

    def __init__(self, n_splits: int, positions: ArrayLike | None, buffer: int, seed: int) -> None:
        if n_splits < 2:
            raise SplitError(f"{n_splits} folds are no cross-validation; use at least 2")
        if buffer < 0:
            raise SplitError(f"a buffer of {buffer} pixels is not possible; use 0 or more")
        if buffer and positions is None:
            raise SplitError("a buffer needs the row and column of each sample; give positions, or leave it out")
        self.n_splits, self.buffer, self.seed = n_splits, buffer, seed
        self.positions = None if positions is None else np.asarray(positions)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:  # noqa: ARG002
        """Return the number of folds."""
        return self.n_splits

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Indices, Indices]]:  # noqa: ANN401
        """Generate training and test indices of each fold.

        Parameters
        ----------
        X : array_like, shape (n, ...)
            Samples; only their number counts.
        y : array_like, shape (n,), optional
            Classes, which the folds are to have alike.
        groups : array_like, shape (n,), optional
            See the class.

        Raises
        ------
        SplitError
            Groups or positions are missing, not one a sample, or fewer than folds.
        """
        n = len(X)
        if self.positions is not None and self.positions.shape != (n, 2):
            raise SplitError(
                f"positions have shape {self.positions.shape} for {n} samples; give row and column of each"
            )
        if groups is not None and np.shape(groups) != (n,):
            raise SplitError(f"groups have shape {np.shape(groups)} for {n} samples; give one a sample")
        numbers = self._number(n, None if groups is None else np.asarray(groups))
        fold = self._deal(numbers, np.zeros(n, np.intp) if y is None else np.unique(y, return_inverse=True)[1])
        scene = self._scene(n, groups)
        for i in range(self.n_splits):
            test = fold == i
            yield np.flatnonzero(~test & ~self._near(test, scene)), np.flatnonzero(test)

    @abstractmethod
    def _number(self, n: int, groups: NDArray[Any] | None) -> NDArray[np.intp]:
        """Number, from 0 without gaps, the group of each sample that no fold divides."""

    def _scene(self, n: int, groups: Any) -> NDArray[np.intp]:  # noqa: ANN401, ARG002
        """Number the scene of each sample; positions of different scenes are never near to each other."""
        return np.zeros(n, np.intp)

    def _deal(self, numbers: NDArray[np.intp], targets: NDArray[np.intp]) -> NDArray[np.int64]:
        """Fold of each sample."""
        n_groups = int(numbers.max(initial=-1)) + 1
        if n_groups < self.n_splits:
            raise SplitError(
                f"there are {n_groups} groups for {self.n_splits} folds; use fewer folds or smaller blocks"
            )
        counts = np.zeros((n_groups, int(targets.max()) + 1), np.int64)
        np.add.at(counts, (numbers, targets), 1)
        # All samples count as one more class, so that folds come out equally large where classes do not decide.
        counts = np.column_stack([counts, counts.sum(axis=1)])
        fractions = [1 / self.n_splits] * self.n_splits
        fold = assign_groups(counts, fractions, generator(self.seed, "folds"))[numbers]
        if np.bincount(fold, minlength=self.n_splits).min() == 0:
            raise SplitError(f"the {n_groups} groups leave one of {self.n_splits} folds empty; use fewer folds")
        return fold

    def _near(self, test: NDArray[np.bool_], scene: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Mark samples within the buffer (rows and columns) of a test sample of their scene."""
        near = np.zeros(test.size, bool)
        if self.buffer == 0 or self.positions is None:
            return near
        for number in np.unique(scene[test]):
            here = np.flatnonzero(scene == number)
            tree = KDTree(self.positions[here][test[here]])
            distance, _ = tree.query(self.positions[here], p=np.inf, distance_upper_bound=self.buffer + 0.5)
            near[here] = np.isfinite(distance)
        return near


class RegionKFold(_GroupedFolds):
    """Folds that keep regions whole; ``groups`` of ``split`` gives the region of each sample.

    Parameters
    ----------
    n_splits : int
        Folds.
    positions : array_like of int, shape (n, 2), optional
        Row and column of each sample, of one scene.
    buffer : int
        Pixels (Chebyshev distance) that training samples keep from test samples; needs ``positions``. Twice the radius
        of a model shares no input between them.
    seed : int
        Of the dealing.

    Examples
    --------
    >>> found = labelled_spectra(scene, labels)  # doctest: +SKIP
    >>> cross_val_score(model, found.X, found.y, groups=found.regions, cv=RegionKFold(3))  # doctest: +SKIP
    """

    def __init__(
        self, n_splits: int = 5, *, positions: ArrayLike | None = None, buffer: int = 0, seed: int = 0
    ) -> None:
        super().__init__(n_splits, positions, buffer, seed)

    def _number(self, n: int, groups: NDArray[Any] | None) -> NDArray[np.intp]:  # noqa: ARG002
        if groups is None:
            raise SplitError("regions are given as groups; pass groups=… with the region of each sample")
        return np.unique(groups, return_inverse=True)[1]


class BlockKFold(_GroupedFolds):
    """Folds that keep square blocks whole; ``groups`` of ``split`` tells scenes apart where there are several.

    Parameters
    ----------
    positions : array_like of int, shape (n, 2)
        Row and column of each sample.
    n_splits : int
        Folds.
    block_size : int
        Pixels a side.
    buffer : int
        Pixels (Chebyshev distance) that training samples keep from test samples.
    seed : int
        Of the dealing.
    """

    def __init__(
        self, positions: ArrayLike, n_splits: int = 5, *, block_size: int = 16, buffer: int = 0, seed: int = 0
    ) -> None:
        super().__init__(n_splits, positions, buffer, seed)
        if block_size < 1:
            raise SplitError(f"blocks of {block_size} pixels are not possible; use at least 1")
        self.block_size = block_size

    def _number(self, n: int, groups: NDArray[Any] | None) -> NDArray[np.intp]:
        blocks = np.asarray(self.positions) // self.block_size
        return np.unique(np.column_stack([self._scene(n, groups), blocks]), axis=0, return_inverse=True)[1].reshape(-1)

    def _scene(self, n: int, groups: Any) -> NDArray[np.intp]:  # noqa: ANN401
        return np.zeros(n, np.intp) if groups is None else np.unique(groups, return_inverse=True)[1]
